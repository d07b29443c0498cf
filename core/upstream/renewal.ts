import { setTimeout as sleep } from 'node:timers/promises'
import { HubError } from '../base/errors.ts'
import type { Leases } from '../base/leases.ts'
import type { Log } from '../base/log.ts'
import type { Secret, SecretMemory } from './secret-memory.ts'

const LONGEST_MARGIN_MS = 15 * 60_000
const LONGEST_COOL_DOWN_MS = 60_000
/** How soon to look again when a renewal is due but somebody else is at it, or it failed. */
const LOOK_AGAIN_MS = 200

/** The part of a stored credential that renewals go by. Epoch milliseconds. */
export interface RenewableRow {
  failures: number
  /** No renewal before: cool-down after a failure. */
  retryAt: number
}

export interface Lease {
  owner: string
  /** Epoch milliseconds. */
  until: number
}

/** Fetches and commits under the lease. → null where the lease was lost: the row is looked at again. */
export type Renew<R> = (row: R, lease: Lease) => Promise<Secret | null>

export interface RenewalOptions<R extends RenewableRow> {
  /** In the log: what could not be renewed. */
  what: string
  leases: Pick<Leases<object>, 'lease' | 'release' | 'fail'>
  memory: SecretMemory
  read(id: string): Promise<R>
  /** Takes up the row's credential, if it is valid, was not refused and can be opened; else what memory still holds. */
  adopt(id: string, row: R): Secret | null
  /** What came of a fetch: `ok` or an error code. */
  renewed?(row: R, outcome: string): void
  log: Log
  now: () => number
  /** A dead process blocks the others no longer than this; a fetch is given up shortly before. */
  leaseMs: number
  /** How long a caller without a credential waits for another process's fetch. */
  waitMs: number
  pollMs: number
}

export interface Renewals<R> {
  /**
   * A valid credential: the row's, or a renewed one where none is valid or renewal is due. One renewal at
   * a time in the process and over all processes; whoever comes late takes up what the winner got. Rejects
   * with the error of `renew`, HUB_UPSTREAM_UNAVAILABLE (`retryAfter`) while cooling down, or
   * HUB_STORE_UNAVAILABLE; never while the old one is valid.
   */
  obtain(id: string, renew: Renew<R>): Promise<Secret>
  /** Another one than this version, however long that is valid, and nothing else. Rejects as `obtain`; calls go on with the old one. */
  replace(id: string, renew: Renew<R>, version: string): Promise<Secret>
}

export function createRenewals<R extends RenewableRow>(options: RenewalOptions<R>): Renewals<R> {
  const { what, leases, memory, read, adopt, renewed, log, now, leaseMs, waitMs, pollMs } = options
  const flights = new Map<string, Promise<Secret>>()

  async function settle(id: string, renew: Renew<R>, unwanted: string | null = null): Promise<Secret> {
    const isGood = (held: Secret) => now() < held.dueAt && held.version !== unwanted
    const deadline = now() + waitMs
    for (;;) {
      const row = await read(id)
      const at = now()
      const held = adopt(id, row)
      if (held && isGood(held)) return held
      if (row.retryAt > at) throw unavailable(row.retryAt - at)
      const until = at + leaseMs
      const owner = await leases.lease(id, at, until)
      const fresh = owner === null ? null : await renewUnderLease(id, { owner, until }, renew, isGood)
      if (fresh) return fresh
      const old = memory.current(id)
      if (old && unwanted === null) return memory.defer(id, old, at + LOOK_AGAIN_MS)
      if (now() >= deadline) throw unavailable(pollMs)
      await sleep(pollMs)
    }
  }

  /** → null where the row had changed before the lease was taken, or the lease was lost: look at the row again. */
  async function renewUnderLease(id: string, lease: Lease, renew: Renew<R>, isGood: (held: Secret) => boolean): Promise<Secret | null> {
    const row = await read(id)
    const held = adopt(id, row)
    if ((held && isGood(held)) || row.retryAt > now()) {
      await leases.release(id, lease.owner)
      return null
    }
    try {
      const fresh = await renew(row, lease)
      if (fresh) renewed?.(row, 'ok')
      return fresh
    } catch (error) {
      renewed?.(row, codeOf(error))
      const coolDown = Math.min(LONGEST_COOL_DOWN_MS, 1000 * 2 ** Math.min(row.failures, 10))
      log.warn({ id: id.slice(0, 8), failures: row.failures + 1, retryInMs: coolDown, code: codeOf(error) }, what)
      await leases.fail(id, lease.owner, row.failures + 1, now() + coolDown).catch(() => {})
      throw error
    }
  }

  /** While the old credential is valid, trouble with a new one is no caller's trouble. */
  async function orHeld(id: string, work: Promise<Secret>): Promise<Secret> {
    try {
      return await work
    } catch (error) {
      const held = memory.current(id)
      if (held) return memory.defer(id, held, now() + LOOK_AGAIN_MS)
      throw error
    } finally {
      flights.delete(id)
    }
  }

  return {
    obtain(id, renew) {
      let flight = flights.get(id)
      if (!flight) {
        flight = orHeld(id, settle(id, renew))
        flights.set(id, flight)
      }
      return flight
    },
    replace: settle,
  }
}

/** When to renew: never earlier than half the life, as a fixed margin would renew short-lived credentials without end. */
export function dueAt(obtainedAt: number, expiresAt: number): number {
  return expiresAt - Math.min(LONGEST_MARGIN_MS, (expiresAt - obtainedAt) / 2)
}

/** Gives work up after `ms`; its late end goes unnoticed. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const late = sleep(ms, undefined, { signal: stop.signal }).then(() => {
    throw new HubError('HUB_UPSTREAM_TIMEOUT')
  })
  try {
    return await Promise.race([work, late])
  } finally {
    stop.abort()
  }
}

function unavailable(waitMs: number): HubError {
  return new HubError('HUB_UPSTREAM_UNAVAILABLE', { retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) })
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? 'unknown')
}
