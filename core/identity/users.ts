import { LRUCache } from 'lru-cache'
import type { Database } from '../database.ts'
import type { Asker, VerifiedEnterprise, VerifiedPerson } from '../declaration/service.ts'
import { HubError } from '../errors.ts'
import type { Vault } from '../vault.ts'
import { createMandatesInForce } from './mandates-in-force.ts'
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
  /** Name and id number, where the real name was verified. */
  person: VerifiedPerson | null
}

export interface Users {
  /** The user behind a verified token. Throws HUB_USER_UNKNOWN or HUB_USER_DISABLED. */
  bySubject(issuer: string, subject: string): User | Promise<User>
  /** The user of this hub id, as the store has it now. Throws as {@link bySubject} does. */
  byId(id: string): Promise<User>
  /** The enterprise for which the user may use the service now, or null without a mandate in force. */
  mandate(userId: string, enterpriseId: string, serviceKey: string): Promise<VerifiedEnterprise | null>
  /** The asker of a job that runs later than its request. Throws as {@link bySubject} does, or HUB_MANDATE_REQUIRED. */
  asker(userId: string, enterpriseId: string | null, serviceKey: string): Promise<Asker>
  /** The child for whom the user may use the service now as guardian, or null. Throws as {@link bySubject} does for a child's account that is shut. */
  guardianOf(userId: string, childUserId: string, serviceKey: string): Promise<VerifiedPerson | null>
  /** Which services are open to which kinds of users. */
  readonly access: ServiceAccess
  /** Drops what is remembered of a user. Call it after every change of an account: it takes effect at once in this process. */
  forget(userId: string): void
  /** Notes a login (epoch milliseconds) later than the one known. */
  noteLogin(user: User, at: number): Promise<void>
}

/** A user that was read may be used again for this long; a disabled account is shut out no later than that. */
const FRESH_MS = 2_000
/** How exactly: asking the clock, and a timer, less often is a good part of what a look-up costs. */
const CLOCK_MS = 50

export interface UserRecord {
  id: string
  issuer: string
  subject: string
  status: string
  level: UserLevel
  kind: UserKind
  last_login_at: number | string | null
  locked_until: number | string | null
  name_sealed: string | null
  id_type: string | null
  id_number_sealed: string | null
}

/** Who called, in audit rows and rate limits: a keyed hash of the user's id. */
export function pseudonymOf(vault: Vault, userId: string): string {
  return vault.fingerprint(userId, 'audit.user').slice(0, 32)
}

export function createUsers(database: Database, vault: Vault): Users {
  const recent = new LRUCache<string, User>({ max: 10_000, ttl: FRESH_MS, ttlResolution: CLOCK_MS })
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
      person: real
        ? { id, name: vault.open(name, `users.name:${id}`), idType, idNumber: vault.open(idNumber, `users.id_number:${id}`) }
        : null,
    }
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
    access,
    forget(userId) {
      generation++
      for (const [key, user] of recent.entries()) if (user.id === userId) recent.delete(key)
    },
    async noteLogin(user, at) {
      user.lastLoginAt = at
      await database('users')
        .where({ id: user.id })
        .andWhere((query) => query.whereNull('last_login_at').orWhere('last_login_at', '<', at))
        .update({ last_login_at: at })
    },
  }
}

/** Throws unless the account may be used now. A lock with an end ends by itself. */
export function assertOpen({ status, locked_until: until }: Pick<UserRecord, 'status' | 'locked_until'>): void {
  if (status === 'active') return
  if (status !== 'locked') throw new HubError('HUB_USER_DISABLED')
  if (until === null || Number(until) > Date.now()) throw new HubError('HUB_USER_LOCKED')
}
