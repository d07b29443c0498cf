import type { Database } from '../base/database.ts'
import { HubError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Vault } from '../base/vault.ts'
import type { HeldCredential } from './dialect.ts'
import { createRenewals, dueAt, type Renew, within } from './renewal.ts'
import { createSecretMemory, type Secret, type SecretMemory } from './secret-memory.ts'
import { createSecretRows, type SecretRow } from './secret-rows.ts'

/** What an agency hands out. `expiresAt` in epoch milliseconds. */
export interface FreshSecret {
  secret: string
  expiresAt: number
}

/** Short-lived upstream secrets, shared by all processes of the hub through the database. */
export interface SecretStore extends Pick<SecretMemory, 'current' | 'forget'> {
  /** Id of what the parts (address, account, key …) describe; no part can be read back from it. */
  idOf(...parts: string[]): string
  /**
   * A valid secret: the database's, or a fetched one where none is valid or renewal is due; ask
   * {@link SecretStore.current} first. One fetch at a time over all processes. Rejects with the error of `fetchFresh`,
   * HUB_UPSTREAM_UNAVAILABLE (`retryAfter`) while cooling down after a failure, or
   * HUB_STORE_UNAVAILABLE; never while the old secret is valid.
   */
  obtain(id: string, fetchFresh: () => Promise<FreshSecret>): Promise<Secret>
  /** Takes up what other processes have obtained, and renews what is due before a call wants it; one that has ended is left alone. Rejects as `obtain`. */
  refresh(id: string, fetchFresh: () => Promise<FreshSecret>): Promise<void>
  /** What the database holds; null before the first. */
  inspect(id: string): Promise<HeldCredential | null>
  /**
   * Fetches another one now; the one held serves on until then. Rejects as `obtain`, whatever is held, and with HUB_UPSTREAM_CREDENTIAL where the agency handed out the same once more.
   */
  rotate(id: string, fetchFresh: () => Promise<FreshSecret>): Promise<void>
}

/** An agency may write any end, and any number is one: the store has no room for all of them. */
const LONGEST_LIFE_MS = 10 * 365 * 86_400_000
/** More characters than a header has room for are no secret. */
const LONGEST = 8192

export interface SecretStoreOptions {
  database: Database
  vault: Vault
  log: Log
  /** What came of a fetch: `ok` or an error code. */
  renewed?(outcome: string): void
  now?: () => number
  /** A dead process blocks the others no longer than this; a fetch is given up shortly before. */
  leaseMs?: number
  /** How long a caller without a secret waits for another process's fetch. */
  waitMs?: number
  pollMs?: number
}

export function createSecretStore(options: SecretStoreOptions): SecretStore {
  const { database, vault, log, renewed, now = Date.now, leaseMs = 10_000, waitMs = 2 * leaseMs, pollMs = 50 } = options
  const rows = createSecretRows(database)
  const memory = createSecretMemory(now)
  const { leases, find, read } = rows
  const renewals = createRenewals({
    what: '获取上游密钥失败',
    leases,
    memory,
    read,
    adopt,
    renewed: (_row, outcome) => renewed?.(outcome),
    log,
    now,
    leaseMs,
    waitMs,
    pollMs,
  })

  /** Takes up the row's secret, if it is valid, was not refused and can be opened. */
  function adopt(id: string, { sealed, obtainedAt, expiresAt }: SecretRow): Secret | null {
    const held = memory.current(id)
    if (sealed === null || expiresAt <= now() || memory.wasRefused(id, sealed)) return held
    const value = held?.version === sealed ? held.value : open(id, sealed)
    return value === null ? held : memory.keep(id, { value, version: sealed, expiresAt, dueAt: dueAt(obtainedAt, expiresAt) })
  }

  function open(id: string, sealed: string): string | null {
    try {
      return vault.open(sealed, id)
    } catch {
      log.warn({ id: id.slice(0, 8) }, '已保存的上游密钥无法解密（主密钥是否更换？），将重新获取')
      return null
    }
  }

  function renew(id: string, fetchFresh: () => Promise<FreshSecret>): Renew<SecretRow> {
    return async (row, { owner }) => {
      const { secret, expiresAt: end } = await within(leaseMs * 0.8, fetchFresh())
      const obtainedAt = now()
      const expiresAt = Math.min(end, obtainedAt + LONGEST_LIFE_MS)
      if (!(expiresAt > obtainedAt) || secret === '' || secret.length > LONGEST) throw new HubError('HUB_UPSTREAM_CREDENTIAL')
      const sealed = vault.seal(secret, id)
      const saved = await rows.save(id, owner, sealed, obtainedAt, expiresAt)
      return saved ? adopt(id, { ...row, sealed, obtainedAt, expiresAt }) : null
    }
  }

  return {
    idOf: (...parts) => vault.fingerprint(JSON.stringify(parts), 'upstream-secret'),
    current: memory.current,
    forget: memory.forget,
    obtain: (id, fetchFresh) => renewals.obtain(id, renew(id, fetchFresh)),
    async refresh(id, fetchFresh) {
      const row = await find(id)
      if (!row || row.expiresAt <= now()) return
      adopt(id, row)
      if (now() >= dueAt(row.obtainedAt, row.expiresAt)) await renewals.obtain(id, renew(id, fetchFresh))
    },
    async inspect(id) {
      const { obtainedAt = 0, expiresAt = 0, failures = 0 } = (await find(id)) ?? {}
      return obtainedAt === 0 && failures === 0 ? null : { id, obtainedAt, expiresAt, failures }
    },
    async rotate(id, fetchFresh) {
      const { sealed } = await read(id)
      const former = sealed === null ? null : open(id, sealed)
      const got = { isSame: false }
      const fetchAnother = async () => {
        const fresh = await fetchFresh()
        got.isSame = fresh.secret === former
        return fresh
      }
      await renewals.replace(id, renew(id, fetchAnother), sealed ?? '')
      // It is kept, for its end may be another; but whoever asked must not believe that the one he mistrusts is gone.
      if (got.isSame) throw new HubError('HUB_UPSTREAM_CREDENTIAL')
    },
  }
}
