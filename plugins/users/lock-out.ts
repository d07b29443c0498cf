import { randomBytes } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { NO_CALL } from '../audit/chain.ts'
import type { AuditLog } from '../audit/log.ts'
import { moveUser, type UserStatus } from './states.ts'
import { pseudonymOf, type Users } from './users.ts'

export interface LockOutPolicy {
  /** Failures in a row that lock an account; 0 for never. */
  failures: number
  /** How long ago they may be. */
  windowMs: number
  /** How long the lock holds. */
  lockMs: number
}

export interface Failure {
  source: 'sign-on' | 'face'
  /** What is reported twice under one id counts once. */
  eventId: string
  /** Epoch milliseconds. */
  at: number
  traceId?: string | undefined
}

/** A lock that failures brought about, for {@link LockOut.announce}. */
export interface Lock {
  userId: string
  traceId: string
  reason: string
}

/** Locks accounts whose log-ins fail again and again (账号锁定配置, contract 1.2.1.5). The count is the database's. */
export interface LockOut {
  /** Counts one failure on its own. Rejects with HUB_AUDIT_UNAVAILABLE where a lock could not be put on record. */
  report(userId: string, failure: Failure): Promise<void>
  /**
   * Counts one inside a transaction of the caller's that has only written so far. → the lock that it brought,
   * to be announced after the commit.
   */
  note(transaction: Knex.Transaction, userId: string, failure: Failure): Promise<Lock | null>
  /** Ends what this process remembers of the user, and writes the audit row. */
  announce(lock: Lock | null): Promise<void>
  /** Failures that count now. */
  count(userId: string): Promise<number>
  /** Removes failures that can count no more. */
  purge(): Promise<void>
}

export interface LockOutParts {
  database: Database
  vault: Vault
  /** As it is now. */
  policy: () => LockOutPolicy
  users: Pick<Users, 'forget'>
  audit: Pick<AuditLog, 'write'>
}

interface Standing {
  status: UserStatus
  locked_until: number | string | null
  failures_cleared_at: number | string
}

const SOURCES = '登录或人脸核验'

export function createLockOut({ database, vault, policy, users, audit }: LockOutParts): LockOut {
  const minutes = (ms: number) => Math.round(ms / 60_000)

  /** Failures since the last success, within the window; those of before a lock have had their effect. */
  async function failuresOf(from: Knex, userId: string, { locked_until, failures_cleared_at }: Standing, now: number): Promise<number> {
    const unlocked = Number(locked_until ?? 0)
    const since = Math.max(now - policy().windowMs, Number(failures_cleared_at), unlocked <= now ? unlocked : 0)
    const counted = await from('login_failures').where({ user_id: userId }).andWhere('at', '>', since).count({ n: '*' }).first()
    return Number(counted?.['n'] ?? 0)
  }

  const standingOf = (from: Knex, id: string): Promise<Standing | undefined> =>
    Promise.resolve(from('users').where({ id }).first('status', 'locked_until', 'failures_cleared_at'))

  async function note(transaction: Knex.Transaction, userId: string, { source, eventId, at, traceId }: Failure): Promise<Lock | null> {
    const { failures: limit, windowMs, lockMs } = policy()
    if (limit === 0) return null
    // A write of nothing takes the row on both engines: failures of one user are counted one after the other.
    await transaction('users')
      .where({ id: userId })
      .update({ failures_cleared_at: transaction.ref('failures_cleared_at') })
    const event_hash = vault.fingerprint(`${source}\0${eventId}`, 'login-failures.event')
    try {
      await transaction('login_failures').insert({ event_hash, user_id: userId, source, at })
    } catch (error) {
      if (isDuplicate(error)) return null
      throw error
    }
    const now = Date.now()
    const standing = await standingOf(transaction, userId)
    if (!standing || !mayLock(standing, now)) return null
    const failures = await failuresOf(transaction, userId, standing, now)
    if (failures < limit) return null
    const reason = `${minutes(windowMs)} 分钟内连续 ${failures} 次${SOURCES}失败，自动锁定 ${minutes(lockMs)} 分钟`
    const lock = { userId, reason, traceId: traceId ?? randomBytes(16).toString('hex') }
    const values = { locked_until: now + lockMs }
    const by = { actor: null, reason, traceId: lock.traceId }
    await moveUser(transaction, userId, ['active', 'locked'], { ...by, action: 'lock-out', to: 'locked', at: now, values })
    return lock
  }

  async function announce(lock: Lock | null): Promise<void> {
    if (!lock) return
    users.forget(lock.userId)
    const pseudonym = pseudonymOf(vault, lock.userId)
    const said = { user: pseudonym, connector: 'hub', service: 'users.lock-out', purpose: lock.reason, target: pseudonym }
    await audit.write({ ...NO_CALL, ...said, action: 'call', traceId: lock.traceId, at: Date.now() })
  }

  return {
    note,
    announce,
    async report(userId, failure) {
      await announce(await transact(database, (transaction) => note(transaction, userId, failure)))
    },
    async count(userId) {
      const standing = policy().failures === 0 ? undefined : await standingOf(database, userId)
      return standing ? failuresOf(database, userId, standing, Date.now()) : 0
    },
    async purge() {
      await database('login_failures')
        .where('at', '<', Date.now() - policy().windowMs)
        .delete()
    },
  }
}

/** An account that is shut already stays as it is: above all, an administrator's lock is neither shortened nor ended. */
function mayLock({ status, locked_until: until }: Standing, now: number): boolean {
  return status === 'active' || (status === 'locked' && until !== null && Number(until) <= now)
}
