import { randomBytes } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import type { Vault } from '../../core/base/vault.ts'
import { assertOpen, type UserRecord } from '../users/users.ts'

/** Without a request for this long, a session ends … */
const IDLE_MS = 30 * 60_000
/** … and after this long in any case. */
const ABSOLUTE_MS = 12 * 3_600_000
/** One that is for a single application is the way into it, and over with that. */
const BOUND_MS = 30 * 60_000
/** `seen_at` is written no more often than this. */
const SEEN_STEP_MS = 60_000
const SEAL = 'cookie.hub_session'

export interface Session {
  userId: string
  /** Epoch seconds, as OpenID Connect's `auth_time`. */
  authTime: number
  /** The one application for which it is good; null where its user signed on himself. */
  clientId: string | null
}

/** Browser sessions. The database holds a keyed hash of the id, the cookie the sealed id: neither alone makes the other. */
export interface SessionStore {
  /** `clientId`: for this application alone. → the cookie's value. */
  create(userId: string, clientId: string | null): Promise<string>
  /** Null where the value is forged, or the session ended, or its user is no longer active. */
  read(cookie: string): Promise<Session | null>
  end(cookie: string): Promise<void>
  /** Ends all sessions of a user; → how many there were. */
  endAll(userId: string): Promise<number>
  /** Removes what ended. */
  purge(): Promise<void>
}

interface SessionRow extends Pick<UserRecord, 'status' | 'locked_until'> {
  user_id: string
  client_id: string | null
  signed_on_at: number | string
  seen_at: number | string
}

export function createSessionStore(database: Database, vault: Vault): SessionStore {
  const hashOf = (id: string) => vault.fingerprint(id, 'sessions.id')

  function open(cookie: string): string | null {
    try {
      return hashOf(vault.open(cookie, SEAL))
    } catch {
      return null
    }
  }

  async function touch(id_hash: string, seenAt: number, now: number): Promise<void> {
    if (now - seenAt < SEEN_STEP_MS) return
    await database('sessions').where({ id_hash }).update({ seen_at: now })
  }

  return {
    async create(userId, clientId) {
      const id = randomBytes(32).toString('base64url')
      const now = Date.now()
      const expires_at = now + (clientId === null ? ABSOLUTE_MS : BOUND_MS)
      const row = { id_hash: hashOf(id), user_id: userId, client_id: clientId, signed_on_at: now, seen_at: now, expires_at }
      await database('sessions').insert(row)
      return vault.seal(id, SEAL)
    },
    async read(cookie) {
      const id_hash = open(cookie)
      if (id_hash === null) return null
      const now = Date.now()
      const row = await database('sessions')
        .join('users', 'users.id', 'sessions.user_id')
        .where({ id_hash })
        .where('expires_at', '>', now)
        .where('seen_at', '>', now - IDLE_MS)
        .first<SessionRow | undefined>('user_id', 'client_id', 'signed_on_at', 'seen_at', 'users.status', 'users.locked_until')
      if (!row || !isOpen(row)) return null
      await touch(id_hash, Number(row.seen_at), now)
      return { userId: row.user_id, authTime: Math.floor(Number(row.signed_on_at) / 1000), clientId: row.client_id }
    },
    async end(cookie) {
      const id_hash = open(cookie)
      if (id_hash !== null) await database('sessions').where({ id_hash }).delete()
    },
    endAll: (userId) => endSignOn(database, userId),
    async purge() {
      const now = Date.now()
      await database('sessions')
        .where('expires_at', '<=', now)
        .orWhere('seen_at', '<=', now - IDLE_MS)
        .delete()
    },
  }
}

/** Ends all sessions of a user, and his visits to pages, within a transaction of the caller's; → how many sessions there were. */
export async function endSignOn(database: Knex, userId: string): Promise<number> {
  await database('page_visits').where({ user_id: userId }).delete()
  return database('sessions').where({ user_id: userId }).delete()
}

export function isOpen(user: Pick<UserRecord, 'status' | 'locked_until'>): boolean {
  try {
    assertOpen(user)
    return true
  } catch (error) {
    if (error instanceof HubError) return false
    throw error
  }
}
