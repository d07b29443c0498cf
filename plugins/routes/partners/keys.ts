import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { answer, answerOf, callerOf, hubRoute, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { ids, membershipOf, TAG_PARTNERS } from './membership.ts'
import { keyItem, presentKey } from './shown.ts'

const DAY_MS = 86_400_000
const days = (title: string, minimum: number, maximum: number) => Type.Unsafe<number>({ type: 'integer', title, minimum, maximum })

/** Keys of an application: made by its partner's own people and shown to them once, to nobody else. */
export function keyRoutes(app: FastifyInstance): void {
  const { applications } = app.partners
  const tag = TAG_PARTNERS
  const path = '/v1/partners/:id/applications/:applicationId/keys'
  const params = part.input({ id: ids.id, applicationId: ids.applicationId }, ['id', 'applicationId'])

  typed(app).get(
    path,
    hubRoute(app, {
      key: 'partners.keys',
      summary: '应用的密钥：状态、有效期、最近使用',
      tag,
      schema: { params, response: { 200: answerOf(part.list('密钥', part.row(keyItem))) } },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      return answer(request, (await applications.keys(partner.id, request.params.applicationId)).map(presentKey))
    },
  )

  const made = part.row({ ...keyItem, clientId: part.text('OAuth 客户端编号'), secret: part.text('密钥：只显示这一次') })
  const body = part.input({
    overlapDays: days('原有密钥还能用几天（缺省：7；0：立即失效）', 0, 90),
    validDays: days('新密钥几天后自动失效（缺省：不自动失效）', 1, 3650),
  })
  typed(app).post(
    path,
    hubRoute(app, {
      key: 'partners.keys.add',
      summary: '生成密钥；原有的在重叠期之后失效',
      tag,
      rate: { max: 20, perSeconds: 3600 },
      schema: { params, body, response: { 201: answerOf(made) } },
    }),
    async (request, reply) => {
      const { partner } = await membershipOf(app, request, { active: true })
      const { applicationId } = request.params
      const { overlapDays = 7, validDays } = request.body
      const { key, secret, clientId } = await applications.addKey(partner.id, applicationId, {
        by: callerOf(request).user.id,
        overlapMs: overlapDays * DAY_MS,
        endsAt: validDays === undefined ? null : Date.now() + validDays * DAY_MS,
      })
      reply.code(201).header('cache-control', 'no-store')
      return answer(request, { ...presentKey(key), clientId, secret })
    },
  )

  typed(app).delete(
    `${path}/:keyId`,
    hubRoute(app, {
      key: 'partners.keys.revoke',
      summary: '撤销密钥：下一次请求起失效',
      tag,
      schema: {
        params: part.input({ id: ids.id, applicationId: ids.applicationId, keyId: ids.keyId }, ['id', 'applicationId', 'keyId']),
        response: { 200: answerOf(part.row(keyItem)) },
      },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      const { applicationId, keyId } = request.params
      return answer(request, presentKey(await applications.revokeKey(partner.id, applicationId, keyId, callerOf(request).user.id)))
    },
  )
}
