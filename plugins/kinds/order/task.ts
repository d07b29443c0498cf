import { HubError } from '../../../core/base/errors.ts'
import type { Log } from '../../../core/base/log.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Upstream } from '../../../core/upstream/upstream.ts'
import type { Channel, ChannelId } from '../../payments/channel.ts'
import type { OrderPolicy } from './policy.ts'
import type { RefundRows } from './refunds.ts'
import type { Also, OrderChanges, OrderRow, OrderRows } from './rows.ts'

/** Times in milliseconds. */
export interface Pace {
  /** First look at a payment under way; each further one waits half as long again, up to `maxMs`. */
  baseMs: number
  maxMs: number
  /** How long after an unclear write-off "nothing found" is not yet believed. */
  settleMs: number
  /** How long after its end an order is closed: the channel's clock is another. */
  closeMs: number
  leaseMs: number
}

export const defaultPace: Pace = { baseMs: 2000, maxMs: 60_000, settleMs: 30_000, closeMs: 30_000, leaseMs: 60_000 }

/** What a step told or asked somebody; no personal data. */
export interface Note {
  row: OrderRow
  what: 'payment' | 'write-off' | 'write-off-status' | 'refund'
  outcome: string
  status: number | null
  ms: number
}

export interface OrderContext {
  rows: OrderRows
  refunds: RefundRows
  vault: Vault
  services: ReadonlyMap<string, CompiledService>
  upstreams: ReadonlyMap<string, Upstream>
  /** Milliseconds for which the company is closed by plan; 0 while it is open. */
  closedFor(service: CompiledService): number
  /** The channel of a connector's merchant. Throws HUB_PAYMENT_CHANNEL where it has none. */
  channelOf(connector: string, channel: ChannelId): Channel
  noticeUrl(connector: string, channel: ChannelId): string
  /** Resolves once the note is on the disk. */
  audit(note: Note): Promise<void>
  log: Pick<Log, 'error' | 'warn'>
  pace: Pace
}

/** One claimed order with all that belongs to it. */
export interface Task {
  row: OrderRow
  service: CompiledService
  policy: OrderPolicy
}

/** An order whose service may be gone: its connector was removed, and money may still be on its way. */
export type Found = Pick<Task, 'row'> & Partial<Task>

export function backOff({ baseMs, maxMs }: Pace, failures: number): number {
  return Math.min(maxMs, Math.round(baseMs * 1.5 ** Math.min(failures, 30)))
}

export function codeOf(error: unknown): string {
  return error instanceof HubError ? error.code : 'HUB_INTERNAL'
}

/** Leaves the order where it is and looks again, later each time. → when. */
export async function postpone({ rows, pace }: OrderContext, row: OrderRow, changes: OrderChanges = {}): Promise<number | null> {
  const failures = row.failures + 1
  const due_at = rows.now() + backOff(pace, failures)
  return (await rows.note(row, { failures, due_at, ...changes }))?.due_at ?? null
}

/** Only a person can say what is right: told to the log, which raises the alarm. */
export async function toPerson(
  { rows, log }: OrderContext,
  row: OrderRow,
  cause: string,
  changes: OrderChanges = {},
  also?: Also,
): Promise<null> {
  if (await rows.move(row, 'exception', cause, { ...changes, due_at: null }, also)) log.warn({ order: row.id, cause }, '订单须人工核实')
  return null
}

/** Tells somebody something, with a row of the audit for how it went. */
export async function told<T extends object>(context: OrderContext, row: OrderRow, what: Note['what'], work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  try {
    const result = await work()
    await context.audit({
      row,
      what,
      outcome: 'ok',
      status: 'status' in result ? Number(result.status) : null,
      ms: performance.now() - start,
    })
    return result
  } catch (error) {
    const status = (error as { upstreamStatus?: number | null }).upstreamStatus ?? null
    await context.audit({ row, what, outcome: codeOf(error), status, ms: performance.now() - start })
    throw error
  }
}
