import { randomUUID } from 'node:crypto'
import type { Database } from '../../core/base/database.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { UserRecord } from '../users/users.ts'
import { randomText } from './flows.ts'
import { isOpen } from './sessions.ts'

/** From the app to its own web view is a moment. */
const CODE_MS = 60_000
/** Longer than an order can be paid, and its result looked at. */
export const VISIT_MS = 30 * 60_000
/** What the hub hands out is shorter; whatever is longer is none. */
const LONGEST = 64

/** One sort of pages for visits: a code for one opens none of another, and a visit to one ends no visit to another. */
export interface VisitPurpose {
  /** Lower-case letters: it names the cookie. */
  readonly name: string
  /** Under which all of its pages stand. */
  readonly path: string
}

/** Somebody in a browser that the app opened, for one thing and nothing else. */
export interface Visit {
  userId: string
  /** Of the one thing that it is about. */
  about: string
  /** Names the visit to nobody but the hub: what a page's form is bound to. */
  key: string
  /** The app's log-in from which he came, where it is known. */
  logIn: string | null
}

/**
 * How a user comes from the app to a page of the hub: the app, which has his token, is given a code; the page's address carries it
 * once and within a minute, and the browser that brings it gets a cookie. The database holds keyed hashes of both.
 */
export interface VisitStore {
  /** → a code for this user and this thing, and until when it is good (epoch milliseconds). The visit ends with the log-in that is named. */
  handOver(purpose: VisitPurpose, userId: string, about: string, logIn?: string | null): Promise<{ code: string; expiresAt: number }>
  /** Uses a code up. → the cookie's value, and what it is about; null for one that is unknown, used, late or for other pages. */
  open(purpose: VisitPurpose, code: string): Promise<{ cookie: string; visit: Visit } | null>
  /** Null where the cookie is nobody's or for other pages, or the visit is over, or its user's account is shut. */
  read(purpose: VisitPurpose, cookie: string): Promise<Visit | null>
  purge(): Promise<void>
}

type VisitRow = { user_id: string; subject: string; log_in_id: string | null } & Pick<UserRecord, 'status' | 'locked_until'>

export function createVisitStore(database: Database, vault: Vault, now: () => number = Date.now): VisitStore {
  const hashOf = (kind: 'code' | 'cookie', text: string) => vault.fingerprint(text, `page_visits.${kind}`)

  const prefixOf = ({ name }: VisitPurpose) => `${name}:`

  async function read(purpose: VisitPurpose, cookie: string): Promise<Visit | null> {
    if (cookie.length > LONGEST) return null
    const prefix = prefixOf(purpose)
    const key = hashOf('cookie', cookie)
    const row: VisitRow | undefined = await database('page_visits')
      .join('users', 'users.id', 'page_visits.user_id')
      // Another process, which still remembered it, may have handed over after it was ended.
      .leftJoin('log_ins', 'log_ins.id', 'page_visits.log_in_id')
      .whereNull('log_ins.ended_at')
      .where({ cookie_hash: key })
      .where('page_visits.expires_at', '>', now())
      .first('page_visits.user_id', 'page_visits.subject', 'log_in_id', 'users.status', 'users.locked_until')
    if (!row?.subject.startsWith(prefix) || !isOpen(row)) return null
    return { userId: row.user_id, about: row.subject.slice(prefix.length), key, logIn: row.log_in_id }
  }

  return {
    async handOver(purpose, userId, about, logIn = null) {
      const code = randomText()
      const expiresAt = now() + CODE_MS
      await database('page_visits').insert({
        id: randomUUID(),
        code_hash: hashOf('code', code),
        cookie_hash: null,
        user_id: userId,
        subject: prefixOf(purpose) + about,
        log_in_id: logIn,
        expires_at: expiresAt,
      })
      return { code, expiresAt }
    },
    async open(purpose, code) {
      if (code.length > LONGEST) return null
      const cookie = randomText()
      // Of two who bring one code, one finds it.
      const used = await database('page_visits')
        .where({ code_hash: hashOf('code', code) })
        .where('subject', 'like', `${prefixOf(purpose)}%`)
        .where('expires_at', '>', now())
        .update({ code_hash: null, cookie_hash: hashOf('cookie', cookie), expires_at: now() + VISIT_MS })
      const visit = used === 1 ? await read(purpose, cookie) : null
      return visit && { cookie, visit }
    },
    read,
    async purge() {
      await database('page_visits').where('expires_at', '<=', now()).delete()
    },
  }
}
