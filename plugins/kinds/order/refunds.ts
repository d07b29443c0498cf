import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import type { Also, OrderRow } from './rows.ts'

/** One row of `order_refunds`: what goes back of an order, all of it. */
export interface RefundRow {
  id: string
  /** The hub's own number of it at the channel, which does one number once. */
  number: string
  order_id: string
  amount_fen: number
  cause: string
  state: RefundState
  created_at: number
  updated_at: number
}

/** `asked`: the channel may have had it. Whatever is asked again is asked under the same number. */
export const refundStates = { wanted: '待退款', asked: '退款中', done: '已退款', failed: '退款失败' } as const
export type RefundState = keyof typeof refundStates

export interface RefundRows {
  of(order: Pick<OrderRow, 'id'>): Promise<RefundRow | null>
  /** Wants all of an order back, in the transaction that moves it to `refunding`; one that failed is wanted anew under its number. */
  want(order: OrderRow, cause: string): Also
  mark(refund: RefundRow, state: RefundState): Promise<void>
  /** The same, in the transaction that moves the order. */
  marking(refund: RefundRow, state: RefundState): Also
}

export function createRefundRows(database: Database, now: () => number = Date.now): RefundRows {
  async function change(transaction: Knex, { id }: RefundRow, state: RefundState): Promise<void> {
    await transaction('order_refunds').where({ id }).update({ state, updated_at: now() })
  }

  return {
    async of({ id }) {
      const row = (await database('order_refunds').where({ order_id: id }).first()) as RefundRow | undefined
      return row ? { ...row, amount_fen: Number(row.amount_fen) } : null
    },
    want: (order, cause) => async (transaction) => {
      const at = now()
      const again = await transaction('order_refunds')
        .where({ order_id: order.id, state: 'failed' })
        .update({ state: 'wanted', cause, updated_at: at })
      if (again > 0) return
      await transaction('order_refunds').insert({
        id: randomUUID(),
        number: `R${order.number}`,
        order_id: order.id,
        amount_fen: order.amount_fen,
        cause,
        state: 'wanted',
        created_at: at,
        updated_at: at,
      })
    },
    mark: (refund, state) => change(database, refund, state),
    marking: (refund, state) => (transaction) => change(transaction, refund, state),
  }
}
