import type { Knex } from 'knex'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { Asker, VerifiedEnterprise, VerifiedPerson } from '../../core/contract/asker.ts'
import { createMandatesInForce } from '../mandates/in-force.ts'
import type { LoginMethod } from './security/settings.ts'
import { createServiceAccess, type ServiceAccess, type UserKind } from './service-access.ts'

export type UserLevel = 'login' | 'real-name'

export interface User {
  id: string
  /** Keyed hash of the id: who called, in audit rows and rate limits. */
  pseudonym: string
  level: UserLevel
  kind: UserKind
  /** Epoch milliseconds; 0 for never. */
  lastLoginAt: number
  /** Up to when failed log-ins no longer count: epoch milliseconds; 0 for never. */
  failuresClearedAt: number
  /** Face verifications of before were of another identity: epoch milliseconds; 0 for none. */
  identitySince: number
  /** How often one of his log-ins was ended, and when all of them were last: epoch milliseconds, 0 for never. */
  logInsEnded: { times: number; allAt: number }
  /** Name and id number, where the real name was verified. */
  person: VerifiedPerson | null
  /** What the user goes by; opened when asked for, which few calls do. */
  profile(): Profile
}

/** UNMASKED. */
export interface Profile {
  nickname: string | null
  /** An https address. */
  avatarUrl: string | null
  phone: string | null
}

export interface Users {
  /** The user behind a verified token. Throws HUB_USER_UNKNOWN or HUB_USER_DISABLED. */
  bySubject(issuer: string, subject: string): User | Promise<User>
  /** The user of this hub id, as the store has it now. Throws as {@link bySubject} does. */
  byId(id: string): Promise<User>
  /** The enterprise for which the user may use the service now, or null without a mandate in force. Throws HUB_ENTERPRISE_FROZEN. */
  mandate(userId: string, enterpriseId: string, serviceKey: string): Promise<VerifiedEnterprise | null>
  /** The asker of a job that runs later than its request. Throws as {@link bySubject} does, or HUB_MANDATE_REQUIRED, HUB_ENTERPRISE_FROZEN. */
  asker(userId: string, enterpriseId: string | null, serviceKey: string): Promise<Asker>
  /** The child for whom the user may use the service now as guardian, or null. Throws as {@link bySubject} does for a child's account that is shut. */
  guardianOf(userId: string, childUserId: string, serviceKey: string): Promise<VerifiedPerson | null>
  /** The same, or an adult who has let the user ask, himself and until he takes it back. */
  relativeOf(userId: string, relativeId: string, serviceKey: string): Promise<VerifiedPerson | null>
  /** Which services are open to which kinds of users. */
  readonly access: ServiceAccess
  /** Drops what is remembered of a user. Call it after every change of an account: it takes effect at once in this process. */
  forget(userId: string): void
  /**
   * Notes a login (epoch milliseconds) later than the one known; null where there is nothing to note. `proven`:
   * the token itself says when its user logged in, which ends a run of failures before that. `methods`: by what, where it says so.
   */
  noteLogin(user: User, at: number, proven: boolean, methods: readonly LoginMethod[]): Promise<void> | null
}

/** A user that was read may be used again for this long; a disabled account is shut out no later than that. */
const FRESH_MS = 2_000
/** How exactly: asking the clock, and a timer, less often is a good part of what a look-up costs. */
const CLOCK_MS = 50
/** Tokens and assertions tell time in whole seconds. */
const REST_OF_SECOND_MS = 999

export interface UserRecord {
  id: string
  issuer: string
  subject: string
  status: string
  level: UserLevel
  kind: UserKind
  last_login_at: number | string | null
  locked_until: number | string | null
  failures_cleared_at: number | string
  identity_since: number | string
  log_ins_ended: number | string
  log_ins_ended_at: number | string
  name_sealed: string | null
  id_type: string | null
  id_number_sealed: string | null
  nickname_sealed: string | null
  avatar_sealed: string | null
  phone_sealed: string | null
}

/** What a login is news of: that there was one, and that failures before it no longer count. */
interface Noted {
  later: boolean
  clears: boolean
}

/** Who called, in audit rows and rate limits: a keyed hash of the user's id. */
export function pseudonymOf(vault: Vault, userId: string): string {
  return vault.fingerprint(userId, 'audit.user').slice(0, 32)
}

export function createUsers(database: Database, vault: Vault): Users {
  const recent = new LRUCache<string, User>({ ...atMost(10_000), ttl: FRESH_MS, ttlResolution: CLOCK_MS })
  const access = createServiceAccess(database)
  const inForce = createMandatesInForce(database)
  // Counts what was forgotten, so that a user read before is not remembered after.
  let generation = 0

  function open(record: UserRecord): User {
    assertOpen(record)
    const { id, name_sealed: name, id_type: idType, id_number_sealed: idNumber, level, kind } = record
    const real = level === 'real-name' && name !== null && idNumber !== null && idType !== null
    return {
      id,
      pseudonym: pseudonymOf(vault, id),
      level,
      kind,
      lastLoginAt: Number(record.last_login_at ?? 0),
      failuresClearedAt: Number(record.failures_cleared_at),
      identitySince: Number(record.identity_since),
      logInsEnded: { times: Number(record.log_ins_ended), allAt: Number(record.log_ins_ended_at) },
      person: real
        ? { id, name: vault.open(name, `users.name:${id}`), idType, idNumber: vault.open(idNumber, `users.id_number:${id}`) }
        : null,
      profile: () => profileOf(record),
    }
  }

  function profileOf({ id, nickname_sealed, avatar_sealed, phone_sealed }: UserRecord): Profile {
    const text = (sealed: string | null, column: string) => (sealed === null ? null : vault.open(sealed, `users.${column}:${id}`))
    return { nickname: text(nickname_sealed, 'nickname'), avatarUrl: text(avatar_sealed, 'avatar'), phone: text(phone_sealed, 'phone') }
  }

  async function load(issuer: string, subject: string, key: string): Promise<User> {
    const began = generation
    const record = await database<UserRecord>('users')
      .where({ issuer, subject } as object)
      .first()
    // MySQL takes no notice of spaces at the end.
    if (record?.subject !== subject || record.issuer !== issuer) throw new HubError('HUB_USER_UNKNOWN')
    const user = open(record)
    if (began === generation) recent.set(key, user)
    return user
  }

  async function write(user: User, at: number, { later, clears }: Noted, methods: readonly LoginMethod[]): Promise<void> {
    if (later) {
      user.lastLoginAt = at
      const by = methods.length === 0 ? {} : { auth_methods: methods.join(' ') }
      await database('users')
        .where({ id: user.id })
        .andWhere((query) => query.whereNull('last_login_at').orWhere('last_login_at', '<', at))
        .update({ last_login_at: at, ...by })
    }
    if (!clears) return
    user.failuresClearedAt = at + REST_OF_SECOND_MS
    await clearFailures(database, user.id, at)
  }

  async function byId(id: string): Promise<User> {
    const record = await database<UserRecord>('users').where({ id }).first()
    if (!record) throw new HubError('HUB_USER_UNKNOWN')
    return open(record)
  }

  return {
    bySubject(issuer, subject) {
      const key = `${issuer}\0${subject}`
      return recent.get(key) ?? load(issuer, subject, key)
    },
    byId,
    mandate: inForce.enterprise,
    async asker(userId, enterpriseId, serviceKey) {
      const { person } = await byId(userId)
      if (enterpriseId === null) return { userId, person, enterprise: null }
      const found = await inForce.enterprise(userId, enterpriseId, serviceKey)
      if (!found) throw new HubError('HUB_MANDATE_REQUIRED')
      return { userId, person, enterprise: found }
    },
    async guardianOf(userId, childUserId, serviceKey) {
      return (await inForce.guardian(userId, childUserId, serviceKey)) ? (await byId(childUserId)).person : null
    },
    async relativeOf(userId, relativeId, serviceKey) {
      return (await inForce.guardian(userId, relativeId, serviceKey, true)) ? (await byId(relativeId)).person : null
    },
    access,
    forget(userId) {
      generation++
      for (const [key, user] of recent.entries()) if (user.id === userId) recent.delete(key)
    },
    noteLogin(user, at, proven, methods) {
      const noted = { later: at > user.lastLoginAt, clears: proven && at + REST_OF_SECOND_MS > user.failuresClearedAt }
      return noted.later || noted.clears ? write(user, at, noted, methods) : null
    },
  }
}

/** Failures up to a success in the second of `at` (epoch milliseconds) no longer count. */
export async function clearFailures(database: Knex, userId: string, at: number): Promise<void> {
  const failures_cleared_at = at + REST_OF_SECOND_MS
  await database('users').where({ id: userId }).andWhere('failures_cleared_at', '<', failures_cleared_at).update({ failures_cleared_at })
}

/** Throws unless the account may be used now. A lock with an end ends by itself, and says when. */
export function assertOpen({ status, locked_until: until }: Pick<UserRecord, 'status' | 'locked_until'>): void {
  if (status === 'active') return
  if (status !== 'locked') throw new HubError('HUB_USER_DISABLED')
  if (until === null) throw new HubError('HUB_USER_LOCKED')
  const left = Number(until) - Date.now()
  if (left <= 0) return
  const minute = beijing(Math.ceil(Number(until) / 60_000) * 60_000).slice(0, 16)
  const detail = `您的账户已临时锁定，${minute.replace('T', ' ')} 自动解锁，请到时再试，或联系客服解锁。`
  throw new HubError('HUB_USER_LOCKED', { detail, retryAfter: Math.ceil(left / 1000) })
}
