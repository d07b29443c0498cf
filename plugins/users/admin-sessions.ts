import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'

/** How long a token that showed the second factor is good at /admin: unused, and altogether. */
const IDLE_MS = 30 * 60_000
const LONGEST_MS = 8 * 3_600_000

/** An access token, or what a browser at the console holds, by its keyed hash, in the hands of its user. */
export interface Bearer {
  userId: string
  tokenHash: string
  /** Epoch milliseconds: no session outlives its token; Infinity for what has no end of its own. */
  expiresAt: number
}

export interface AdminSession {
  verifiedAt: number
  expiresAt: number
}

/** Part of the transaction in which the factor was shown. */
export async function openAdminSession(transaction: Knex, { userId, tokenHash, expiresAt }: Bearer, now: number): Promise<AdminSession> {
  const session = { verifiedAt: now, expiresAt: Math.min(now + LONGEST_MS, expiresAt) }
  const row = { token_hash: tokenHash, user_id: userId, verified_at: now, last_used_at: now, expires_at: session.expiresAt }
  await transaction('admin_sessions').insert(row).onConflict('token_hash').merge()
  return session
}

/** Throws HUB_SECOND_FACTOR_REQUIRED for a token that has not shown the factor, or is out of time. One write asks and notes the use. */
export async function useAdminSession(database: Knex, { userId, tokenHash }: Bearer): Promise<void> {
  if (!(await touch(database, userId, tokenHash))) throw new HubError('HUB_SECOND_FACTOR_REQUIRED', { stepUp: { method: 'second-factor' } })
}

async function touch(database: Knex, userId: string, tokenHash: string): Promise<boolean> {
  const now = Date.now()
  const used = await database('admin_sessions')
    .where({ token_hash: tokenHash, user_id: userId })
    .where('expires_at', '>', now)
    .where('last_used_at', '>', now - IDLE_MS)
    .update({ last_used_at: now })
  return used > 0
}

/** → whose session it is, by its keyed hash, and notes the use; null for one that is none, or is over. */
export async function userOfAdminSession(database: Knex, tokenHash: string): Promise<string | null> {
  const row: { user_id: string } | undefined = await database('admin_sessions').where({ token_hash: tokenHash }).first('user_id')
  return row && (await touch(database, row.user_id, tokenHash)) ? row.user_id : null
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
