import { randomUUID } from 'node:crypto'
import type { Database } from '../database.ts'
import type { VerifiedPerson } from '../declaration/service.ts'
import { HubError } from '../errors.ts'
import { pseudonymOf } from '../identity/users.ts'
import type { Vault } from '../vault.ts'
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
  /** Begins one; `url` is where the person goes. Rejects with an UpstreamError. */
  start(person: VerifiedPerson, service: string | null): Promise<{ id: string; url: string; expiresAt: number }>
  /** How it stands, asking the provider where that is open. Throws HUB_NO_RECORD, HUB_FACE_INVALID for an assertion that does not hold, or an UpstreamError. */
  read(userId: string, id: string): Promise<FaceView>
  /** One that the user passed, as evidence. Throws HUB_FACE_INVALID otherwise, or an UpstreamError. */
  find(userId: string, id: string): Promise<StoredFace>
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
}

export function createFaceVerifications({ database, vault, provider, verify }: FaceParts): FaceVerifications {
  const pending = (id: string) => database('face_verifications').where({ id, state: 'pending' })

  async function find(userId: string, id: string): Promise<FaceRow | null> {
    const row = await database<FaceRow>('face_verifications').where({ id, user_id: userId }).first()
    return row?.id === id ? settle(row) : null
  }

  /** Whoever asks first learns from the provider how it went, and keeps it for all. */
  async function settle(row: FaceRow): Promise<FaceRow> {
    if (row.state !== 'pending' || Number(row.expires_at) <= Date.now()) return row
    const result = await provider.result(row.reference)
    if (result.state === 'pending') return row
    if (result.state === 'failed') return note(row, { state: 'failed' })
    const expected = { subject: pseudonymOf(vault, row.user_id), nonce: row.id, verificationId: row.reference }
    const asserted = await verify(result.assertion, expected).catch(async (error: unknown) => {
      // What doesn't hold now never will; that its keys cannot be had may pass.
      if (error instanceof HubError && error.code === 'HUB_FACE_INVALID') await note(row, { state: 'failed' })
      throw error
    })
    const { verifiedAt: verified_at, expiresAt: expires_at } = asserted
    return note(row, { state: 'passed', verified_at, expires_at }, result.assertion)
  }

  async function note(row: FaceRow, changes: Partial<FaceRow>, assertion: string | null = null): Promise<FaceRow> {
    await pending(row.id).update({ ...changes, assertion })
    return { ...row, ...changes }
  }

  return {
    async start(person, service) {
      const id = randomUUID()
      const context = { subject: pseudonymOf(vault, person.id), nonce: id }
      const { verificationId, url, expiresAt } = await provider.start(person, context)
      const row = { id, user_id: person.id, service, state: 'pending', reference: verificationId, started_at: Date.now() }
      await database('face_verifications').insert({ ...row, expires_at: expiresAt })
      return { id, url, expiresAt }
    },
    async read(userId, id) {
      const row = await find(userId, id)
      if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到您的这次人脸核验。' })
      return toView(row)
    },
    async find(userId, id) {
      const row = await find(userId, id)
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
