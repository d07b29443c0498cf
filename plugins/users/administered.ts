import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { holdIndexes } from '../store/indexes.ts'
import { type PersonRow, reachedAs, versionOf } from './person-view.ts'
import type { UserKind } from './service-access.ts'
import type { UserLevel } from './users.ts'

/** What an administrator alone may say of an account: nothing of it says who its user is. */
export interface BasicData {
  nickname?: string | null | undefined
  avatarUrl?: string | null | undefined
  level?: UserLevel | undefined
  kind?: UserKind | undefined
}

/** Of whom an administrator opens an account: the app's id of a user who has not been here yet. */
export interface Opening extends Pick<BasicData, 'nickname' | 'avatarUrl' | 'kind'> {
  issuer: string
  subject: string
}

/** Opens an account that nobody has verified. → its id. Throws HUB_VALIDATION where the app's user has one. */
export async function openAccount(
  transaction: Knex,
  vault: Vault,
  { issuer, subject, kind = 'ordinary', ...data }: Opening,
): Promise<string> {
  const id = randomUUID()
  const at = Date.now()
  const row = { id, issuer, subject, status: 'active', level: 'login', kind, ...dressed(vault, id, data), created_at: at, updated_at: at }
  try {
    await transaction('users').insert(row)
  } catch (error) {
    throw isDuplicate(error) ? subjectTaken() : error
  }
  return id
}

export function subjectTaken(): HubError {
  return new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/subject', detail: '统一登录的这个用户已有账户' }] })
}

/**
 * Changes what may be changed by one, of the `version` that he saw, if he says which. Throws HUB_NO_RECORD for nobody or an account
 * that is no more, HUB_REQUEST_STATE where something of it was changed meanwhile, HUB_VALIDATION for a level without a name.
 */
export async function changeBasicData(transaction: Knex, vault: Vault, id: string, data: BasicData, version?: string): Promise<void> {
  const row = await heldAccount(transaction, id)
  if (version !== undefined && version !== versionOf(row)) throw changedSince()
  if (data.level === 'real-name' && row.id_number_sealed === null)
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/level', detail: '还没有实名信息，请先登记实名' }] })
  const { level, kind } = data
  const changes = { ...(level === undefined ? {} : { level }), ...(kind === undefined ? {} : { kind }), ...dressed(vault, id, data) }
  await transaction('users')
    .where({ id })
    .update({ ...changes, updated_at: Date.now() })
}

/**
 * Part of a transaction that two persons decide. Throws HUB_NO_RECORD, HUB_REQUEST_STATE where who he is or his phone was changed since
 * it was asked for: what he says of himself meanwhile is newer.
 */
export async function writePhone(transaction: Knex, vault: Vault, id: string, phone: string | null, seen?: string): Promise<void> {
  const row = await heldAccount(transaction, id)
  if (seen !== undefined && seen !== reachedAs(row)) throw changedSince()
  const { now } = await holdIndexes(transaction, vault)
  const phone_sealed = phone === null ? null : vault.seal(phone, `users.phone:${id}`)
  const phone_hash = phone === null ? null : now.fingerprint(phone, 'users.phone')
  await transaction('users').where({ id }).update({ phone_sealed, phone_hash, updated_at: Date.now() })
}

type HeldRow = PersonRow & Parameters<typeof reachedAs>[0]

function changedSince(): HubError {
  return new HubError('HUB_REQUEST_STATE', { detail: '这个用户的资料在此之后又有改动，请按现在的资料重新修改。' })
}

async function heldAccount(transaction: Knex, id: string): Promise<HeldRow> {
  // A write first: it takes the row on both engines.
  await transaction('users')
    .where({ id })
    .update({ status: transaction.ref('status') })
  const row: HeldRow | undefined = await transaction('users').where({ id }).forUpdate().first()
  if (!row || row.status === 'merged' || row.status === 'deregistered') throw new HubError('HUB_NO_RECORD', { detail: '没有这个用户。' })
  return row
}

function dressed(vault: Vault, id: string, { nickname, avatarUrl }: Pick<BasicData, 'nickname' | 'avatarUrl'>) {
  const sealed = (value: string | null, column: string) => (value === null ? null : vault.seal(value, `users.${column}:${id}`))
  return {
    ...(nickname === undefined ? {} : { nickname_sealed: sealed(nickname, 'nickname') }),
    ...(avatarUrl === undefined ? {} : { avatar_sealed: sealed(avatarUrl, 'avatar') }),
  }
}
