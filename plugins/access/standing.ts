import type { Database } from '../../core/base/database.ts'
import { covers, inForce } from '../mandates/in-force.ts'

/** As what somebody stands to those for whom he may act now. Read from the mandates on every call. */
export interface Standing {
  /** Whether he is the enterprise's legal representative, for a service. */
  represents(userId: string, enterpriseId: string, serviceKey: string): Promise<boolean>
  /** Hub ids of the children whose guardian he is, and of those who let him ask, for whatever services. */
  wards(userId: string): Promise<string[]>
  /** Hub ids of the enterprises whose legal representative he is. */
  enterprises(userId: string): Promise<string[]>
}

export function createStanding(database: Database): Standing {
  const held = (userId: string, ...roles: string[]) =>
    database('mandates').where({ 'mandates.user_id': userId }).whereIn('mandates.role', roles).modify(inForce, Date.now())

  return {
    async represents(userId, enterpriseId, serviceKey) {
      const scopes: string[] = await held(userId, 'legal-representative').where({ 'mandates.enterprise_id': enterpriseId }).pluck('scope')
      return scopes.some((scope) => covers(scope, serviceKey))
    },
    async wards(userId) {
      return (await held(userId, 'guardian', 'kin').distinct('subject_user_id').pluck('subject_user_id')) as string[]
    },
    async enterprises(userId) {
      return (await held(userId, 'legal-representative').distinct('mandates.enterprise_id').pluck('mandates.enterprise_id')) as string[]
    },
  }
}
