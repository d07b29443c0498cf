import type { Row } from '../../../core/answer/reading.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { Outgoing } from '../../../core/upstream/dialect.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { follow, poll } from './poll.ts'
import { type SubmissionRow, sealContext } from './rows.ts'
import {
  askStatus,
  audited,
  backOff,
  conclude,
  type DeliveryContext,
  errorCode,
  namesIn,
  ownRow,
  postpone,
  type Task,
  upstreamOf,
} from './task.ts'

/**
 * One step in the life of a submission: claims it, does what its state asks for, lets it go. The step
 * may die anywhere; whoever claims the row next finds in the state what to do (docs/submissions.md).
 * → when the submission is due again (epoch milliseconds), or null.
 */
export function createDelivery(context: DeliveryContext): (id: string) => Promise<number | null> {
  const timeouts = [...context.services.values()].filter(({ contract }) => contract.submission).map(({ contract }) => contract.timeoutMs)
  const leaseMs = Math.max(0, ...timeouts) + context.pace.marginMs

  return async function step(id) {
    const row = await context.rows.claim(id, leaseMs)
    if (!row) return null
    const task = await prepare(context, row).catch((error: unknown) => error as Error)
    if (task instanceof Error) return unprepared(context, row, task)
    if (row.state === 'accepted' && row.sent_at === null) return send(context, task, leaseMs)
    if (row.state === 'accepted' || row.state === 'sending') return clearUp(context, task)
    return poll(context, task)
  }
}

async function prepare(context: DeliveryContext, row: SubmissionRow): Promise<Task> {
  const service = context.services.get(`${row.connector}.${row.service}`)
  if (!service?.contract.submission) throw new HubError('HUB_SERVICE_UNKNOWN')
  const asker = await context.asker(row.user_id, row.enterprise_id, service.key)
  return { row, service, policy: service.contract.submission, asker, serial: serialOf(row.id) }
}

/** Twenty characters, since that is what a business serial number (`ywlsh`, C..20 in JGJ/T 320-2014) may have: 103 of the id's bits. */
export function serialOf(id: string): string {
  const number = BigInt(`0x${id.replaceAll('-', '')}`) % 36n ** 20n
  return number.toString(36).toUpperCase().padStart(20, '0')
}

/** An account that is gone or shut, or a mandate that ended, is for a person to judge while the filing isn't with the agency. */
function unprepared(context: DeliveryContext, row: SubmissionRow, error: Error): Promise<number | null> {
  const unfiled = row.state === 'accepted' || row.state === 'sending'
  const personal = ['HUB_USER_UNKNOWN', 'HUB_USER_DISABLED', 'HUB_MANDATE_REQUIRED', 'HUB_REAL_NAME_REQUIRED'].includes(errorCode(error))
  if (unfiled && personal) return conclude(context, row, ['attention'], { due_at: null, last_error: errorCode(error) }, errorCode(error))
  context.log.error({ submission: row.id, code: errorCode(error), error: error.name }, '申请暂时无法办理')
  return postpone(context, row, error)
}

/** Files the submission: the intention is on the disk, in the audit chain and in the row, before the first byte leaves. */
async function send(context: DeliveryContext, task: Task, leaseMs: number): Promise<number | null> {
  const { row, service, policy, asker, serial } = task
  let outgoing: Outgoing
  const deadline = performance.now() + service.contract.timeoutMs
  try {
    const input = JSON.parse(context.vault.open(row.request_sealed, sealContext.request(row.id))) as Record<string, unknown>
    const own = service.outgoing(input, asker)
    outgoing = { ...own, params: { ...own.params, [policy.serial]: serial }, userId: row.user_id }
    const at = context.rows.now()
    await context.audit({ action: 'delivery', row, at, outcome: 'sending', status: 0, ms: 0, upstreamStatus: null, fields: [], rows: null })
  } catch (error) {
    context.log.error({ submission: row.id, code: errorCode(error), error: (error as Error).name }, '申请未能报送')
    return postpone(context, row, error)
  }

  const sent_at = context.rows.now()
  // `unclear` and `sent_at` say the worst until an answer says better: a crash leaves them so.
  const doubt = {
    attempts: row.attempts + 1,
    unclear: row.unclear + 1,
    sent_at,
    lease_owner: row.lease_owner,
    lease_until: sent_at + leaseMs,
  }
  const sending = await context.rows.save(row, ['sending'], doubt)
  if (!sending) return null
  const outcome = await audited(context, sending, 'delivery', async () => {
    // A commit that took this long left no time for a call that ends within the lease.
    if (performance.now() >= deadline) throw new UpstreamError('HUB_UPSTREAM_TIMEOUT', { delivery: 'not-processed' })
    const options = { deadline, retries: 0, cacheSeconds: 0 }
    const answer = await upstreamOf(context, service.system).call(outgoing, service.open, options)
    const value = readAnswer(task, answer.rows)
    return { status: answer.status, rows: answer.rows.length, fields: namesIn(value), value }
  }).catch((error: unknown) => error as Error)
  return outcome instanceof Error
    ? settle(context, { ...task, row: sending }, row.unclear, outcome)
    : follow(context, { ...task, row: sending }, outcome)
}

/** An answer that came but cannot be read leaves open whether the agency acted, whatever the reader says. */
function readAnswer(task: Task, sources: Parameters<typeof ownRow>[1]): Row {
  try {
    const row = ownRow(task, sources)
    if (row) return row
  } catch (error) {
    throw new UpstreamError(
      error instanceof UpstreamError ? error.code : 'HUB_UPSTREAM_INVALID',
      { delivery: 'unknown', status: 200 },
      {},
      error,
    )
  }
  throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: 200 })
}

/** A send that failed: what may have happened at the agency decides what may happen next. */
function settle(context: DeliveryContext, task: Task, unclearBefore: number, error: Error): Promise<number | null> {
  const { row } = task
  const last_error = errorCode(error)
  const failures = row.failures + 1
  const due_at = context.rows.now() + backOff(context.pace, failures)
  const delivery = error instanceof UpstreamError ? error.delivery : 'unknown'
  if (delivery === 'not-processed') {
    const clear = { failures, last_error, sent_at: null, unclear: unclearBefore }
    if (failures >= context.pace.patience) return conclude(context, row, ['attention'], { ...clear, due_at: null }, last_error)
    return conclude(context, row, ['accepted'], { ...clear, due_at }, last_error)
  }
  if (delivery === 'refused' && row.attempts <= 1) {
    return conclude(context, row, ['refused'], { last_error, sent_at: null, due_at: null }, last_error)
  }
  // After a repeated send, "refused" may mean "I have that one already".
  return conclude(context, row, [], { failures, last_error, declined: delivery === 'refused' ? 1 : 0, due_at })
}

/** The outcome of a send is open: asks the agency, and sends again only after a clear "nothing found". */
async function clearUp(context: DeliveryContext, task: Task): Promise<number | null> {
  if (task.row.state === 'accepted') {
    // An operator's retry of a send that is still unclear.
    const { lease_owner, lease_until } = task.row
    const row = await context.rows.save(task.row, ['sending'], { lease_owner, lease_until })
    if (!row) return null
    return clearUp(context, { ...task, row })
  }
  const found = await askStatus(context, task).catch((error: unknown) => error as Error)
  if (found instanceof Error) return stayUnclear(context, task, found)
  return found ? follow(context, task, found) : nothingFound(context, task)
}

function stayUnclear(context: DeliveryContext, { row, policy }: Task, error: Error): Promise<number | null> {
  // A question that never reached the agency says nothing about the filing, nor does trouble of the hub's own.
  const reached = error instanceof UpstreamError && error.delivery !== 'not-processed'
  const failures = row.failures + 1
  const unclear = row.unclear + (reached ? 1 : 0)
  const last_error = errorCode(error)
  if (unclear >= policy.maxAttempts || failures >= context.pace.patience) {
    return conclude(context, row, ['attention'], { failures, unclear, last_error, due_at: null }, last_error)
  }
  return conclude(context, row, [], { failures, unclear, last_error, due_at: context.rows.now() + backOff(context.pace, failures) })
}

function nothingFound(context: DeliveryContext, { row, policy }: Task): Promise<number | null> {
  const now = context.rows.now()
  const settled = (row.sent_at ?? 0) + context.pace.settleMs
  if (now < settled) return conclude(context, row, [], { due_at: settled })
  const note = 'nothing found'
  const clear = { sent_at: null, declined: 0 }
  if (row.declined) return conclude(context, row, ['refused'], { ...clear, due_at: null }, note)
  if (row.unclear >= policy.maxAttempts) return conclude(context, row, ['attention'], { ...clear, due_at: null }, note)
  return conclude(context, row, ['accepted'], { ...clear, due_at: now }, note)
}
