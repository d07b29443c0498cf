import type { Log } from '../../../core/base/log.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Agencies } from '../choices.ts'
import { codeOf, policyOf, type Taker } from './agency.ts'
import type { BookingRow } from './row.ts'
import type { BookingChanges, BookingRows } from './rows.ts'

/** Times in milliseconds. */
export interface Pace {
  /** First look at what is unclear; each further one waits half as long again, up to `maxMs`. */
  baseMs: number
  maxMs: number
  /** How long after a call that was cut off "nothing of it" is not yet believed. */
  settleMs: number
  leaseMs: number
}

export const defaultPace: Pace = { baseMs: 2000, maxMs: 60_000, settleMs: 30_000, leaseMs: 30_000 }

export type Saying = 'hold' | 'confirm' | 'reschedule' | 'cancel' | 'refund' | 'release' | 'status'

/** What an agency was told or asked of a booking; no personal data. */
export interface Note {
  row: BookingRow
  what: Saying
  outcome: string
  status: number | null
  ms: number
}

export interface BookingContext {
  rows: BookingRows
  vault: Vault
  agencies: Agencies & { vault: Vault }
  asker(userId: string, enterpriseId: string | null, serviceKey: string): Promise<Asker>
  /** Resolves once the note is on the disk. */
  audit(note: Note): Promise<void>
  log: Pick<Log, 'error' | 'warn'>
  pace: Pace
}

/** The service that took a booking; null where its connector is gone. */
export function takerOf({ agencies }: BookingContext, row: BookingRow): Taker | null {
  const service = agencies.services.get(`${row.connector}.${row.service}`)
  const policy = service && policyOf(service)
  return service && policy ? { service, policy } : null
}

/** Leaves a booking where it is and looks again, later each time. */
export function postpone({ rows, pace }: BookingContext, row: BookingRow, changes: BookingChanges = {}): Promise<BookingRow | null> {
  const failures = row.failures + 1
  const wait = Math.min(pace.maxMs, Math.round(pace.baseMs * 1.5 ** Math.min(failures, 30)))
  return rows.note(row, { failures, due_at: rows.now() + wait, ...changes })
}

/** Tells the agency something, with a row of the audit for how it went. */
export async function told<T>(context: BookingContext, row: BookingRow, what: Saying, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const note = (outcome: string, status: number | null) => context.audit({ row, what, outcome, status, ms: performance.now() - start })
  try {
    const result = await work()
    await note('ok', 200)
    return result
  } catch (error) {
    await note(codeOf(error), (error as { upstreamStatus?: number | null }).upstreamStatus ?? null)
    throw error
  }
}
