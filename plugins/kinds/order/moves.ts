import type { Knex } from 'knex'
import type { Principal } from '../../access/principal.ts'
import { post } from '../../outbox/outbox.ts'
import type { OrderState } from './states.ts'

/** One change of an order's state; `from` is null for its first. Times are epoch milliseconds. */
export interface OrderMove {
  order: { id: string; connector: string; service: string; user_id: string; principal: Principal; failures: number }
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
      if (from !== null && isNews(from, to, order.failures)) {
        const { id, user_id: userId, principal } = order
        const once = `order:${id}:${to}:${at}`
        await post(transaction, { topic: 'outcome', userId, principal, about: id, detail: { of: 'order', state: to }, once, at })
      }
      for (const listener of listeners) await listener(transaction, move)
    },
  }
}

/** What its payer waits to hear: that his money came back, or how it ended where nobody knew. `failures`: looks in vain before this. */
function isNews(from: OrderState, to: OrderState, failures: number): boolean {
  if (to === 'refunded') return true
  return (from === 'exception' && to !== 'refunding') || (from === 'paid' && to === 'written-off' && failures > 0)
}
