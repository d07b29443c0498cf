import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { masks } from '../../../core/contract/masks.ts'
import type { Membership, Need } from '../../partners/members.ts'
import { callerOf, pathId } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'

export const TAG_PARTNERS = '能力开放平台'

export const ids = {
  id: part.id('接入方编号'),
  applicationId: part.id('应用编号'),
  reviewId: part.id('审核编号'),
  keyId: part.id('密钥编号'),
  memberId: part.id('成员编号'),
  invitationId: part.id('邀请编号'),
}

/** The partner that the path names, if the caller acts for it now. Throws HUB_NO_RECORD, HUB_ROLE_REQUIRED, HUB_REQUEST_STATE. */
export async function membershipOf(app: FastifyInstance, request: FastifyRequest, need?: Need): Promise<Membership> {
  const id = pathId(request, 'id')
  request.audit.target = id
  return app.partners.members.require(id, callerOf(request).user.id, need)
}

/** Whoever answers for an organisation is somebody whom the hub knows. Throws HUB_REAL_NAME_REQUIRED. */
export function realNameOf(request: FastifyRequest): string {
  const { user } = callerOf(request)
  if (user.level !== 'real-name') throw new HubError('HUB_REAL_NAME_REQUIRED', { stepUp: { method: 'real-name' } })
  return user.id
}

/** Masked; null for somebody who is locked, or gone. */
export async function nameOf(app: FastifyInstance, userId: string): Promise<string | null> {
  const user = await app.users.byId(userId).catch(() => null)
  return user?.person ? masks.name(user.person.name) : null
}
