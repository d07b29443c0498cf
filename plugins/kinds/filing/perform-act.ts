import type { Row } from '../../../core/answer/reading.ts'
import { type CompiledService, compileService } from '../../../core/call/service.ts'
import type { Fields } from '../../../core/contract/fields.ts'
import type { Inputs } from '../../../core/contract/inputs.ts'
import type { ActKind, FilingAct, SubmissionPolicy } from '../../../core/contract/types.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import type { ActState } from './act-states.ts'
import type { ActChanges, ActRow, ActRows } from './acts.ts'
import { follow, storedProgress } from './poll.ts'
import { stateOf } from './progress.ts'
import { sealContext } from './rows.ts'
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

interface ActTask {
  context: DeliveryContext
  acts: ActRows
  task: Task
  act: ActRow
}

/**
 * One step of an act on a filing: sends it, or, where the outcome of a send is open, asks the agency how the
 * filing stands. What was sent once and may have arrived is never sent again: what the status then shows decides.
 */
export function performAct(context: DeliveryContext, acts: ActRows, task: Task, act: ActRow, leaseMs: number): Promise<number | null> {
  const given = { context, acts, task, act }
  return act.state === 'sending' ? clearUp(given) : send(given, leaseMs)
}

async function send({ context, acts, task, act }: ActTask, leaseMs: number): Promise<number | null> {
  const { row, policy, asker, serial } = task
  const service = compileAct(task.service, act.kind)
  const deadline = performance.now() + service.contract.timeoutMs
  let params: Record<string, unknown>
  try {
    const input = inputOf(context, act)
    const filled = (await context.fill?.(row.id, service.contract.inputs, input)) ?? input
    params = { ...service.params(filled, asker), ...referenceOf(context, task), [policy.serial]: serial }
    const at = context.rows.now()
    await context.audit({ action: 'delivery', row, at, outcome: 'sending', status: 0, ms: 0, upstreamStatus: null, fields: [], rows: null })
  } catch (error) {
    context.log.error({ submission: row.id, code: errorCode(error), error: (error as Error).name }, '申请的操作未能报送')
    return postpone(context, row, error)
  }
  const sentAt = context.rows.now()
  const lease = { lease_owner: row.lease_owner, lease_until: sentAt + leaseMs }
  const sent = { attempts: act.attempts + 1, sent_at: sentAt }
  const held = await context.rows.save(row, [], lease, undefined, (transaction) => acts.change(transaction, act, 'sending', sent))
  if (!held) return null
  const given = { context, acts, task: { ...task, row: held }, act: { ...act, ...sent, state: 'sending' as const } }
  const outcome = await audited(context, held, 'delivery', async () => {
    if (performance.now() >= deadline) throw new UpstreamError('HUB_UPSTREAM_TIMEOUT', { delivery: 'not-processed' })
    const { method = 'POST', path } = service.contract.upstream ?? {}
    const outgoing = { sid: service.sid, path, method, params, userId: row.user_id }
    const answer = await upstreamOf(context, service.system).call(outgoing, service.open, { deadline, retries: 0, cacheSeconds: 0 })
    const value = ownRow(task, answer.rows)
    return { status: answer.status, rows: answer.rows.length, fields: namesIn(value), value }
  }).catch((error: unknown) => error as Error)
  if (outcome instanceof Error) return settle(given, outcome)
  // An agency that says yes and no more is asked at once how the filing stands.
  return outcome ? followTo(given, outcome, 'done', done) : end(given, 'done', done, context.rows.now())
}

const done: ActChanges = { sent_at: null, last_error: null, failures: 0 }

/** A send that failed: what may have happened at the agency decides what may happen next. */
function settle(given: ActTask, error: Error): Promise<number | null> {
  const { context, task, act } = given
  const delivery = error instanceof UpstreamError ? error.delivery : 'unknown'
  const failures = act.failures + 1
  const last_error = errorCode(error)
  const later = context.rows.now() + backOff(context.pace, failures)
  if (delivery === 'not-processed') {
    const changes = { failures, last_error, sent_at: null }
    return failures >= task.policy.maxAttempts ? end(given, 'failed', changes, context.rows.now()) : end(given, 'requested', changes, later)
  }
  if (delivery === 'refused') return end(given, 'refused', { failures, last_error, sent_at: null }, context.rows.now())
  return end(given, 'sending', { failures, last_error }, later)
}

/** The outcome of a send is open. */
async function clearUp(given: ActTask): Promise<number | null> {
  const { context, task, act } = given
  const found = await askStatus(context, task).catch((error: unknown) => error as Error)
  const now = context.rows.now()
  if (found === null || found instanceof Error) {
    const failures = act.failures + 1
    const last_error = found === null ? 'HUB_NO_RECORD' : errorCode(found)
    if (failures >= context.pace.patience) return end(given, 'unclear', { failures, last_error, sent_at: null }, now)
    return end(given, 'sending', { failures, last_error }, now + backOff(context.pace, failures))
  }
  if (shows(task.policy, act.kind, inputOf(context, act), found)) return followTo(given, found, 'done', done)
  const settled = (act.sent_at ?? 0) + context.pace.settleMs
  // The agency may still be working on it; later it has not taken it, and the applicant may try anew.
  if (now < settled) return followTo(given, found, 'sending', {}, Math.min(settled, now + backOff(context.pace, act.failures + 1)))
  return followTo(given, found, 'failed', { sent_at: null })
}

function end({ context, acts, task, act }: ActTask, to: ActState, changes: ActChanges, due_at: number): Promise<number | null> {
  return conclude(context, task.row, [], { due_at }, undefined, (transaction) => acts.change(transaction, act, to, changes))
}

function followTo({ context, acts, task, act }: ActTask, row: Row, to: ActState, changes: ActChanges, dueAt?: number) {
  return follow(context, task, row, { dueAt, also: (transaction) => acts.change(transaction, act, to, changes) })
}

/** Whether the agency's row shows that an act was done: the state that cancelling leads to, every changed value, or that it waits no longer. */
export function shows(
  policy: Pick<SubmissionPolicy<Fields>, 'progress' | 'states' | 'cancel' | 'change' | 'supplement'>,
  kind: ActKind,
  input: Readonly<Record<string, unknown>>,
  row: Readonly<Record<string, unknown>>,
): boolean {
  if (kind === 'cancel') return stateOf(policy, row) === policy.cancel?.to
  if (kind === 'supplement') {
    const state = stateOf(policy, row)
    return state !== null && !policy.supplement?.when.includes(state)
  }
  return Object.entries(policy.change?.inputs ?? {}).every(
    ([name, { notes }]) => input[name] === undefined || plain(row[notes.field ?? '']) === plain(input[name]),
  )
}

function plain(value: unknown): string {
  const bare = typeof value === 'object' && value !== null ? (value as { code?: unknown }).code : value
  return typeof bare === 'string' && /^\d+\.\d+$/.test(bare) ? String(Number(bare)) : String(bare)
}

/** An act as a service of its own: the same asker and answers, its own address and inputs. */
export function compileAct({ connector, contract }: CompiledService, kind: ActKind): CompiledService {
  const act: FilingAct | undefined = contract.submission?.[kind]
  if (!act) throw new Error(`${connector.id}.${contract.id} declares no ${kind}`)
  const facts = Object.fromEntries(Object.entries(contract.inputs).filter(([, { notes }]) => notes.fact))
  const { sid, path, method, constants, inputs = {} } = act
  const { path: _, constants: __, ...upstream } = contract.upstream ?? {}
  const own = { ...(path === undefined ? {} : { path }), ...(constants ? { constants } : {}) }
  const all: Inputs = { ...facts, ...inputs }
  return compileService(connector, {
    contract: { ...contract, inputs: all, upstream: { ...upstream, sid, method: method ?? 'POST', ...own } },
    handler: null,
  })
}

function inputOf({ vault }: DeliveryContext, { id, request_sealed }: ActRow): Record<string, unknown> {
  return JSON.parse(vault.open(request_sealed, sealContext.act(id))) as Record<string, unknown>
}

/** The agency's own number for the filing, under the key in which it gave it. */
function referenceOf(context: DeliveryContext, task: Task): Record<string, unknown> {
  const [key] = task.service.contract.fields[task.policy.reference]?.notes.codes ?? []
  const value = storedProgress(context, task)?.[task.policy.reference]
  return key === undefined || value === undefined || value === null ? {} : { [key]: value }
}
