import { randomBytes } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { assertOpen, type UserRecord } from '../users/users.ts'
import { type Ending, logInId, type NewLogIn, noteLogIn } from './log-ins/log-ins.ts'

/** Without a request for this long, a session ends … */
export const IDLE_MS = 30 * 60_000
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
  /** Id among the user's log-ins. */
  logIn: string
}

/** In which browser a session begins. */
export type Browser = Pick<NewLogIn, 'device' | 'deviceName' | 'address'>

/** Browser sessions. The database holds a keyed hash of the id, the cookie the sealed id: neither alone makes the other. */
export interface SessionStore {
  /** `clientId`: for this application alone. → the cookie's value. */
  create(userId: string, clientId: string | null, browser: Browser): Promise<string>
  /** Null where the value is forged, or the session ended, or its user is no longer active. */
  read(cookie: string): Promise<Session | null>
  /** → whose it was, also where it was over for want of use; null for none that there is. */
  end(cookie: string): Promise<string | null>
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

  const logInOf = (idHash: string) => logInId(vault, 'browser', idHash)

  async function touch(id_hash: string, seenAt: number, now: number): Promise<void> {
    if (now - seenAt < SEEN_STEP_MS) return
    await database('sessions').where({ id_hash }).update({ seen_at: now })
    await database('log_ins')
      .where({ id: logInOf(id_hash) })
      .update({ seen_at: now })
  }

  return {
    async create(userId, clientId, browser) {
      const id = randomBytes(32).toString('base64url')
      const now = Date.now()
      const expires_at = now + (clientId === null ? ABSOLUTE_MS : BOUND_MS)
      const sessionHash = hashOf(id)
      const row = { id_hash: sessionHash, user_id: userId, client_id: clientId, signed_on_at: now, seen_at: now, expires_at }
      const common = { id: logInOf(sessionHash), userId, kind: 'browser', application: clientId, sessionHash, proven: true } as const
      await transact(database, async (transaction) => {
        await transaction('sessions').insert(row)
        await noteLogIn(transaction, vault, { ...common, ...browser, signedOnAt: now, expiresAt: expires_at }, now)
      })
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
      return {
        userId: row.user_id,
        authTime: Math.floor(Number(row.signed_on_at) / 1000),
        clientId: row.client_id,
        logIn: logInOf(id_hash),
      }
    },
    async end(cookie) {
      const id_hash = open(cookie)
      if (id_hash === null) return null
      return transact(database, async (transaction) => {
        const mine: Pick<SessionRow, 'user_id'> | undefined = await transaction('sessions').where({ id_hash }).first('user_id')
        await transaction('sessions').where({ id_hash }).delete()
        const over = { ended_at: Date.now(), ended_how: 'signed' satisfies Ending }
        await transaction('log_ins')
          .where({ id: logInOf(id_hash), ended_at: null })
          .update(over)
        return mine?.user_id ?? null
      })
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
  const over = { ended_at: Date.now(), ended_how: 'account' satisfies Ending }
  await database('log_ins').where({ user_id: userId, kind: 'browser', ended_at: null }).update(over)
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
