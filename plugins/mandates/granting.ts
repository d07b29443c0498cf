import type { Knex } from 'knex'
import { birthdayOf } from '../../core/base/checksums.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { type Actor, holderKey, insertMandate, type MandateRow, newMandate } from './mandates.ts'

const FULL_AGE_YEARS = 18
/** An operator's mandate names nobody: he serves whoever signed on at his counter. */
const COUNTER = 'counter'

interface Terms {
  userId: string
  scope: string
  starts_at: number
  ends_at: number
}

/**
 * Makes a user the guardian of a minor, at the longest until the child is of age, in a transaction of the caller's.
 * → the mandate's id. Throws HUB_VALIDATION where either is not verified or the child is none, HUB_MANDATE_EXISTS.
 */
export async function grantGuardian(
  transaction: Knex,
  vault: Vault,
  { userId, childUserId, scope, starts_at, ends_at }: Terms & { childUserId: string },
  actor: Actor,
): Promise<string> {
  const guardian = await verified(transaction, vault, userId, '/body/userId')
  const child = await verified(transaction, vault, childUserId, '/body/childUserId')
  const ofAge = child.idType === '01' ? birthdayOf(child.idNumber, FULL_AGE_YEARS) : Number.NaN
  if (!(ofAge > Date.now()) || userId === childUserId)
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/childUserId', detail: '被监护人须是未成年人' }] })
  const row = newMandate({
    role: 'guardian',
    scope,
    status: 'active',
    granted_by: 'counter',
    starts_at,
    ends_at: Math.min(ends_at, ofAge),
    holder_key: holderKey(vault, 'guardian', childUserId, userId),
  })
  row.subject_user_id = childUserId
  return insert(transaction, vault, row, userId, guardian.name, actor)
}

/**
 * Lets a user serve citizens at a counter, whoever signs on there, within a scope. → the mandate's id. Throws
 * HUB_VALIDATION where the user is not verified, HUB_MANDATE_EXISTS.
 */
export async function grantOperator(
  transaction: Knex,
  vault: Vault,
  { userId, scope, starts_at, ends_at }: Terms,
  actor: Actor,
): Promise<string> {
  const { name } = await verified(transaction, vault, userId, '/body/userId')
  const holder_key = holderKey(vault, 'operator', COUNTER, userId)
  const row = newMandate({ role: 'operator', scope, status: 'active', granted_by: 'administrator', starts_at, ends_at, holder_key })
  return insert(transaction, vault, row, userId, name, actor)
}

async function verified(transaction: Knex, vault: Vault, id: string, pointer: string) {
  const row = await transaction('users').where({ id, level: 'real-name' }).first('name_sealed', 'id_type', 'id_number_sealed')
  if (!row?.name_sealed || !row.id_number_sealed)
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer, detail: '没有这个用户，或他还没有实名认证' }] })
  return {
    name: vault.open(row.name_sealed, `users.name:${id}`),
    idType: String(row.id_type),
    idNumber: vault.open(row.id_number_sealed, `users.id_number:${id}`),
  }
}

async function insert(transaction: Knex, vault: Vault, row: MandateRow, userId: string, name: string, actor: Actor): Promise<string> {
  row.user_id = userId
  row.name_sealed = vault.seal(name, `mandates.name:${row.id}`)
  try {
    await insertMandate(transaction, row, actor)
  } catch (error) {
    throw isDuplicate(error) ? new HubError('HUB_MANDATE_EXISTS') : error
  }
  return row.id
}
