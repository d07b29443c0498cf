import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { SecurityStore } from './security/store.ts'

/** How long a token that showed the second factor is good at /admin: unused, and altogether. */
const IDLE_MS = 30 * 60_000
const LONGEST_MS = 8 * 3_600_000

/** An access token, or what a browser at the console holds, by its keyed hash, in the hands of its user. */
export interface Bearer {
  userId: string
  tokenHash: string
  /** Epoch milliseconds: no session outlives its token; Infinity for what has no end of its own. */
  expiresAt: number
  /** Keyed hash of the network address that it is used from. */
  addressHash: string
}

export interface AdminSession {
  verifiedAt: number
  expiresAt: number
}

/** Part of the transaction in which the factor was shown. */
export async function openAdminSession(
  transaction: Knex,
  { userId, tokenHash, expiresAt, addressHash }: Bearer,
  now: number,
): Promise<AdminSession> {
  const session = { verifiedAt: now, expiresAt: Math.min(now + LONGEST_MS, expiresAt) }
  const row = {
    token_hash: tokenHash,
    user_id: userId,
    address_hash: addressHash,
    verified_at: now,
    last_used_at: now,
    expires_at: session.expiresAt,
  }
  await transaction('admin_sessions').insert(row).onConflict('token_hash').merge()
  return session
}

/** By which a session is bound to where it was opened from. */
export function addressHashOf(vault: Pick<Vault, 'fingerprint'>, address: string): string {
  return vault.fingerprint(address, 'admin-sessions.address')
}

/** Whether sessions count only from where they were opened, as administrators have set it. */
export function isBoundToAddress({ security }: { security: Pick<SecurityStore, 'now'> }): boolean {
  return security.now.settings.highRisk.adminElsewhere === 'second-factor'
}

/**
 * Throws HUB_SECOND_FACTOR_REQUIRED for a token that has not shown the factor, is out of time, or where `bound`, is used from another
 * address than it showed it from. One write asks and notes the use.
 */
export async function useAdminSession(database: Knex, bearer: Omit<Bearer, 'expiresAt'>, bound: boolean): Promise<void> {
  if (!(await touch(database, bearer, bound))) throw new HubError('HUB_SECOND_FACTOR_REQUIRED', { stepUp: { method: 'second-factor' } })
}

async function touch(database: Knex, { userId, tokenHash, addressHash }: Omit<Bearer, 'expiresAt'>, bound: boolean): Promise<boolean> {
  const now = Date.now()
  const used = await database('admin_sessions')
    .where({ token_hash: tokenHash, user_id: userId, ...(bound ? { address_hash: addressHash } : {}) })
    .where('expires_at', '>', now)
    .where('last_used_at', '>', now - IDLE_MS)
    .update({ last_used_at: now })
  return used > 0
}

/** → whose session it is, by its keyed hash, and notes the use; null for one that is none, or is over. */
export async function userOfAdminSession(
  database: Knex,
  { tokenHash, addressHash }: Pick<Bearer, 'tokenHash' | 'addressHash'>,
  bound: boolean,
): Promise<string | null> {
  const row: { user_id: string } | undefined = await database('admin_sessions').where({ token_hash: tokenHash }).first('user_id')
  return row && (await touch(database, { userId: row.user_id, tokenHash, addressHash }, bound)) ? row.user_id : null
}

/** Ends a user's sessions, or the one of a token. */
export async function endAdminSessions(database: Knex, userId: string, tokenHash?: string): Promise<void> {
  await database('admin_sessions')
    .where({ user_id: userId, ...(tokenHash === undefined ? {} : { token_hash: tokenHash }) })
    .delete()
}

export async function purgeAdminSessions(database: Knex): Promise<void> {
  await database('admin_sessions').where('expires_at', '<=', Date.now()).delete()
}
