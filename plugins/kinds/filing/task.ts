import type { Row } from '../../../core/answer/reading.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { Log } from '../../../core/base/log.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Fields } from '../../../core/contract/fields.ts'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import type { Inputs } from '../../../core/contract/inputs.ts'
import type { SubmissionPolicy } from '../../../core/contract/types.ts'
import type { Outgoing, RawReply } from '../../../core/upstream/dialect.ts'
import type { Opened } from '../../../core/upstream/envelope.ts'
import { lookup, type SourceRow } from '../../../core/upstream/envelope.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import type { CallOptions } from '../../../core/upstream/upstream.ts'
import type { ActRows } from './acts.ts'
import type { Also, Changes, SubmissionRow, SubmissionRows } from './rows.ts'

/** Times in milliseconds. */
export interface Pace {
  /** First wait after a trouble; it doubles with each further one, up to `maxMs`. */
  baseMs: number
  maxMs: number
  /** How long after an unclear send "nothing found" is not yet believed: the agency may still be working on it. */
  settleMs: number
  /** What a lease outlasts a call by. */
  marginMs: number
  /** Troubles in a row that kept a filing from reaching the agency at all, before a person looks (300: about a day). */
  patience: number
  /** 0 to 1, for jitter. */
  random(): number
}

export const defaultPace: Pace = { baseMs: 1000, maxMs: 300_000, settleMs: 30_000, marginMs: 5000, patience: 300, random: Math.random }

/** What a step did towards an agency; no personal data. */
export interface StepNote {
  action: 'delivery' | 'status'
  row: SubmissionRow
  at: number
  outcome: string
  status: number
  ms: number
  upstreamStatus: number | null
  fields: readonly string[]
  rows: number | null
}

/** What deliveries need of an upstream. */
export interface Sender {
  call(outgoing: Outgoing, open: (reply: RawReply) => Opened, options: CallOptions): Promise<Opened & { status: number }>
}

export interface DeliveryContext {
  rows: SubmissionRows
  /** Needed for services that declare acts on their filings. */
  acts?: ActRows
  vault: Vault
  /** By `<connector>.<service>`. */
  services: ReadonlyMap<string, CompiledService>
  /** By system. */
  upstreams: ReadonlyMap<string, Sender>
  asker(userId: string, enterpriseId: string | null, serviceKey: string): Promise<Asker>
  /**
   * As whom an enterprise's filing is followed once its agent's mandate has ended: it stays the enterprise's. Throws
   * HUB_ENTERPRISE_FROZEN for one that is frozen.
   */
  follower?(userId: string, enterpriseId: string): Promise<Asker>
  /** A filing's input with its files in place of their ids; needed where a service takes files. */
  fill?(submissionId: string, inputs: Inputs, input: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>
  /** Milliseconds for which the agency is closed by plan, to whoever wants something done there or only asks; 0 while it is open. Default: it always is. */
  closedFor?(service: CompiledService, changes: boolean): number
  /** Resolves once the note is on the disk. */
  audit(note: StepNote): Promise<void>
  log: Pick<Log, 'error' | 'warn'>
  pace: Pace
}

/** One claimed submission with all that belongs to it. */
export interface Task {
  row: SubmissionRow
  service: CompiledService
  policy: SubmissionPolicy<Fields>
  asker: Asker
  /** The hub's own number for the filing; the same on every send. */
  serial: string
}

/** Half of the exponential wait is fixed, half is jitter, so that a thousand filings don't come back at once. */
export function backOff({ baseMs, maxMs, random }: Pace, failures: number): number {
  const wait = Math.min(maxMs, baseMs * 2 ** Math.min(Math.max(0, failures - 1), 30))
  return Math.round(wait / 2 + (random() * wait) / 2)
}

export function errorCode(error: unknown): string {
  return error instanceof HubError ? error.code : 'HUB_INTERNAL'
}

/** Writes the end of a step and lets the row go. → when it is due again, or null. */
export async function conclude(
  { rows }: DeliveryContext,
  row: SubmissionRow,
  path: readonly SubmissionState[],
  changes: Changes & { due_at: number | null },
  note?: string,
  also?: Also,
): Promise<number | null> {
  return (await rows.save(row, path, changes, note, also))?.due_at ?? null
}

/** Leaves everything as it is for another try. */
export function postpone(context: DeliveryContext, row: SubmissionRow, error: unknown): Promise<number | null> {
  const failures = row.failures + 1
  return conclude(context, row, [], {
    failures,
    last_error: errorCode(error),
    due_at: context.rows.now() + backOff(context.pace, failures),
  })
}

/** One call to the agency, with its audit row on the disk before anything is made of the answer. */
export async function audited<T>(
  context: DeliveryContext,
  row: SubmissionRow,
  action: StepNote['action'],
  call: () => Promise<{ status: number; rows: number; fields: readonly string[]; value: T }>,
): Promise<T> {
  const note = { action, row, at: context.rows.now() }
  const start = performance.now()
  const result = await call().catch(async (error: unknown) => {
    const upstreamStatus = error instanceof UpstreamError ? error.upstreamStatus : null
    const status = error instanceof HubError ? error.status : 500
    await context.audit({
      ...note,
      outcome: errorCode(error),
      status,
      ms: performance.now() - start,
      upstreamStatus,
      fields: [],
      rows: null,
    })
    throw error
  })
  const { status, rows, fields, value } = result
  await context.audit({ ...note, outcome: 'ok', status: 200, ms: performance.now() - start, upstreamStatus: status, fields, rows })
  return value
}

/**
 * The one row of an answer that is about this filing, mapped; null when there are no rows at all.
 * Rows that may be about another filing are an error: nothing is concluded from them.
 */
export function ownRow({ service, policy, asker, serial }: Task, sources: readonly SourceRow[]): Row | null {
  if (sources.length === 0) return null
  const own = sources.find((source) => String(lookup(source, [policy.serial])) === serial)
  if (own) return service.map(own, asker)
  const [only, ...others] = sources
  const row = only && others.length === 0 && lookup(only, [policy.serial]) === undefined ? service.map(only, asker) : null
  if (row === null || row[policy.reference] === null || row[policy.reference] === undefined) {
    throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: 200 }, { field: policy.reference })
  }
  return row
}

/** Asks the agency what became of the filing. → its row, or null for a clean "nothing found". */
export function askStatus(context: DeliveryContext, task: Task): Promise<Row | null> {
  const { service, policy, asker, serial, row } = task
  const { contract } = service
  return audited(context, row, 'status', async () => {
    // Whose filing it is goes along; what was filed does not, for a GET's parameters end up in access logs.
    const own = service.outgoing({}, asker)
    const params = { ...own.params, [policy.serial]: serial }
    const options = { deadline: performance.now() + contract.timeoutMs, retries: contract.retry?.attempts ?? 0, cacheSeconds: 0 }
    const outgoing = {
      ...own,
      sid: policy.statusSid ?? service.sid,
      method: 'GET' as const,
      params,
      userId: row.user_id,
    }
    const answer = await upstreamOf(context, service.system).call(outgoing, service.open, options)
    const value = ownRow(task, answer.rows)
    return { status: answer.status, rows: answer.rows.length, fields: namesIn(value), value }
  })
}

export function upstreamOf({ upstreams }: DeliveryContext, system: string): Sender {
  const upstream = upstreams.get(system)
  if (!upstream) throw new Error(`no upstream for ${system}`)
  return upstream
}

export function namesIn(row: Row | null): string[] {
  return Object.entries(row ?? {})
    .filter(([, value]) => value !== null)
    .map(([name]) => name)
}
