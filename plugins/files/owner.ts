import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../core/base/errors.ts'
import type { Acting } from '../access/principal.ts'
import { inForce } from '../mandates/in-force.ts'

/**
 * For whom a caller brings and sees files now: for himself, or for the enterprise that his token names, under any
 * mandate in force there. Which services that mandate covers is asked where a file is used.
 */
export async function fileOwner(app: FastifyInstance, { caller, audit }: FastifyRequest): Promise<Acting> {
  if (!caller) throw new HubError('HUB_TOKEN_MISSING')
  const { user, claims } = caller
  const { enterprise } = claims
  if (enterprise === null) return { userId: user.id, principal: 'self', enterpriseId: null, represents: false }
  audit.enterprise = enterprise
  const roles: string[] = await app
    .database('mandates')
    .join('enterprises', 'enterprises.id', 'mandates.enterprise_id')
    .where({ 'mandates.user_id': user.id, 'mandates.enterprise_id': enterprise, 'enterprises.status': 'active' })
    .whereIn('mandates.role', ['agent', 'legal-representative'])
    .modify(inForce, Date.now())
    .pluck('mandates.role')
  if (roles.length === 0) throw new HubError('HUB_MANDATE_REQUIRED', { stepUp: { method: 'mandate' } })
  return {
    userId: user.id,
    principal: `enterprise:${enterprise}`,
    enterpriseId: enterprise,
    represents: roles.includes('legal-representative'),
  }
}
