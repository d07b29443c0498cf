import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { createLeases, guarded, type Leases } from '../../core/base/leases.ts'
import type { RenewableRow } from '../../core/upstream/renewal.ts'
import type { AccountState } from './states.ts'

/** An account with its tokens as they are stored; epoch milliseconds. */
export interface TokenRow extends RenewableRow {
  accountId: string
  connector: string
  state: AccountState
  /** null where the account has no tokens. */
  tokens: StoredTokens | null
  leaseUntil: number
}

export interface StoredTokens {
  dataKey: string
  access: string
  refresh: string | null
  obtainedAt: number
  expiresAt: number
  /** Since when a renewal without known outcome may have used the refresh token. */
  refreshingSince: number | null
}

export interface TokenRows {
  readonly leases: Leases<object>
  byAccount(accountId: string): Promise<TokenRow | null>
  /** The user's account at an agency: of several the one in use, then the youngest. */
  byUser(userId: string, connector: string): Promise<TokenRow | null>
  /** The agency no longer honours the grant: its tokens go, and the account says so. → whether the lease was still `owner`'s. */
  lose(accountId: string, owner: string, reason: string, at: number): Promise<boolean>
}

export function createTokenRows(database: Database): TokenRows {
  const joined = () =>
    database('agency_accounts')
      .leftJoin('agency_tokens', 'agency_tokens.account_id', 'agency_accounts.id')
      .select<StoredRow[]>('agency_tokens.*', 'agency_accounts.id', 'agency_accounts.connector', 'agency_accounts.state')

  return {
    leases: createLeases<object>(database, 'agency_tokens', 'account_id'),
    async byAccount(accountId) {
      const [row] = await guarded(joined().where({ 'agency_accounts.id': accountId }))
      return row ? read(row) : null
    },
    async byUser(userId, connector) {
      const rows = await guarded(
        joined()
          .where({ 'agency_accounts.user_id': userId, 'agency_accounts.connector': connector })
          .andWhereNot({ 'agency_accounts.state': 'revoked' })
          .orderBy([{ column: 'agency_accounts.bound_at', order: 'desc' }, 'agency_accounts.id']),
      )
      const row = rows.find(({ state }) => state === 'active') ?? rows[0]
      return row ? read(row) : null
    },
    lose: (accountId, owner, reason, at) =>
      guarded(
        database.transaction(async (transaction: Knex.Transaction) => {
          const dropped = await transaction('agency_tokens').where({ account_id: accountId, lease_owner: owner }).delete()
          if (dropped === 0) return false
          const change = { state: 'reauthorise' satisfies AccountState, reason, updated_at: at }
          await transaction('agency_accounts').where({ id: accountId, state: 'active' }).update(change)
          return true
        }),
      ),
  }
}

interface StoredRow {
  id: string
  connector: string
  state: AccountState
  account_id: string | null
  data_key_sealed: string
  access_boxed: string
  refresh_boxed: string | null
  obtained_at: number
  expires_at: number
  refreshing_since: number | null
  lease_until: number | null
  failures: number | null
  retry_at: number | null
}

function read(row: StoredRow): TokenRow {
  return {
    accountId: row.id,
    connector: row.connector,
    state: row.state,
    leaseUntil: Number(row.lease_until ?? 0),
    failures: Number(row.failures ?? 0),
    retryAt: Number(row.retry_at ?? 0),
    tokens:
      row.account_id === null
        ? null
        : {
            dataKey: row.data_key_sealed,
            access: row.access_boxed,
            refresh: row.refresh_boxed,
            obtainedAt: Number(row.obtained_at),
            expiresAt: Number(row.expires_at),
            refreshingSince: row.refreshing_since === null ? null : Number(row.refreshing_since),
          },
  }
}
