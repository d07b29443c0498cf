import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'

export const adminRoles = { admin: '系统管理员', operator: '运营人员', auditor: '审计员' } as const
export type AdminRole = keyof typeof adminRoles

/** What each role may do. What is not here nobody may; who acts does not read the audit rows of his acts. */
export const permissions = {
  'users.read': ['admin', 'operator', 'auditor'],
  'users.export': ['admin'],
  'users.status': ['admin', 'operator'],
  'users.change': ['admin'],
  'enterprises.read': ['admin', 'operator', 'auditor'],
  'enterprises.freeze': ['admin', 'operator'],
  'mandates.read': ['admin', 'operator', 'auditor'],
  'mandates.end': ['admin', 'operator'],
  'mandates.grant': ['admin', 'operator'],
  'service-access.read': ['admin', 'operator', 'auditor'],
  'service-access.change': ['admin'],
  'documents.read': ['admin', 'operator', 'auditor'],
  'documents.revoke': ['admin', 'operator'],
  'administrators.read': ['admin', 'auditor'],
  'administrators.change': ['admin'],
  'clients.read': ['admin', 'operator', 'auditor'],
  'clients.change': ['admin'],
  'moves.read': ['admin'],
  'moves.change': ['admin'],
  'audit.read': ['auditor'],
} as const satisfies Record<string, readonly AdminRole[]>
export type Permission = keyof typeof permissions

export interface Administrators {
  /** Throws HUB_ROLE_REQUIRED; read from the database every time, so that a dismissal takes effect at once. */
  require(userId: string, permission: Permission): Promise<AdminRole>
  /** Throws HUB_ROLE_REQUIRED where `userId` may not touch the account of `target`: his own, or without being admin an administrator's. */
  requireAuthorityOver(userId: string, role: AdminRole, target: string): Promise<void>
  list(): Promise<{ userId: string; role: AdminRole; grantedBy: string | null; grantedAt: number }[]>
  /** null takes the role away. Throws HUB_NO_RECORD for an unknown user. `by` is null on the command line. */
  appoint(userId: string, role: AdminRole | null, by: string | null): Promise<void>
}

export function createAdministrators(database: Database): Administrators {
  async function roleOf(userId: string): Promise<AdminRole | null> {
    const row = await database('administrators').where({ user_id: userId }).first('role')
    return row ? (row.role as AdminRole) : null
  }

  return {
    async require(userId, permission) {
      const role = await roleOf(userId)
      const allowed: readonly AdminRole[] = permissions[permission]
      if (role === null || !allowed.includes(role)) throw new HubError('HUB_ROLE_REQUIRED')
      return role
    },
    async requireAuthorityOver(userId, role, target) {
      if (userId === target) throw new HubError('HUB_ROLE_REQUIRED', { detail: '不能改动自己的账户，请由另一位管理员操作。' })
      if (role !== 'admin' && (await roleOf(target)) !== null)
        throw new HubError('HUB_ROLE_REQUIRED', { detail: '管理员的账户只能由系统管理员改动。' })
    },
    async list() {
      const rows = await database('administrators').orderBy(['role', 'user_id'])
      return rows.map(({ user_id, role, granted_by, granted_at }) => ({
        userId: user_id,
        role,
        grantedBy: granted_by,
        grantedAt: Number(granted_at),
      }))
    },
    async appoint(userId, role, by) {
      if (role === null) {
        await database('administrators').where({ user_id: userId }).delete()
        return
      }
      if (!(await database('users').where({ id: userId }).first('id'))) throw new HubError('HUB_NO_RECORD', { detail: '没有这个用户。' })
      await database('administrators')
        .insert({ user_id: userId, role, granted_by: by, granted_at: Date.now() })
        .onConflict('user_id')
        .merge()
    },
  }
}
