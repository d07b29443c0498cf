import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { beijing } from '../../../core/base/time.ts'
import { memberRoles, openContact } from '../../partners/rows.ts'
import { answer, answerOf, callerOf, hubRoute, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { ids, membershipOf, nameOf, realNameOf, TAG_PARTNERS } from './membership.ts'
import { partnerItem, presentPartner } from './shown.ts'

const mine = { ...partnerItem, role: part.choice('我的角色', memberRoles) }
const contact = part.row({ name: part.text('联系人'), phone: part.text('联系手机'), email: part.text('联系邮箱') })
const member = part.row({
  id: part.text('成员编号'),
  name: part.maybe('姓名（脱敏）'),
  role: part.choice('角色', memberRoles),
  addedAt: part.moment('加入时间'),
  self: part.flag('是否本人'),
})

export function memberRoutes(app: FastifyInstance): void {
  const { members } = app.partners
  const tag = TAG_PARTNERS
  const params = part.input({ id: ids.id }, ['id'])

  typed(app).get(
    '/v1/partners',
    hubRoute(app, {
      key: 'partners.list',
      summary: '我所在的接入方',
      tag,
      schema: { querystring: part.input(paging), response: { 200: answerOf(part.list('接入方', part.row(mine))) } },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      const { rows, total } = await members.of(callerOf(request).user.id, { page, pageSize })
      const list = rows.map(({ partner, role }) => ({ ...presentPartner(partner), role }))
      return answer(request, list, { number: page, size: pageSize, total })
    },
  )

  const body = part.input({ code: part.text('入驻申请的回执编号，或负责人给的邀请码', { pattern: '^[\\w-]{24,32}$' }) }, ['code'])
  typed(app).post(
    '/v1/partners/memberships',
    hubRoute(app, {
      key: 'partners.join',
      summary: '成为接入方的成员：凭批准了的回执成为负责人，或凭邀请码加入；各只能用一次',
      tag,
      rate: { max: 10, perSeconds: 600 },
      schema: { body, response: { 201: answerOf(part.row(mine)) } },
    }),
    async (request, reply) => {
      const { partner, role } = await members.join(realNameOf(request), request.body.code)
      request.audit.target = partner.id
      reply.code(201)
      return answer(request, { ...presentPartner(partner), role })
    },
  )

  typed(app).get(
    '/v1/partners/:id',
    hubRoute(app, {
      key: 'partners.read',
      summary: '一个接入方',
      tag,
      schema: { params, response: { 200: answerOf(part.row({ ...mine, contact })) } },
    }),
    async (request) => {
      const { partner, role } = await membershipOf(app, request)
      return answer(request, { ...presentPartner(partner), role, contact: openContact(app.vault, partner) })
    },
  )

  typed(app).get(
    '/v1/partners/:id/members',
    hubRoute(app, {
      key: 'partners.members',
      summary: '接入方的成员',
      tag,
      schema: { params, response: { 200: answerOf(part.list('成员', member)) } },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      const self = callerOf(request).user.id
      const list = []
      for (const { id, userId, role, addedAt } of await members.list(partner.id)) {
        const name = await nameOf(app, userId)
        list.push({ id, name, role, addedAt: beijing(addedAt), self: userId === self })
      }
      return answer(request, list)
    },
  )

  typed(app).delete(
    '/v1/partners/:id/members/:memberId',
    hubRoute(app, {
      key: 'partners.members.remove',
      summary: '移出一个成员',
      tag,
      schema: { params: part.input({ id: ids.id, memberId: ids.memberId }, ['id', 'memberId']), response: { 204: Type.Null() } },
    }),
    async (request, reply) => {
      const { partner } = await membershipOf(app, request, { role: 'owner' })
      await members.remove(partner.id, request.params.memberId, callerOf(request).user.id)
      return reply.code(204).send(null)
    },
  )
}
