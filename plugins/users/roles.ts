import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { removeSecondFactor } from './second-factor.ts'

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
  'enterprises.change': ['admin'],
  'enterprises.export': ['admin'],
  'mandates.read': ['admin', 'operator', 'auditor'],
  'mandates.end': ['admin', 'operator'],
  'mandates.grant': ['admin', 'operator'],
  'service-access.read': ['admin', 'operator', 'auditor'],
  'service-access.change': ['admin'],
  'documents.read': ['admin', 'operator', 'auditor'],
  'documents.revoke': ['admin', 'operator'],
  'orders.read': ['admin', 'operator', 'auditor'],
  'orders.change': ['admin', 'operator'],
  'comparisons.read': ['admin', 'operator'],
  'administrators.read': ['admin', 'auditor'],
  'administrators.change': ['admin'],
  'clients.read': ['admin', 'operator', 'auditor'],
  'clients.change': ['admin'],
  'partners.read': ['admin', 'operator', 'auditor'],
  'partners.review': ['admin', 'operator'],
  'partners.approve': ['admin'],
  'partners.change': ['admin'],
  'moves.read': ['admin'],
  'moves.change': ['admin'],
  'requests.read': ['admin', 'operator', 'auditor'],
  'requests.decide': ['admin', 'operator'],
  'messages.read': ['admin', 'operator', 'auditor'],
  'messages.replay': ['admin', 'operator'],
  'jobs.read': ['admin', 'operator', 'auditor'],
  'jobs.change': ['admin', 'operator'],
  'health.read': ['admin', 'operator', 'auditor'],
  'connectors.switch': ['admin', 'operator'],
  'closings.read': ['admin', 'operator', 'auditor'],
  'closings.change': ['admin', 'operator'],
  'catalogue.read': ['admin', 'operator', 'auditor'],
  'catalogue.change': ['admin', 'operator'],
  'alerts.read': ['admin', 'operator', 'auditor'],
  'alerts.change': ['admin', 'operator'],
  'credentials.read': ['admin', 'operator', 'auditor'],
  'credentials.rotate': ['admin', 'operator'],
  'event-sources.read': ['admin', 'operator', 'auditor'],
  'event-sources.change': ['admin', 'operator'],
  'statistics.read': ['admin', 'operator', 'auditor'],
  'ledger.read': ['admin', 'operator', 'auditor'],
  'ledger.answer': ['admin', 'operator'],
  'audit.read': ['auditor'],
  'security-settings.read': ['admin', 'operator', 'auditor'],
  'security-settings.change': ['admin'],
  'second-factor.own': ['admin', 'operator', 'auditor'],
} as const satisfies Record<string, readonly AdminRole[]>
export type Permission = keyof typeof permissions

export function mayDo(role: AdminRole, permission: Permission): boolean {
  const allowed: readonly AdminRole[] = permissions[permission]
  return allowed.includes(role)
}

export interface Administrators {
  /** Throws HUB_ROLE_REQUIRED; read from the database every time, so that a dismissal takes effect at once. */
  require(userId: string, permission: Permission): Promise<AdminRole>
  /** Throws HUB_ROLE_REQUIRED where `userId` may not touch the account of `target`: his own, or without being admin an administrator's. */
  requireAuthorityOver(userId: string, role: AdminRole, target: string): Promise<void>
  list(): Promise<{ userId: string; role: AdminRole; grantedBy: string | null; grantedAt: number }[]>
  /** Takes the role away. */
  dismiss(userId: string): Promise<void>
}

/** → null for who administers nothing. */
export async function roleOfAdministrator(database: Knex, userId: string): Promise<AdminRole | null> {
  const row = await database('administrators').where({ user_id: userId }).first('role')
  return row ? (row.role as AdminRole) : null
}

/** → the role by which somebody has a permission. Throws HUB_ROLE_REQUIRED. */
export async function assertPermission(database: Knex, userId: string, permission: Permission): Promise<AdminRole> {
  const role = await roleOfAdministrator(database, userId)
  if (role === null || !mayDo(role, permission)) throw new HubError('HUB_ROLE_REQUIRED')
  return role
}

/** As {@link Administrators.requireAuthorityOver}, in a transaction of the caller's. */
export async function assertAuthorityOver(database: Knex, userId: string, role: AdminRole, target: string): Promise<void> {
  if (userId === target) throw new HubError('HUB_ROLE_REQUIRED', { detail: '不能改动自己的账户，请由另一位管理员操作。' })
  if (role !== 'admin' && (await roleOfAdministrator(database, target)) !== null)
    throw new HubError('HUB_ROLE_REQUIRED', { detail: '管理员的账户只能由系统管理员改动。' })
}

/** Gives a user a role, instead of one he had; his second factor begins anew. Throws HUB_NO_RECORD for nobody, and for an account that is no more. `by` is null on the command line. */
export async function appoint(database: Knex, userId: string, role: AdminRole, by: string | null): Promise<void> {
  const user = await database('users').where({ id: userId }).first('status')
  if (!user || user.status === 'merged' || user.status === 'deregistered') throw new HubError('HUB_NO_RECORD', { detail: '没有这个用户。' })
  const row = { user_id: userId, role, granted_by: by, granted_at: Date.now() }
  await database.transaction(async (transaction) => {
    await removeSecondFactor(transaction, userId)
    await transaction('administrators').insert(row).onConflict('user_id').merge()
  })
}

export async function dismiss(database: Knex, userId: string): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction('administrators').where({ user_id: userId }).delete()
    await removeSecondFactor(transaction, userId)
  })
}

export function createAdministrators(database: Database): Administrators {
  return {
    require: (userId, permission) => assertPermission(database, userId, permission),
    requireAuthorityOver: (userId, role, target) => assertAuthorityOver(database, userId, role, target),
    async list() {
      const rows = await database('administrators').orderBy(['role', 'user_id'])
      return rows.map(({ user_id, role, granted_by, granted_at }) => ({
        userId: user_id,
        role,
        grantedBy: granted_by,
        grantedAt: Number(granted_at),
      }))
    },
    dismiss: (userId) => dismiss(database, userId),
  }
}
