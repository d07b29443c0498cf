import type { Database } from '../../core/base/database.ts'
import { covers, inForce } from '../mandates/in-force.ts'
import type { Users } from '../users/users.ts'

/** An agent for an enterprise, a guardian for a child, an operator for a citizen at his counter. */
export type Role = 'agent' | 'guardian' | 'operator'

export interface Delegations {
  /**
   * Whether somebody may act now for a subject (hub id of an enterprise or a user) within a scope
   * (`<connector>` or `<connector>.<service>`). Read from the mandates on every call.
   */
  allows(role: Role, actorId: string, subjectId: string, scope: string): Promise<boolean>
}

export function createDelegations(database: Database, users: Users): Delegations {
  /** An operator acts for whoever stands at the counter and signed on there, so his mandate names nobody. */
  async function operates(userId: string, scope: string): Promise<boolean> {
    const scopes: string[] = await database('mandates')
      .where({ 'mandates.user_id': userId, 'mandates.role': 'operator' })
      .modify(inForce, Date.now())
      .pluck('scope')
    return scopes.some((each) => covers(each, scope))
  }

  return {
    async allows(role, actorId, subjectId, scope) {
      if (role === 'agent') return (await users.mandate(actorId, subjectId, scope)) !== null
      if (role === 'guardian') return (await users.guardianOf(actorId, subjectId, scope)) !== null
      return operates(actorId, scope)
    },
  }
}
