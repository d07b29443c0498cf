import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import type { Changes, SubmissionRow } from './rows.ts'
import { backOff, errorCode, type Pace } from './task.ts'

/** What decides over a filing whose send did not simply succeed. */
export interface Moment {
  row: Pick<SubmissionRow, 'attempts' | 'failures' | 'unclear' | 'declined' | 'sent_at'>
  /** Sends and questions that may leave the outcome open before a person looks. */
  maxAttempts: number
  pace: Pace
  now: number
}

/** Where the filing goes from here, `[]` to stay, and what is written down with it. Pure: the same moment, the same decision. */
export interface Decision {
  path: readonly SubmissionState[]
  changes: Changes & { due_at: number | null }
  note?: string
}

/** A send that failed: what may have happened at the agency decides what may happen next. `unclearBefore`: as before the send. */
export function afterFailedSend({ row, pace, now }: Moment, error: Error, unclearBefore: number): Decision {
  const last_error = errorCode(error)
  const failures = row.failures + 1
  const due_at = now + backOff(pace, failures)
  const delivery = error instanceof UpstreamError ? error.delivery : 'unknown'
  if (delivery === 'not-processed') {
    const clear = { failures, last_error, sent_at: null, unclear: unclearBefore }
    if (failures >= pace.patience) return { path: ['attention'], changes: { ...clear, due_at: null }, note: last_error }
    return { path: ['filed'], changes: { ...clear, due_at }, note: last_error }
  }
  if (delivery === 'refused' && row.attempts <= 1)
    return { path: ['refused'], changes: { last_error, sent_at: null, due_at: null }, note: last_error }
  // After a repeated send, "refused" may mean "I have that one already".
  return { path: [], changes: { failures, last_error, declined: delivery === 'refused' ? 1 : 0, due_at } }
}

/** The agency was asked what became of a send, and its answer is no answer. */
export function afterUnclearStatus({ row, maxAttempts, pace, now }: Moment, error: Error): Decision {
  // A question that never reached the agency says nothing about the filing, nor does trouble of the hub's own.
  const reached = error instanceof UpstreamError && error.delivery !== 'not-processed'
  const failures = row.failures + 1
  const unclear = row.unclear + (reached ? 1 : 0)
  const last_error = errorCode(error)
  if (unclear >= maxAttempts || failures >= pace.patience)
    return { path: ['attention'], changes: { failures, unclear, last_error, due_at: null }, note: last_error }
  return { path: [], changes: { failures, unclear, last_error, due_at: now + backOff(pace, failures) } }
}

/** The agency says clearly that it has nothing of the filing. */
export function afterNothingFound({ row, maxAttempts, pace, now }: Moment): Decision {
  const settled = Number(row.sent_at ?? 0) + pace.settleMs
  if (now < settled) return { path: [], changes: { due_at: settled } }
  const note = 'nothing found'
  const clear = { sent_at: null, declined: 0 }
  if (row.declined) return { path: ['refused'], changes: { ...clear, due_at: null }, note }
  if (row.unclear >= maxAttempts) return { path: ['attention'], changes: { ...clear, due_at: null }, note }
  return { path: ['filed'], changes: { ...clear, due_at: now }, note }
}
