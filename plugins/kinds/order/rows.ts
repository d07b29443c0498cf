import { randomInt, randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { isDuplicate, transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { type Acting, type Principal, seenBy } from '../../access/principal.ts'
import { holdAccount } from '../../agency-accounts/store.ts'
import type { ChannelId } from '../../payments/channel.ts'
import { isDue, takeLease } from '../../queue/lease.ts'
import { type Hasher, holdIndexes } from '../../store/indexes.ts'
import { canonical, type Keyed, readKey } from '../idempotency.ts'
import type { Bill } from './bill.ts'
import { createOrderMoves, type OrderMoves } from './moves.ts'
import { type OrderState, sourcesOf } from './states.ts'

/** One row of `orders`; times are epoch milliseconds. */
export interface OrderRow {
  id: string
  number: string
  connector: string
  service: string
  user_id: string
  enterprise_id: string | null
  principal: Principal
  idempotency_key: string
  request_hash: string
  account_sealed: string | null
  account_hash: string | null
  bill_sealed: string
  bill_hash: string
  open_bill: string | null
  bill_version: string
  amount_fen: number
  state: OrderState
  channel: ChannelId | null
  transaction_id: string | null
  paid_at: number | null
  /** When the hub took it to be paid, or staff did anew: by the hub's own clock, from which the company's time runs. */
  taken_at: number | null
  written_off_at: number | null
  receipt_sealed: string | null
  expires_at: number
  trace_id: string
  failures: number
  sent_at: number | null
  last_error: string | null
  due_at: number | null
  lease_owner: string | null
  lease_until: number
  created_at: number
  updated_at: number
}

export interface OrderEvent {
  from_state: OrderState | null
  to_state: OrderState
  cause: string
  at: number
}

/** Contexts of the sealed columns: a cell copied into another row won't open. */
export const orderContext = {
  account: (id: string) => `orders.account:${id}`,
  bill: (id: string) => `orders.bill:${id}`,
  receipt: (id: string) => `orders.receipt:${id}`,
}

export interface NewOrder extends Keyed {
  account: string | null
  bill: Bill
  traceId: string
  expiresAt: number
}

export type OrderChanges = Partial<
  Pick<
    OrderRow,
    'channel' | 'transaction_id' | 'paid_at' | 'written_off_at' | 'receipt_sealed' | 'failures' | 'sent_at' | 'last_error' | 'due_at'
  >
>
export type Also = (transaction: Knex.Transaction) => Promise<void>

/** States in which an order lets its bill go: no money for it is here or on its way. */
const FREES_BILL: ReadonlySet<OrderState> = new Set(['closed', 'refunded'])

/** The table of orders. The database is the truth: a state changes only where the row is still in one that leads there. */
export interface OrderRows {
  now(): number
  /** The order of this key, or null. Throws HUB_IDEMPOTENCY_KEY_MISSING, HUB_IDEMPOTENCY_CONFLICT. */
  find(order: Keyed): Promise<OrderRow | null>
  /** Writes a new order down; null where one with its key was faster. Throws HUB_ORDER_OPEN where another has its bill, HUB_ACCOUNT_UNBOUND. */
  begin(order: NewOrder): Promise<OrderRow | null>
  /** An order, where this reader sees it. */
  read(reader: Acting, service: CompiledService, id: string): Promise<OrderRow | null>
  list(reader: Acting, service: CompiledService, page: { page: number; pageSize: number }): Promise<{ rows: OrderRow[]; total: number }>
  byNumber(number: string): Promise<OrderRow | null>
  events(id: string): Promise<OrderEvent[]>
  /** Takes a due order that nobody holds, for `leaseMs`. */
  claim(id: string, leaseMs: number): Promise<OrderRow | null>
  /** Moves an order on as `row` shows it, with what caused it on record; null where it is no longer so. A lease ends here. */
  move(row: OrderRow, to: OrderState, cause: string, changes?: OrderChanges, also?: Also): Promise<OrderRow | null>
  /** Leaves the state and changes the rest; the lease ends unless `keepUntil` renews it. */
  note(row: OrderRow, changes: OrderChanges, keepUntil?: number): Promise<OrderRow | null>
  /** Makes an order due now, whatever it waited for; → its id, where a channel's word can still mean anything for it. */
  hurry(number: string): Promise<string | null>
  due(limit: number): Promise<string[]>
}

export function createOrderRows(
  database: Database,
  vault: Vault,
  now: () => number = Date.now,
  moves: OrderMoves = createOrderMoves(),
): OrderRows {
  const hashOf = (input: unknown) => vault.fingerprint(canonical(input), 'order-request')
  const byKey = ({ service, by, idempotencyKey }: Keyed) => ({
    user_id: by.userId,
    principal: by.principal,
    ...placeOf(service),
    idempotency_key: readKey(idempotencyKey),
  })

  /** Guarded by state and lease: whoever holds no lease changes nothing that a holder relies on. */
  function guarded(transaction: Knex, row: OrderRow) {
    return transaction('orders').where({ id: row.id, state: row.state, lease_owner: row.lease_owner })
  }

  return {
    now,
    async find(order) {
      const row = await first(database('orders').where(byKey(order)))
      if (row && row.request_hash !== hashOf(order.input)) throw new HubError('HUB_IDEMPOTENCY_CONFLICT')
      return row
    },
    async begin(order) {
      const { by, bill, account } = order
      const id = randomUUID()
      const at = now()
      const row: OrderRow = {
        id,
        number: numberAt(at),
        ...byKey(order),
        enterprise_id: by.enterpriseId,
        request_hash: hashOf(order.input),
        account_sealed: account === null ? null : vault.seal(account, orderContext.account(id)),
        account_hash: null,
        bill_sealed: vault.seal(JSON.stringify(bill.row), orderContext.bill(id)),
        bill_hash: bill.hash,
        open_bill: bill.hash,
        bill_version: bill.version,
        amount_fen: bill.amountFen,
        state: 'created',
        channel: null,
        transaction_id: null,
        paid_at: null,
        taken_at: null,
        written_off_at: null,
        receipt_sealed: null,
        expires_at: order.expiresAt,
        trace_id: order.traceId,
        failures: 0,
        sent_at: null,
        last_error: null,
        due_at: order.expiresAt,
        lease_owner: null,
        lease_until: 0,
        created_at: at,
        updated_at: at,
      }
      try {
        await transact(database, async (transaction) => {
          if (account !== null)
            await holdAccount(transaction, vault, { userId: by.userId, connector: order.service.connector.id, externalId: account })
          const { now: key } = await holdIndexes(transaction, vault)
          row.account_hash = account === null ? null : accountHash(key, order.service.connector.id, account)
          await transaction('orders').insert(row)
          await moves.record(transaction, { order: row, from: null, to: 'created', cause: 'citizen', at })
        })
        return row
      } catch (error) {
        if (!isDuplicate(error)) throw error
        if (await first(database('orders').where(byKey(order)))) return null
        const open = await first(database('orders').where({ open_bill: bill.hash }))
        throw new HubError('HUB_ORDER_OPEN', open?.paid_at ? { detail: '这张账单已经支付过了。' } : {})
      }
    },
    read: (reader, service, id) => first(database('orders').where({ id, ...seenBy(reader), ...placeOf(service) })),
    async list(reader, service, { page, pageSize }) {
      const own = () => database('orders').where({ ...seenBy(reader), ...placeOf(service) })
      const [count] = await own().count({ n: '*' })
      const rows = await own()
        .orderBy([{ column: 'created_at', order: 'desc' }, 'id'])
        .offset((page - 1) * pageSize)
        .limit(pageSize)
      return { rows: rows.map(readRow), total: Number(count?.['n']) }
    },
    byNumber: (number) => first(database('orders').where({ number })),
    async events(id) {
      const rows = await database('order_events').where({ order_id: id }).orderBy('id').select('from_state', 'to_state', 'cause', 'at')
      return rows.map((row) => ({ ...row, at: Number(row.at) }))
    },
    async claim(id, leaseMs) {
      const at = now()
      const lease_owner = await takeLease(database('orders').where({ id }).modify(isDue, at), at, leaseMs)
      return lease_owner === null ? null : first(database('orders').where({ id, lease_owner }))
    },
    async move(row, to, cause, changes = {}, also) {
      if (!sourcesOf(to).includes(row.state)) throw new Error(`no way from ${row.state} to ${to}`)
      const at = now()
      const columns = {
        failures: 0,
        sent_at: null,
        last_error: null,
        ...(to === 'paid' ? { taken_at: at } : {}),
        ...changes,
        state: to,
        open_bill: FREES_BILL.has(to) ? null : row.open_bill,
        lease_owner: null,
        lease_until: 0,
        updated_at: at,
      }
      return transact(database, async (transaction) => {
        if ((await guarded(transaction, row).update(columns)) === 0) return null
        await moves.record(transaction, { order: row, from: row.state, to, cause, at })
        await also?.(transaction)
        return { ...row, ...columns }
      })
    },
    async note(row, changes, keepUntil) {
      const lease = keepUntil === undefined ? { lease_owner: null, lease_until: 0 } : { lease_until: keepUntil }
      const columns = { ...changes, ...lease, updated_at: now() }
      return (await guarded(database, row).update(columns)) === 0 ? null : { ...row, ...columns }
    },
    async hurry(number) {
      const at = now()
      const row = await first(database('orders').where({ number }))
      // A channel whose clock is another may take money for what was closed long ago.
      const waits = row && (row.due_at !== null || (row.state === 'closed' && row.channel !== null))
      if (!waits) return null
      await database('orders')
        .where({ id: row.id, state: row.state })
        .where((query) => query.where('due_at', '>', at).orWhereNull('due_at'))
        .update({ due_at: at })
      return row.id
    },
    async due(limit) {
      const at = now()
      const query = database('orders').modify(isDue, at)
      return (await query.orderBy('due_at').limit(limit).pluck('id')) as string[]
    },
  }
}

async function first(query: Knex.QueryBuilder): Promise<OrderRow | null> {
  const row = (await query.first()) as OrderRow | undefined
  return row ? readRow(row) : null
}

/** Drivers give large whole numbers as text. */
export function readRow(row: OrderRow): OrderRow {
  const whole = (value: number | null) => (value === null ? null : Number(value))
  return {
    ...row,
    amount_fen: Number(row.amount_fen),
    paid_at: whole(row.paid_at),
    taken_at: whole(row.taken_at),
    written_off_at: whole(row.written_off_at),
    expires_at: Number(row.expires_at),
    sent_at: whole(row.sent_at),
    due_at: whole(row.due_at),
    created_at: Number(row.created_at),
    updated_at: Number(row.updated_at),
  }
}

/** By which a household's orders are found. */
export function accountHash(key: Hasher, connector: string, account: string): string {
  return key.fingerprint(`${connector}\0${account}`, 'order-account')
}

/** The second in Beijing and twelve digits: 26 characters, as channels and companies take them. */
function numberAt(at: number): string {
  return `${beijing(at).slice(0, 19).replace(/\D/g, '')}${String(randomInt(1e12)).padStart(12, '0')}`
}

function placeOf({ connector, contract }: CompiledService) {
  return { connector: connector.id, service: contract.id }
}
