import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import type { Log } from '../../core/base/log.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { AccountToken } from '../../core/upstream/dialect.ts'
import { createRenewals, dueAt, type Lease, within } from '../../core/upstream/renewal.ts'
import { createSecretMemory, type Secret } from '../../core/upstream/secret-memory.ts'
import { createDataKey, type DataKey, openDataKey } from './data-key.ts'
import { type AgencyServer, GrantLost, type TokenSet } from './token-endpoint.ts'
import { createTokenRows, type StoredTokens, type TokenRow } from './token-rows.ts'

/** How fast the allowance for tokens that the agency refuses before their time grows back. */
const REFUSAL_EVERY_MS = 1000
/** How long a new pair that the database won't take is offered to it: it exists nowhere else. */
const COMMIT_PATIENCE_MS = 60_000

/** Tokens of users' accounts, shared by all processes of the hub through the database. */
export interface TokenStore {
  /**
   * The user's access token at an agency, renewed where that is due. Rejects with HUB_ACCOUNT_UNBOUND,
   * HUB_ACCOUNT_SUSPENDED, HUB_ACCOUNT_REAUTHORISE, the trouble of a renewal, or HUB_STORE_UNAVAILABLE.
   */
  obtain(userId: string, connector: string, server: AgencyServer): Promise<AccountToken>
  /** The agency refused this version before its time. */
  refused(accountId: string, version: string): void
  /** Replaces an account's tokens, also under a renewal that is under way: its result is then dropped. */
  put(transaction: Knex.Transaction, accountId: string, tokens: TokenSet): Promise<void>
  /** Drops what this process remembers of an account that was ended. */
  forget(accountId: string): void
}

export interface TokenStoreOptions {
  database: Database
  vault: Vault
  log: Log
  /** What came of a renewal: `ok` or an error code. */
  renewed?(connector: string, outcome: string): void
  now?: () => number
  /** A dead process blocks the others no longer than this. */
  leaseMs?: number
  /** How long a caller without a token waits for another process's renewal. */
  waitMs?: number
  pollMs?: number
}

export function createTokenStore(options: TokenStoreOptions): TokenStore {
  const { database, vault, log, renewed, now = Date.now, leaseMs = 20_000, waitMs = leaseMs + 5000, pollMs = 50 } = options
  const rows = createTokenRows(database)
  const { leases } = rows
  const memory = createSecretMemory(now, REFUSAL_EVERY_MS)
  const renewals = createRenewals({
    what: '续期用户令牌失败',
    leases,
    memory,
    read,
    adopt,
    renewed: (row, outcome) => renewed?.(row.connector, outcome),
    log,
    now,
    leaseMs,
    waitMs,
    pollMs,
  })

  async function read(accountId: string): Promise<UsableRow> {
    return usable(await rows.byAccount(accountId))
  }

  function adopt(accountId: string, { tokens }: UsableRow): Secret | null {
    const { access, dataKey, obtainedAt, expiresAt } = tokens
    const held = memory.current(accountId)
    if (expiresAt <= now() || memory.wasRefused(accountId, access)) return null
    if (held?.version === access) return held
    const value = keyOf(accountId, dataKey).unbox(access, 'access')
    return memory.keep(accountId, { value, version: access, expiresAt, dueAt: dueAt(obtainedAt, expiresAt) })
  }

  function keyOf(accountId: string, sealed: string): DataKey {
    try {
      return openDataKey(vault, accountId, sealed)
    } catch (error) {
      log.error({ account: accountId }, '用户令牌无法解密：主密钥缺失或数据被改动')
      throw new HubError('HUB_STORE_UNAVAILABLE', {}, error)
    }
  }

  function renewal(server: AgencyServer) {
    return async ({ accountId, connector, tokens }: UsableRow, lease: Lease): Promise<Secret | null> => {
      const refreshToken = tokens.refresh === null ? null : keyOf(accountId, tokens.dataKey).unbox(tokens.refresh, 'refresh')
      if (refreshToken === null) return lose(accountId, connector, lease.owner, 'expired')
      // Ahead of the request: should this process die, the next one knows that the old token may be used up.
      if (!(await leases.write(accountId, lease.owner, { refreshing_since: tokens.refreshingSince ?? now() }))) return null
      let fresh: TokenSet
      try {
        fresh = await within(leaseMs * 0.4, server.refresh(refreshToken))
      } catch (error) {
        if (!(error instanceof GrantLost)) throw error
        return lose(accountId, connector, lease.owner, tokens.refreshingSince === null ? 'grant-lost' : 'answer-lost')
      }
      return commit(accountId, lease.owner, tokens, fresh)
    }
  }

  async function lose(accountId: string, connector: string, owner: string, reason: string): Promise<null> {
    if (!(await rows.lose(accountId, owner, reason, now()))) return null
    memory.drop(accountId)
    throw reauthorise(connector)
  }

  /** → null where the account was bound anew or given up meanwhile. */
  async function commit(accountId: string, owner: string, { dataKey }: StoredTokens, fresh: TokenSet): Promise<Secret | null> {
    const patience = now() + COMMIT_PATIENCE_MS
    const values = { ...box(accountId, fresh, dataKey), failures: 0, retry_at: 0 }
    for (;;) {
      try {
        if (!(await leases.release(accountId, owner, values))) return null
        const { accessToken, obtainedAt, expiresAt } = fresh
        const secret = { value: accessToken, version: values.access_boxed, expiresAt, dueAt: dueAt(obtainedAt, expiresAt) }
        return memory.keep(accountId, secret)
      } catch (error) {
        if (now() > patience) throw error
        await sleep(100)
      }
    }
  }

  function box(accountId: string, tokens: TokenSet, dataKey?: string) {
    const key = dataKey === undefined ? createDataKey(vault, accountId) : keyOf(accountId, dataKey)
    return {
      // A key in use is left as the row has it: it may be sealed anew at this moment.
      ...(dataKey === undefined ? { data_key_sealed: key.sealed } : {}),
      access_boxed: key.box(tokens.accessToken, 'access'),
      refresh_boxed: tokens.refreshToken === null ? null : key.box(tokens.refreshToken, 'refresh'),
      obtained_at: tokens.obtainedAt,
      expires_at: tokens.expiresAt,
      refreshing_since: null,
    }
  }

  return {
    async obtain(userId, connector, server) {
      const row = usable(await rows.byUser(userId, connector), connector)
      const { accountId } = row
      const at = now()
      const held = adopt(accountId, row)
      if (held && at < held.dueAt) return { accountId, ...held }
      if (!held) return { accountId, ...(await renewals.obtain(accountId, renewal(server))) }
      // Due, but valid: this call doesn't wait for the new token. The store has logged a failure already.
      if (row.leaseUntil <= at && row.retryAt <= at) renewals.obtain(accountId, renewal(server)).catch(() => {})
      return { accountId, ...held }
    },
    refused: memory.forget,
    async put(transaction, accountId, tokens) {
      const values = { ...box(accountId, tokens), lease_owner: null, lease_until: 0, failures: 0, retry_at: 0 }
      const replaced = await transaction('agency_tokens').where({ account_id: accountId }).update(values)
      if (replaced === 0) await transaction('agency_tokens').insert({ account_id: accountId, ...values })
    },
    forget: memory.drop,
  }
}

type UsableRow = TokenRow & { tokens: StoredTokens }

function usable(row: TokenRow | null, connector = row?.connector ?? ''): UsableRow {
  if (!row || row.state === 'revoked') throw new HubError('HUB_ACCOUNT_UNBOUND', stepUp(connector))
  if (row.state === 'suspended') throw new HubError('HUB_ACCOUNT_SUSPENDED')
  if (row.state === 'reauthorise' || row.tokens === null) throw reauthorise(row.connector)
  return row as UsableRow
}

function reauthorise(connector: string): HubError {
  return new HubError('HUB_ACCOUNT_REAUTHORISE', stepUp(connector))
}

function stepUp(connector: string) {
  return { stepUp: { method: 'account' as const, connector, url: `/v1/me/accounts/${connector}/authorise` } }
}
