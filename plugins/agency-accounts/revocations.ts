import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { createLeases } from '../../core/base/leases.ts'
import type { Log } from '../../core/base/log.ts'
import type { Vault } from '../../core/base/vault.ts'

/** How patient the hub is with an agency that does not take a revocation. */
export interface RevocationPace {
  /** Wait after the first failure; doubled up to `maxMs`. */
  baseMs: number
  maxMs: number
  /** After this long the token is erased unheard. */
  giveUpMs: number
  /** A dead process blocks the others no longer than this. */
  leaseMs: number
}

export const defaultRevocationPace: RevocationPace = {
  baseMs: 10_000,
  maxMs: 3_600_000,
  giveUpMs: 7 * 24 * 3_600_000,
  leaseMs: 30_000,
}

export interface Revocations {
  /** Ids of revocations that are due and that nobody holds, the longest overdue first. */
  due(limit: number): Promise<string[]>
  /** Tells the agency; → when to try again (epoch milliseconds), or null where that is over or somebody else's. */
  work(id: string): Promise<number | null>
}

export interface RevocationsOptions {
  database: Database
  vault: Vault
  /** Rejects where the agency did not take it; telling it twice does no harm (RFC 7009 §2.2). */
  revoke(connector: string, token: string): Promise<void>
  log: Pick<Log, 'warn'>
  pace: RevocationPace
}

interface RevocationRow {
  connector: string
  token_sealed: string
  created_at: number | string
  failures: number
}

const TABLE = 'agency_revocations'
const sealContext = (id: string) => `${TABLE}.token:${id}`

/**
 * Puts a token that the hub gives up down to be revoked, in the transaction that gives it up, so that the
 * agency hears of it whatever becomes of this process. → the id for {@link Revocations.work}.
 */
export async function queueRevocation(transaction: Knex.Transaction, vault: Vault, connector: string, token: string): Promise<string> {
  const id = randomUUID()
  const now = Date.now()
  await transaction(TABLE).insert({ id, connector, token_sealed: vault.seal(token, sealContext(id)), created_at: now, retry_at: now })
  return id
}

export function createRevocations({ database, vault, revoke, log, pace }: RevocationsOptions): Revocations {
  const leases = createLeases<RevocationRow>(database, TABLE)
  const erase = (id: string, owner: string) => database(TABLE).where({ id, lease_owner: owner }).delete()

  async function fail(id: string, owner: string, row: RevocationRow, error: unknown): Promise<number | null> {
    const failures = row.failures + 1
    const retryAt = Date.now() + Math.min(pace.maxMs, pace.baseMs * 2 ** Math.min(row.failures, 20))
    if (retryAt < Number(row.created_at) + pace.giveUpMs) {
      await leases.fail(id, owner, failures, retryAt)
      return retryAt
    }
    await erase(id, owner)
    // A code alone: messages name addresses, and a token belongs in no log.
    const code = error instanceof HubError ? error.code : 'HUB_INTERNAL'
    log.warn({ connector: row.connector, revocation: id, failures, code }, '未能在对方系统撤销令牌，已放弃并删除；本平台早已不再使用')
    return null
  }

  return {
    async due(limit) {
      const now = Date.now()
      return database(TABLE).where('retry_at', '<=', now).andWhere('lease_until', '<=', now).orderBy('retry_at').limit(limit).pluck('id')
    },
    async work(id) {
      const now = Date.now()
      const owner = await leases.lease(id, now, now + pace.leaseMs)
      const row = owner === null ? undefined : await leases.find(id)
      if (owner === null || !row) return null
      try {
        await revoke(row.connector, vault.open(row.token_sealed, sealContext(id)))
      } catch (error) {
        return fail(id, owner, row, error)
      }
      await erase(id, owner)
      return null
    },
  }
}
