import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'
import { type AdminRole, assertAuthorityOver, assertPermission, type Permission } from '../users/roles.ts'
import { assertOpen } from '../users/users.ts'

/**
 * → the role of an administrator, as the store has it now: in office with that permission, his account in order, and
 * verified, for of two accounts that nobody verified nobody knows that they are two persons. Throws HUB_ROLE_REQUIRED,
 * HUB_REAL_NAME_REQUIRED, HUB_USER_*.
 */
export async function assertPerson(transaction: Knex, userId: string, permission: Permission): Promise<AdminRole> {
  const user = await transaction('users').where({ id: userId }).forUpdate().first('status', 'locked_until', 'level', 'id_number_hash')
  if (!user) throw new HubError('HUB_USER_UNKNOWN')
  assertOpen(user)
  const role = await assertPermission(transaction, userId, permission)
  if (user.level !== 'real-name' || user.id_number_hash === null)
    throw new HubError('HUB_REAL_NAME_REQUIRED', {
      detail: '须由两个人办理的事，办理的管理员本人须先完成实名认证。',
      stepUp: { method: 'real-name' },
    })
  return role
}

/** Throws HUB_ROLE_REQUIRED where one of those concerned is himself, or an administrator above him. */
export async function assertNoneConcerned(transaction: Knex, userId: string, role: AdminRole, concerned: readonly string[]): Promise<void> {
  for (const target of concerned) await assertAuthorityOver(transaction, userId, role, target)
}
