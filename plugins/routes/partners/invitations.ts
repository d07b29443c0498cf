import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { beijing } from '../../../core/base/time.ts'
import { memberRoles } from '../../partners/rows.ts'
import { answer, answerOf, callerOf, hubRoute, pathId, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { ids, membershipOf, nameOf, TAG_PARTNERS } from './membership.ts'

const made = part.row({
  id: part.text('邀请编号'),
  code: part.text('邀请码：只显示这一次，请交给要加入的人'),
  expiresAt: part.moment('在此之前使用'),
})
const open = part.row({
  id: part.text('邀请编号'),
  role: part.choice('角色', memberRoles),
  invitedBy: part.maybe('邀请人（脱敏）'),
  invitedAt: part.moment('邀请时间'),
  expiresAt: part.moment('在此之前使用'),
})

export function invitationRoutes(app: FastifyInstance): void {
  const { invitations } = app.partners
  const tag = TAG_PARTNERS
  const params = part.input({ id: ids.id }, ['id'])

  typed(app).get(
    '/v1/partners/:id/invitations',
    hubRoute(app, {
      key: 'partners.invitations',
      summary: '还没有用的邀请，由负责人查看；邀请码不再显示',
      tag,
      schema: { params, response: { 200: answerOf(part.list('邀请', open)) } },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request, { role: 'owner' })
      const list = []
      for (const { id, role, invitedBy, invitedAt, expiresAt } of await invitations.open(partner.id)) {
        const times = { invitedAt: beijing(invitedAt), expiresAt: beijing(expiresAt) }
        list.push({ id, role, invitedBy: await nameOf(app, invitedBy), ...times })
      }
      return answer(request, list)
    },
  )

  typed(app).post(
    '/v1/partners/:id/invitations',
    hubRoute(app, {
      key: 'partners.invite',
      summary: '邀请一个人加入',
      tag,
      rate: { max: 30, perSeconds: 3600 },
      schema: {
        params,
        body: part.input({ role: part.choice('角色', memberRoles) }, ['role']),
        response: { 201: answerOf(made) },
      },
    }),
    async (request, reply) => {
      const { partner } = await membershipOf(app, request, { role: 'owner', active: true })
      const { id, code, expiresAt } = await invitations.invite(partner.id, request.body.role, callerOf(request).user.id)
      reply.code(201).header('cache-control', 'no-store')
      return answer(request, { id, code, expiresAt: beijing(expiresAt) })
    },
  )

  typed(app).delete(
    '/v1/partners/:id/invitations/:invitationId',
    hubRoute(app, {
      key: 'partners.invitations.withdraw',
      summary: '撤回一个还没有用的邀请：邀请码从此无效',
      tag,
      schema: {
        params: part.input({ id: ids.id, invitationId: ids.invitationId }, ['id', 'invitationId']),
        response: { 204: Type.Null() },
      },
    }),
    async (request, reply) => {
      const { partner } = await membershipOf(app, request, { role: 'owner' })
      await invitations.withdraw(partner.id, pathId(request, 'invitationId'), callerOf(request).user.id)
      return reply.code(204).send(null)
    },
  )
}
