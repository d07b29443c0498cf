import type { Knex } from 'knex'
import type { Parts } from './joint.ts'
import { assertPartMove, type PartState } from './part-states.ts'

/** One row of `submission_part_events`; the last one of a part is its state. */
export interface PartEvent {
  submission_id: string
  part: string
  to_state: PartState
  at: number | string
}

/** Oldest first. */
export async function readPartEvents(store: Knex, submissionIds: readonly string[]): Promise<PartEvent[]> {
  return store('submission_part_events').whereIn('submission_id', submissionIds).orderBy('id')
}

export function statesIn(events: readonly PartEvent[]): Parts {
  return new Map(events.map(({ part, to_state }) => [part, to_state]))
}

/** In the transaction that holds the filing's row: so what was read under its lease is still so. */
export async function recordParts(
  transaction: Knex.Transaction,
  submissionId: string,
  before: Parts,
  now: Parts,
  at: number,
): Promise<void> {
  for (const [part, to] of now) {
    const from = before.get(part) ?? 'waiting'
    if (from === to) continue
    assertPartMove(from, to)
    await transaction('submission_part_events').insert({ submission_id: submissionId, part, from_state: from, to_state: to, at })
  }
}
