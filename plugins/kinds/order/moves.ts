import type { Knex } from 'knex'
import type { Principal } from '../../access/principal.ts'
import type { OrderState } from './states.ts'

/** One change of an order's state; `from` is null for its first. Times are epoch milliseconds. */
export interface OrderMove {
  order: { id: string; connector: string; service: string; user_id: string; principal: Principal }
  from: OrderState | null
  to: OrderState
  cause: string
  at: number
}

/** Told of a change in the transaction that makes it, as those of filings are; what it throws undoes it. */
export type OnOrderMove = (transaction: Knex, move: OrderMove) => Promise<void>

export interface OrderMoves {
  /** From now on, and for as long as the process runs. */
  on(listener: OnOrderMove): void
  /** Writes the event, and tells whoever listens. The one place from which an order's events are written. */
  record(transaction: Knex, move: OrderMove): Promise<void>
}

export function createOrderMoves(): OrderMoves {
  const listeners: OnOrderMove[] = []
  return {
    on: (listener) => void listeners.push(listener),
    async record(transaction, move) {
      const { order, from, to, cause, at } = move
      await transaction('order_events').insert({ order_id: order.id, from_state: from, to_state: to, cause, at })
      for (const listener of listeners) await listener(transaction, move)
    },
  }
}
