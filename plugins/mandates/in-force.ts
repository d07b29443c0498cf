import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import type { VerifiedEnterprise } from '../../core/contract/asker.ts'

/** For whom a user may act now. Read from the database on every call, so that an end takes effect at once in every process. */
export interface MandatesInForce {
  /**
   * The enterprise, where the user may use the service for it now. Throws HUB_ENTERPRISE_FROZEN for one for which he
   * could, were it not frozen; whoever has no mandate learns nothing of it.
   */
  enterprise(userId: string, enterpriseId: string, serviceKey: string): Promise<VerifiedEnterprise | null>
  /** Whether the user may use the service now as guardian of the child; with `kin`, or as somebody whom that person let. */
  guardian(userId: string, childUserId: string, serviceKey: string, kin?: boolean): Promise<boolean>
}

/** Whether a mandate's scope (space-separated `*`, `<connector>`, `<connector>.<service>`) covers a service. */
export function covers(scope: string, serviceKey: string): boolean {
  return scope.split(' ').some((part) => part === '*' || part === serviceKey || serviceKey.startsWith(`${part}.`))
}

/** Narrows a query on `mandates` to those in force at a time. */
export function inForce(query: Knex.QueryBuilder, now: number): void {
  query.where('mandates.status', 'active').andWhere('mandates.starts_at', '<=', now).andWhere('mandates.ends_at', '>', now)
}

export function createMandatesInForce(database: Database): MandatesInForce {
  return {
    async enterprise(userId, enterpriseId, serviceKey) {
      return enterpriseFor(await findHeld(database, userId, enterpriseId), serviceKey)
    },
    async guardian(userId, childUserId, serviceKey, kin = false) {
      const scopes: string[] = await database('mandates')
        .where({ 'mandates.user_id': userId, 'mandates.subject_user_id': childUserId })
        .whereIn('mandates.role', kin ? ['guardian', 'kin'] : ['guardian'])
        .modify(inForce, Date.now())
        .pluck('scope')
      return scopes.some((scope) => covers(scope, serviceKey))
    },
  }
}

/** A mandate in force for an enterprise, and how the enterprise stands. */
export interface HeldMandate extends VerifiedEnterprise {
  status: string
  role: string
  scope: string
}

/** Whatever mandates a user holds now for an enterprise, frozen or not, in one statement. */
export function findHeld(database: Database, userId: string, enterpriseId: string): Promise<HeldMandate[]> {
  return database('mandates')
    .join('enterprises', 'enterprises.id', 'mandates.enterprise_id')
    .where({ 'mandates.user_id': userId, 'mandates.enterprise_id': enterpriseId })
    .whereIn('mandates.role', ['agent', 'legal-representative'])
    .modify(inForce, Date.now())
    .select('enterprises.id', 'enterprises.name', 'enterprises.uscc', 'enterprises.status', 'mandates.role', 'mandates.scope')
}

/** As {@link MandatesInForce.enterprise}, of mandates that were read. */
export function enterpriseFor(held: readonly HeldMandate[], serviceKey: string): VerifiedEnterprise | null {
  const found = held.find(({ scope }) => covers(scope, serviceKey))
  if (!found) return null
  const { id, name, uscc, status } = found
  if (status !== 'active') throw new HubError('HUB_ENTERPRISE_FROZEN')
  return { id, name, uscc }
}
