import type { Row } from '../../../core/answer/reading.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { Outgoing } from '../../../core/upstream/dialect.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { serialOf } from '../serial.ts'
import { actKinds } from './act-states.ts'
import type { ActRow } from './acts.ts'
import { agencyWords } from './agency-words.ts'
import { afterFailedSend, afterNothingFound, afterUnclearStatus, type Decision, type Moment } from './decide.ts'
import { performAct } from './perform-act.ts'
import { follow, poll } from './poll.ts'
import { type SubmissionRow, sealContext } from './rows.ts'
import { askStatus, audited, conclude, type DeliveryContext, errorCode, namesIn, ownRow, postpone, type Task, upstreamOf } from './task.ts'

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
    // Its term is over, and somebody has not agreed.
    if (row.state === 'awaiting') return conclude(context, row, ['unconfirmed'], { due_at: null })
    const act = await openAct(context, row)
    const wait = closedFor(context, row, act)
    // Looked at again before that, too: an administrator may let it open earlier.
    if (wait > 0) return conclude(context, row, [], { due_at: context.rows.now() + Math.min(wait, context.pace.maxMs) })
    // An act is done as whoever asked for it; who filed may have left the enterprise.
    const by = { ...row, user_id: act?.user_id ?? row.user_id }
    const task = await prepare(context, by, act?.state === 'requested').catch((error: unknown) => error as Error)
    if (task instanceof Error) return unprepared(context, row, task, act)
    if (row.state === 'filed' && row.sent_at === null) return send(context, task, leaseMs)
    if (row.state === 'filed' || row.state === 'sending') return clearUp(context, task)
    if (context.acts && act) return performAct(context, context.acts, task, act, leaseMs)
    return poll(context, task)
  }
}

/** A closing that was planned is no trouble: it counts for nothing. What was sent already is only asked about. */
function closedFor({ services, closedFor = () => 0 }: DeliveryContext, row: SubmissionRow, act: ActRow | null): number {
  const service = services.get(`${row.connector}.${row.service}`)
  const isNew = (row.state === 'filed' && row.sent_at === null) || act?.state === 'requested'
  return service ? closedFor(service, isNew) : 0
}

async function openAct({ acts, services }: DeliveryContext, row: SubmissionRow): Promise<ActRow | null> {
  const policy = services.get(`${row.connector}.${row.service}`)?.contract.submission
  if (!acts || !actKinds.some((kind) => policy?.[kind]) || row.state === 'filed' || row.state === 'sending') return null
  return acts.open(row.id)
}

/** `mandated`: what is to be done takes a mandate in force; looking how it stands doesn't. */
async function prepare(context: DeliveryContext, row: SubmissionRow, mandated: boolean): Promise<Task> {
  const service = context.services.get(`${row.connector}.${row.service}`)
  if (!service?.contract.submission) throw new HubError('HUB_SERVICE_UNKNOWN')
  const found = await context.asker(row.user_id, row.enterprise_id, service.key).catch((error: unknown) => {
    const isFollowed = row.state !== 'filed' && row.state !== 'sending' && errorCode(error) === 'HUB_MANDATE_REQUIRED'
    if (!isFollowed || mandated || !context.follower || row.enterprise_id === null) throw error
    return context.follower(row.user_id, row.enterprise_id)
  })
  const asker = row.account_sealed === null ? found : { ...found, account: accountOf(context, row, row.account_sealed) }
  return { row, service, policy: service.contract.submission, asker, serial: serialOf(row.id) }
}

/** The account as it was when it was filed: what is bound by now may be another. */
function accountOf({ vault }: DeliveryContext, { id }: SubmissionRow, sealed: string): { externalId: string } {
  return { externalId: vault.open(sealed, sealContext.account(id)) }
}

/** What the hub found and proved when the filing was accepted. */
function carriedOf({ vault }: DeliveryContext, { id, carried_sealed }: SubmissionRow): Record<string, unknown> {
  return carried_sealed ? JSON.parse(vault.open(carried_sealed, sealContext.carried(id))) : {}
}

const PERSONAL: ReadonlySet<string> = new Set([
  'HUB_USER_UNKNOWN',
  'HUB_USER_DISABLED',
  'HUB_MANDATE_REQUIRED',
  'HUB_ENTERPRISE_FROZEN',
  'HUB_REAL_NAME_REQUIRED',
])

/**
 * An account that is gone or shut, or a mandate that ended, is for a person to judge while the filing isn't with the
 * agency; an act that has not been sent is over.
 */
function unprepared({ acts, ...context }: DeliveryContext, row: SubmissionRow, error: Error, act: ActRow | null): Promise<number | null> {
  const unfiled = row.state === 'filed' || row.state === 'sending'
  const personal = PERSONAL.has(errorCode(error))
  if (acts && personal && act?.state === 'requested') {
    const last_error = errorCode(error)
    const due_at = context.rows.now()
    return conclude(context, row, [], { due_at }, undefined, (trx) => acts.change(trx, act, 'failed', { last_error }, last_error))
  }
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
    const own = service.outgoing((await context.fill?.(row.id, service.contract.inputs, input)) ?? input, asker)
    outgoing = { ...own, params: { ...own.params, ...carriedOf(context, row), [policy.serial]: serial }, userId: row.user_id }
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
  if (!(outcome instanceof Error)) return follow(context, { ...task, row: sending }, outcome)
  const decision = afterFailedSend(momentOf(context, { ...task, row: sending }), outcome, row.unclear)
  return take(context, sending, { ...decision, changes: { ...decision.changes, ...reasonOf(context, sending, outcome) } })
}

/** What the agency said when it refused, for the applicant. */
function reasonOf({ vault }: DeliveryContext, { id }: SubmissionRow, error: Error): Pick<SubmissionRow, 'reason_sealed'> | undefined {
  const words = error instanceof UpstreamError && error.delivery === 'refused' ? agencyWords(error.words) : null
  return words === null ? undefined : { reason_sealed: vault.seal(words, sealContext.reason(id)) }
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

/** The outcome of a send is open: asks the agency, and sends again only after a clear "nothing found". */
async function clearUp(context: DeliveryContext, task: Task): Promise<number | null> {
  if (task.row.state === 'filed') {
    // An operator's retry of a send that is still unclear.
    const { lease_owner, lease_until } = task.row
    const row = await context.rows.save(task.row, ['sending'], { lease_owner, lease_until })
    if (!row) return null
    return clearUp(context, { ...task, row })
  }
  const found = await askStatus(context, task).catch((error: unknown) => error as Error)
  if (found instanceof Error) return take(context, task.row, afterUnclearStatus(momentOf(context, task), found))
  return found ? follow(context, task, found) : take(context, task.row, afterNothingFound(momentOf(context, task)))
}

function take(context: DeliveryContext, row: SubmissionRow, { path, changes, note }: Decision): Promise<number | null> {
  return conclude(context, row, path, changes, note)
}

function momentOf({ rows, pace }: DeliveryContext, { row, policy }: Task): Moment {
  return { row, maxAttempts: policy.maxAttempts, pace, now: rows.now() }
}
