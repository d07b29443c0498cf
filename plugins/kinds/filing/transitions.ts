import type { Knex } from 'knex'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import type { Principal } from '../../access/principal.ts'

/** One change of a filing's state; `from` is null for its first. Times are epoch milliseconds. */
export interface Transition {
  filing: { id: string; connector: string; service: string; user_id: string; principal: Principal }
  from: SubmissionState | null
  to: SubmissionState
  at: number
  note: string | null
}

/**
 * Told of a change in the transaction that makes it: what it writes there (an outbox row) stands if and only if the
 * change does. It must not do anything else, for the transaction may yet be undone; what it throws undoes it.
 */
export type OnTransition = (transaction: Knex.Transaction, transition: Transition) => Promise<void>

export interface Transitions {
  /** From now on, and for as long as the process runs. */
  on(listener: OnTransition): void
  /** Writes the event, and tells whoever listens. The one place from which a filing's events are written. */
  record(transaction: Knex.Transaction, transition: Transition): Promise<void>
}

export function createTransitions(): Transitions {
  const listeners: OnTransition[] = []
  return {
    on: (listener) => void listeners.push(listener),
    async record(transaction, transition) {
      const { filing, from, to, at, note } = transition
      await transaction('submission_events').insert({ submission_id: filing.id, from_state: from, to_state: to, note, at })
      for (const listener of listeners) await listener(transaction, transition)
    },
  }
}
