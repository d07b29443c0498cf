import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'
import { isSameText } from '../../core/base/hmac.ts'
import type { Vault } from '../../core/base/vault.ts'
import { groupCode, newCode, readCode } from './typed-code.ts'

/** Long enough to be handed over in person, or told on the telephone. */
const LIFE_MS = 24 * 3_600_000

export interface EnrolmentCode {
  /** As people read it; nobody is shown it again. */
  code: string
  /** Epoch milliseconds. */
  expiresAt: number
}

const hashOf = (vault: Vault, userId: string, code: string) => vault.fingerprint(JSON.stringify([userId, code]), 'enrolment_codes.code')

/** → a code for one user, instead of one he had. */
export async function issueEnrolmentCode(database: Knex, vault: Vault, userId: string): Promise<EnrolmentCode> {
  const now = Date.now()
  const [code, expiresAt] = [newCode(), now + LIFE_MS]
  await database('enrolment_codes').where('expires_at', '<=', now).delete()
  const row = { user_id: userId, code_hash: hashOf(vault, userId, code), expires_at: expiresAt }
  await database('enrolment_codes').insert(row).onConflict('user_id').merge()
  return { code: groupCode(code), expiresAt }
}

/** Throws HUB_ENROLMENT_CODE unless it is this user's, and in time. With 100 random bits nobody finds one by trying. */
export async function assertEnrolmentCode(database: Knex, vault: Vault, userId: string, typed: string): Promise<void> {
  const code = readCode(typed)
  const row = await database('enrolment_codes').where({ user_id: userId }).where('expires_at', '>', Date.now()).first('code_hash')
  if (code === null || !row || !isSameText(hashOf(vault, userId, code), String(row.code_hash))) throw new HubError('HUB_ENROLMENT_CODE')
}

/** Used up, or its user appointed anew or dismissed. */
export async function endEnrolmentCode(database: Knex, userId: string): Promise<void> {
  await database('enrolment_codes').where({ user_id: userId }).delete()
}
