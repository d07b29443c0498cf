import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { withMerged } from '../agency-accounts/merged.ts'
import type { Wish } from '../store/personal-data.ts'
import type { UserStatus } from '../users/states.ts'
import { assertOpen } from '../users/users.ts'
import { personalData } from './personal-data.ts'

/**
 * 注销: ends everything of a user, and of users merged into him, in one transaction, as each capability
 * declares it (personal-data.ts). → the users who are gone. `faceVerification` is spent on it: throws
 * HUB_FACE_USED; HUB_ACCOUNT_BUSY with filings under way, and for a partner's last owner; as assertOpen does. Whoever comes back afterwards is a
 * new user, from whom no way leads to the old one.
 */
export function deregister(
  { database, vault }: { database: Database; vault: Vault },
  userId: string,
  faceVerification: string,
): Promise<string[]> {
  const face = vault.fingerprint(`${userId}\0${faceVerification}`, 'face-verification')
  return transact(database, async (transaction) => {
    await spend(transaction, userId, face)
    // A request that was let in a moment ago does not outrun an administrator's lock.
    assertOpen(await transaction('users').where({ id: userId }).forUpdate().first('status', 'locked_until'))
    return leave(transaction, vault, userId)
  })
}

/**
 * The same as two administrators wish it, part of their transaction: no face is verified, and an account that is shut ends as well.
 * Throws HUB_USER_UNKNOWN for nobody, HUB_ACCOUNT_BUSY besides for an administrator.
 */
export async function deleteUser(transaction: Knex.Transaction, vault: Vault, userId: string, wish: Wish): Promise<string[]> {
  const user: { status: UserStatus } | undefined = await transaction('users').where({ id: userId }).forUpdate().first('status')
  if (!user || user.status === 'merged' || user.status === 'deregistered') throw new HubError('HUB_USER_UNKNOWN')
  if (await transaction('administrators').where({ user_id: userId }).first('role'))
    throw new HubError('HUB_ACCOUNT_BUSY', { detail: '他还是管理员，请先撤销他的管理角色。' })
  return leave(transaction, vault, userId, wish)
}

/** Everything of a user and of those who were merged into him. → who is gone. Throws HUB_ACCOUNT_BUSY. */
async function leave(transaction: Knex.Transaction, vault: Vault, userId: string, wish?: Wish): Promise<string[]> {
  const users = await withMerged(transaction, userId)
  for (const { needs } of personalData) {
    const why = (await needs?.(transaction, users)) ?? false
    if (why !== false) throw new HubError('HUB_ACCOUNT_BUSY', typeof why === 'string' ? { detail: why } : {})
  }
  for (const id of users) await erase(transaction, vault, id, userId, wish)
  return users
}

/** Has every capability erase one user. `by`: whose wish it is, unless it is that of administrators. */
export async function erase(transaction: Knex.Transaction, vault: Vault, userId: string, by: string, wish?: Wish): Promise<void> {
  const at = Date.now()
  for (const capability of personalData) await capability.erase?.({ transaction, vault, userId, by, wish, at })
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
