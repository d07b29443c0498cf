import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { VerifiedPerson } from '../../core/contract/asker.ts'
import type { LockOut } from '../users/lock-out.ts'
import { clearFailures, pseudonymOf, type Users } from '../users/users.ts'
import type { VerifyAssertion } from './assertion.ts'
import type { FaceProvider } from './provider.ts'
import type { StoredFace } from './require.ts'

export type FaceState = 'pending' | 'passed' | 'failed' | 'expired'

/** A face verification as its user reads it. Times are epoch milliseconds. */
export interface FaceView {
  id: string
  state: FaceState
  service: string | null
  expiresAt: number
  verifiedAt: number | null
  usedAt: number | null
}

export interface FaceVerifications {
  /**
   * Begins one; `url` is where the person goes. Those begun before are asked after first, so that nobody tries
   * again and again unseen. Throws HUB_USER_LOCKED where that locked the account, or an UpstreamError.
   */
  start(person: VerifiedPerson, service: string | null, traceId?: string): Promise<{ id: string; url: string; expiresAt: number }>
  /** How it stands, asking the provider where that is open. Throws HUB_NO_RECORD, HUB_FACE_INVALID for an assertion that does not hold, or an UpstreamError. */
  read(userId: string, id: string, traceId?: string): Promise<FaceView>
  /** One that the user passed, as evidence. Throws HUB_FACE_INVALID otherwise, or an UpstreamError. */
  find(userId: string, id: string, traceId?: string): Promise<StoredFace>
}

interface FaceRow {
  id: string
  user_id: string
  service: string | null
  state: 'pending' | 'passed' | 'failed'
  reference: string
  started_at: number | string
  expires_at: number | string
  verified_at: number | string | null
  used_at: number | string | null
}

export interface FaceParts {
  database: Database
  vault: Vault
  provider: FaceProvider
  verify: VerifyAssertion
  users: Pick<Users, 'byId'>
  /** A person who is not the one he says is a failed log-in. */
  lockOut: Pick<LockOut, 'note' | 'announce'>
}

/** Of verifications that nobody asked after, so many are looked at when another is begun: more cannot be begun in a minute. */
const LOOK_BACK = 10

export function createFaceVerifications({ database, vault, provider, verify, users, lockOut }: FaceParts): FaceVerifications {
  const pending = (from: Knex, id: string) => from('face_verifications').where({ id, state: 'pending' })

  async function find(userId: string, id: string, traceId?: string): Promise<FaceRow | null> {
    const row = await database<FaceRow>('face_verifications').where({ id, user_id: userId }).first()
    if (row?.id !== id) return null
    // It was asked about somebody whom the user is no longer verified as.
    if (Number(row.started_at) < (await users.byId(userId)).identitySince) return { ...row, state: 'failed' }
    return settle(row, traceId)
  }

  /** Whoever asks first learns from the provider how it went, and keeps it for all. */
  async function settle(row: FaceRow, traceId?: string): Promise<FaceRow> {
    if (row.state !== 'pending' || Number(row.expires_at) <= Date.now()) return row
    const result = await provider.result(row.reference)
    if (result.state === 'pending') return row
    if (result.state === 'failed') return fail(row, traceId)
    const expected = { subject: pseudonymOf(vault, row.user_id), nonce: row.id, verificationId: row.reference }
    const asserted = await verify(result.assertion, expected).catch(async (error: unknown) => {
      // What doesn't hold now never will; that its keys cannot be had may pass.
      // It is the provider's failure, so it locks nobody.
      if (error instanceof HubError && error.code === 'HUB_FACE_INVALID') await pending(database, row.id).update({ state: 'failed' })
      throw error
    })
    const { verifiedAt: verified_at, expiresAt: expires_at } = asserted
    await transact(database, async (transaction) => {
      await pending(transaction, row.id).update({ state: 'passed', verified_at, expires_at, assertion: result.assertion })
      await clearFailures(transaction, row.user_id, Math.min(verified_at, Date.now()))
    })
    return { ...row, state: 'passed', verified_at, expires_at }
  }

  async function fail(row: FaceRow, traceId: string | undefined): Promise<FaceRow> {
    const failure = { source: 'face', eventId: row.id, at: Date.now(), traceId } as const
    const lock = await transact(database, async (transaction) => {
      const first = (await pending(transaction, row.id).update({ state: 'failed' })) === 1
      return first ? lockOut.note(transaction, row.user_id, failure) : null
    })
    await lockOut.announce(lock)
    return { ...row, state: 'failed' }
  }

  async function settleOpen(userId: string, traceId: string | undefined): Promise<void> {
    const open = await database<FaceRow>('face_verifications')
      .where({ user_id: userId, state: 'pending' })
      .andWhere('expires_at', '>', Date.now())
      .orderBy('started_at', 'desc')
      .limit(LOOK_BACK)
    const results = await Promise.allSettled(open.map((row) => settle(row, traceId)))
    // Refuses where that locked the account; trouble of the provider shows soon enough.
    if (results.some((result) => result.status === 'fulfilled' && result.value.state === 'failed')) await users.byId(userId)
  }

  return {
    async start(person, service, traceId) {
      await settleOpen(person.id, traceId)
      const id = randomUUID()
      const context = { subject: pseudonymOf(vault, person.id), nonce: id }
      const { verificationId, url, expiresAt } = await provider.start(person, context)
      const row = { id, user_id: person.id, service, state: 'pending', reference: verificationId, started_at: Date.now() }
      await database('face_verifications').insert({ ...row, expires_at: expiresAt })
      return { id, url, expiresAt }
    },
    async read(userId, id, traceId) {
      const row = await find(userId, id, traceId)
      if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到您的这次人脸核验。' })
      return toView(row)
    },
    async find(userId, id, traceId) {
      const row = await find(userId, id, traceId)
      if (row?.state !== 'passed') throw new HubError('HUB_FACE_INVALID')
      const { service, expiresAt, verifiedAt, usedAt } = toView(row)
      return { service, verifiedAt: verifiedAt ?? 0, expiresAt, used: usedAt !== null }
    },
  }
}

function toView({ id, service, state, expires_at, verified_at, used_at }: FaceRow): FaceView {
  const expiresAt = Number(expires_at)
  const time = (value: number | string | null) => (value === null ? null : Number(value))
  const over = state !== 'failed' && expiresAt <= Date.now()
  return { id, service, state: over ? 'expired' : state, expiresAt, verifiedAt: time(verified_at), usedAt: time(used_at) }
}
