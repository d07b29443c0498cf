import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { changeMandate, type MandateRow } from '../mandates/mandates.ts'
import { moveUser } from '../users/states.ts'
import { assertOpen } from '../users/users.ts'
import type { AccountStore } from './store.ts'

export interface DeregisterOptions {
  database: Database
  vault: Vault
  revoke: AccountStore['revoke']
  /** Told of users whose account was shut, after the commit. */
  changed(userId: string): void
}

/** What the hub knows of a user beyond the audit log, which stays as it is: it names people by pseudonym. */
const ERASED = {
  name_sealed: null,
  name_hash: null,
  id_type: null,
  id_number_sealed: null,
  id_number_hash: null,
  phone_sealed: null,
  phone_hash: null,
  nickname_sealed: null,
  avatar_sealed: null,
  auth_methods: '',
}
const OWNED = ['sessions', 'sign_on_accounts', 'face_verifications', 'real_name_records', 'agency_authorisations', 'login_failures']
/** Nobody's issuer: whom the app sends again under his old id is somebody new. */
const NO_ISSUER = 'urn:xuchang-hub:deregistered'

/**
 * 注销: ends everything of a user, and of users merged into him, in one transaction: accounts at agencies
 * with their tokens, grants to third parties, sessions, mandates, documents, personal data. → what is to be revoked at
 * agencies, by id. `faceVerification` is spent on it: throws HUB_FACE_USED; HUB_ACCOUNT_BUSY with filings under
 * way; as assertOpen does. Whoever comes back afterwards is a new user, from whom no way leads to the old one.
 */
export async function deregister(
  { database, vault, revoke, changed }: DeregisterOptions,
  userId: string,
  faceVerification: string,
): Promise<string[]> {
  const face = vault.fingerprint(`${userId}\0${faceVerification}`, 'face-verification')
  const revocations: string[] = []
  const ids = await transact(database, async (transaction) => {
    revocations.length = 0
    await spend(transaction, userId, face)
    // A request that was let in a moment ago does not outrun an administrator's lock.
    assertOpen(await transaction('users').where({ id: userId }).forUpdate().first('status', 'locked_until'))
    const users = await withMerged(transaction, userId)
    await assertIdle(transaction, users)
    for (const id of users) revocations.push(...(await close(transaction, id)))
    return users
  })
  for (const id of ids) changed(id)
  return revocations

  async function close(transaction: Knex.Transaction, id: string): Promise<string[]> {
    const at = Date.now()
    const accounts = await transaction('agency_accounts').where({ user_id: id }).andWhereNot({ state: 'revoked' })
    const ended: string[] = []
    for (const account of accounts) {
      const revocation = await revoke(transaction, account.id, 'deregistered')
      if (revocation !== null) ended.push(revocation)
    }
    const mandates: MandateRow[] = await transaction('mandates')
      .where((query) => query.where({ user_id: id }).orWhere({ subject_user_id: id }))
      .andWhereNot({ status: 'disabled' })
    const actor = { userId: id, role: 'holder', purpose: '注销账户' } as const
    for (const mandate of mandates) await changeMandate(transaction, mandate, { status: 'disabled' }, 'resigned', actor)
    await transaction('oauth_grants').where({ user_id: id }).whereNull('revoked_at').update({ revoked_at: at })
    // An enterprise's stay: the agent who had them printed leaves, the enterprise doesn't.
    await transaction('issued_documents').where({ user_id: id, enterprise_id: null }).whereNull('revoked_at').update({ revoked_at: at })
    for (const table of OWNED) await transaction(table).where({ user_id: id }).delete()
    const from = id === userId ? (['active', 'locked'] as const) : (['merged'] as const)
    const values = { ...ERASED, issuer: NO_ISSUER, subject: id, level: 'login', locked_until: null }
    await moveUser(transaction, id, from, { action: 'deregister', to: 'deregistered', at, actor: userId, reason: '注销账户', values })
    return ended
  }
}

async function spend(transaction: Knex.Transaction, userId: string, face: string): Promise<void> {
  const used = await transaction('spent_face_verifications').where({ id: face }).first()
  if (used) throw new HubError('HUB_FACE_USED')
  try {
    await transaction('deregistrations').insert({ user_id: userId, face_hash: face, at: Date.now() })
  } catch (error) {
    throw isDuplicate(error) ? new HubError('HUB_FACE_USED', {}, error) : error
  }
}

async function withMerged(transaction: Knex.Transaction, userId: string): Promise<string[]> {
  const found = [userId]
  for (const id of found) {
    const merged: string[] = await transaction('account_moves')
      .where({ kind: 'merge', to_user: id })
      .whereNull('undone_at')
      .pluck('from_user')
    found.push(...merged.filter((other) => !found.includes(other)))
  }
  return found
}

/** A filing under way needs its applicant: it can neither be withdrawn nor finished without. */
async function assertIdle(transaction: Knex.Transaction, users: readonly string[]): Promise<void> {
  const open = await transaction('submissions')
    .whereIn('user_id', [...users])
    .andWhere((query) => query.whereNotNull('due_at').orWhere({ state: 'attention' }))
    .first()
  if (open) throw new HubError('HUB_ACCOUNT_BUSY')
}
