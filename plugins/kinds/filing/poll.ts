import type { Row } from '../../../core/answer/reading.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { endParts, type Parts, partsOf } from './joint.ts'
import { readRow, writeRow } from './kept.ts'
import { recordParts } from './part-rows.ts'
import { isFinal, stateOfCase } from './progress.ts'
import { type Also, referenceHash, sealContext } from './rows.ts'
import { statesOf } from './states.ts'
import { askStatus, backOff, conclude, type DeliveryContext, postpone, type Task } from './task.ts'

/** Asks how an open filing stands. Troubles put the next question off and change nothing. */
export async function poll(context: DeliveryContext, task: Task): Promise<number | null> {
  const row = await askStatus(context, task).catch((error: unknown) => error as Error)
  if (row instanceof Error || row === null) {
    const failures = task.row.failures + 1
    const last_error = row instanceof UpstreamError ? row.code : row === null ? 'HUB_NO_RECORD' : 'HUB_INTERNAL'
    const wait = Math.max(pollWait(context, task, task.row.polls), backOff(context.pace, failures))
    return conclude(context, task.row, [], { failures, last_error, due_at: context.rows.now() + wait })
  }
  return follow(context, task, row)
}

/** Takes over what the agency's row says: the row itself, and the state it stands for. */
export async function follow(
  context: DeliveryContext,
  task: Task,
  progress: Row,
  { also, dueAt }: { also?: Also; dueAt?: number | undefined } = {},
): Promise<number | null> {
  const before = storedProgress(context, task)
  if (before && isAnother(before[task.policy.reference], progress[task.policy.reference])) {
    return postpone(context, task.row, new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown' }))
  }
  const { joint } = task.policy
  const partsBefore = joint ? await context.rows.parts(task.row.id) : null
  const parts = joint && partsBefore ? partsOf(joint, progress, partsBefore) : null
  const path = pathOf(task, progress, parts)
  const state = path.at(-1) ?? task.row.state
  const isOver = isFinal(state, task.policy)
  const written = writeRow(progress)
  const news = before === null || writeRow(before) !== written
  const polls = path.length > 0 ? 0 : task.row.polls + 1
  const now = context.rows.now()
  const reference = progress[task.policy.reference]
  const told = {
    progress_sealed: context.vault.seal(written, sealContext.progress(task.row.id)),
    reference_hash: typeof reference === 'string' ? referenceHash(context.vault, task.service.system, reference) : null,
    updated_at: now,
  }
  const changes = {
    ...(news ? told : {}),
    polls,
    failures: 0,
    unclear: 0,
    declined: 0,
    sent_at: null,
    last_error: null,
    due_at: dueAt ?? (isOver ? null : now + pollWait(context, task, polls)),
  }
  return conclude(context, task.row, path, changes, undefined, async (transaction) => {
    if (parts && partsBefore) await recordParts(transaction, task.row.id, partsBefore, isOver ? endParts(parts) : parts, now)
    await also?.(transaction)
  })
}

/** Forward only: an agency that steps back, or says nothing we know, leaves the state as it is. */
function pathOf({ row, policy }: Task, progress: Row, parts: Parts | null) {
  const told = stateOfCase(policy, progress, parts)
  const path = told === null ? null : statesOf(policy).pathTo(row.state, told)
  // From `sending`, any row of ours means that the agency has the filing.
  return path ?? (row.state === 'sending' ? (['submitted'] as const) : [])
}

export function storedProgress({ vault }: DeliveryContext, { row }: Task): Row | null {
  return row.progress_sealed === null ? null : readRow(vault.open(row.progress_sealed, sealContext.progress(row.id)))
}

function isAnother(before: unknown, now: unknown): boolean {
  return typeof before === 'string' && typeof now === 'string' && before !== now
}

/** Every `pollSeconds` at first, up to ten times as long while there is no news. */
function pollWait({ pace }: DeliveryContext, { policy }: Task, polls: number): number {
  const growth = Math.min(10, 1 + polls / 10)
  return Math.round(policy.pollSeconds * 1000 * growth * (0.95 + pace.random() / 10))
}
