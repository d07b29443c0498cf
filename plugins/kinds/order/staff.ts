import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { OrderParts } from '../../confirmations/change.ts'
import { readIndexes } from '../../store/indexes.ts'
import type { OrderMoves } from './moves.ts'
import type { RefundRow, RefundRows } from './refunds.ts'
import { accountHash, type OrderRow, readRow } from './rows.ts'
import { type OrderState, sourcesOf } from './states.ts'

/** By which staff find orders. */
export interface OrderFilter {
  connector?: string
  number?: string
  /** 户号, with `connector`. */
  account?: string
  user?: string
  state?: OrderState
  channel?: string
  /** Epoch milliseconds of the order's making. */
  from?: number
  to?: number
  page: number
  pageSize: number
}

export interface NoticeRow {
  channel: string
  verdict: string
  at: number
}

/** States from which staff give money back: nothing of the hub's own is under way with them. */
const REFUNDABLE: readonly OrderState[] = ['written-off', 'settled', 'exception']

export interface StaffOrders {
  find(filter: OrderFilter): Promise<{ rows: OrderRow[]; total: number }>
  read(id: string): Promise<{ order: OrderRow; refund: RefundRow | null; notices: NoticeRow[] } | null>
}

export function createStaffOrders(database: Database, vault: Vault, refunds: RefundRows): StaffOrders {
  return {
    async find({ connector, number, account, user, state, channel, from, to, page, pageSize }) {
      const exact = {
        ...(connector === undefined ? {} : { connector }),
        ...(number === undefined ? {} : { number }),
        ...(user === undefined ? {} : { user_id: user }),
        ...(state === undefined ? {} : { state }),
        ...(channel === undefined ? {} : { channel }),
      }
      const hashes =
        account === undefined ? null : (await readIndexes(database, vault)).each((key) => accountHash(key, connector ?? '', account))
      const query = () => {
        const found = database('orders').where(exact)
        if (hashes) found.whereIn('account_hash', hashes)
        if (from !== undefined) found.where('created_at', '>=', from)
        if (to !== undefined) found.where('created_at', '<', to)
        return found
      }
      const [count] = await query().count({ n: '*' })
      const rows = await query()
        .orderBy([{ column: 'created_at', order: 'desc' }, 'id'])
        .offset((page - 1) * pageSize)
        .limit(pageSize)
      return { rows: rows.map(readRow), total: Number(count?.['n']) }
    },
    async read(id) {
      const row = (await database('orders').where({ id }).first()) as OrderRow | undefined
      if (!row) return null
      const notices = (await database('payment_notices').where({ order_number: row.number }).orderBy('id').limit(100)) as NoticeRow[]
      return {
        order: readRow(row),
        refund: await refunds.of(row),
        notices: notices.map((notice) => ({ ...notice, at: Number(notice.at) })),
      }
    },
  }
}

/** What two administrators do together, in the transaction in which the second confirms it. */
export function createOrderParts(
  refunds: RefundRows,
  wake: (id: string, dueAt: number) => void,
  moves: OrderMoves,
  now: () => number = Date.now,
): Omit<OrderParts, 'settle'> {
  async function move(
    transaction: Knex.Transaction,
    id: string,
    from: readonly OrderState[],
    to: OrderState,
    cause: string,
  ): Promise<OrderRow> {
    const found = (await transaction('orders').where({ id }).first()) as OrderRow | undefined
    if (!found) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这个订单。' })
    const row = readRow(found)
    const at = now()
    const free = to === 'closed' ? { open_bill: null } : {}
    const due_at = to === 'refunding' || to === 'paid' ? at : null
    const times = { ...(to === 'paid' ? { taken_at: at } : {}), ...(to === 'written-off' ? { written_off_at: at } : {}) }
    // A write-off of which nobody knows stays one: the company is asked before anything else is done.
    const sent_at = to === 'paid' || to === 'refunding' ? row.sent_at : null
    const moved = await transaction('orders')
      .where({ id, state: row.state, lease_owner: null })
      .whereIn('state', from)
      .whereIn('state', sourcesOf(to))
      .update({ ...free, ...times, state: to, due_at, failures: 0, sent_at, last_error: null, updated_at: at })
    if (moved === 0) throw new HubError('HUB_ORDER_STATE')
    await moves.record(transaction, { order: row, from: row.state, to, cause, at })
    return row
  }

  return {
    async refund(transaction, id, cause) {
      const row = await move(transaction, id, REFUNDABLE, 'refunding', cause)
      // What the channel has not taken cannot go back.
      if (row.paid_at === null) throw new HubError('HUB_ORDER_STATE', { detail: '这个订单没有支付，没有可退的款项。' })
      await refunds.want(row, cause)(transaction)
    },
    async resolve(transaction, id, to, cause) {
      const row = await move(transaction, id, ['exception'], to, cause)
      if (to !== 'closed' && row.paid_at === null) throw new HubError('HUB_ORDER_STATE', { detail: '这个订单没有支付。' })
      if (to === 'closed' && row.paid_at !== null) throw new HubError('HUB_ORDER_STATE', { detail: '这个订单已经支付，须退款或销账。' })
    },
    wake: (id) => wake(id, now()),
  }
}
