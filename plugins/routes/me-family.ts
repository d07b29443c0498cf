import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { requireFace } from '../face/require.ts'
import { readScope, readTerm } from '../mandates/scope.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'
import { scopeSchema } from './agents.ts'
import { mandateSchema } from './me.ts'

const PATH = '/v1/me/family'
/** What a family reads of one another is sensitive: whoever lets them has just shown his face. */
const FACE = { maxAgeSeconds: 600, once: false }
const LONGEST_MS = 366 * 24 * 3_600_000

/** 家庭成员: whom one lets ask about one's own records (`dependant=<user id>`), for how long, and taking it back. */
export default fp(
  async (app) => {
    const { properties } = mandateSchema as unknown as { properties: Record<string, object> }
    const names = ['id', 'role', 'roleName', 'scope', 'status', 'statusName', 'startsAt', 'endsAt', 'current', 'name']
    const shown = Object.fromEntries(names.map((name) => [name, properties[name]]))
    const relative = Type.Unsafe({ type: 'object', properties: shown })
    const body = part.input(
      {
        name: part.personName(),
        idNumber: part.idNumber(),
        scope: scopeSchema,
        endsAt: part.moment('结束时间（最长一年）'),
      },
      ['name', 'idNumber', 'scope', 'endsAt'],
    )

    const listing = hubRoute(app, {
      key: 'me.family',
      summary: '我同意其查询我的记录的家庭成员',
      tag: TAG_ME,
      schema: { response: { 200: answerOf(part.list('家庭成员', relative)) } },
    })
    typed(app).get(PATH, listing, async (request) => answer(request, await app.kin.list(callerOf(request).user.id)))

    const admitting = hubRoute(app, {
      key: 'me.family.admit',
      summary: '同意家庭成员查询我的记录（须有 10 分钟以内的人脸核验）',
      tag: TAG_ME,
      rate: { max: 10, perSeconds: 60 },
      schema: { body, response: { 201: answerOf(relative) } },
    })
    typed(app).post(PATH, admitting, async (request, reply) => {
      const caller = callerOf(request)
      const { user } = caller
      if (!user.person) throw new HubError('HUB_REAL_NAME_REQUIRED', { stepUp: { method: 'real-name' } })
      await requireFace(FACE, 'me.family', caller)
      const { name, idNumber, scope, endsAt } = request.body
      const terms = readTerm(undefined, endsAt)
      if (terms.ends_at - terms.starts_at > LONGEST_MS)
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/endsAt', detail: '最长同意一年，到期可以再次同意' }] })
      const draft = { name: name.trim(), idNumber, scope: readScope(scope, 'kin', app.services), ...terms }
      const admitted = await app.kin.admit(user.id, draft, { userId: user.id, role: 'holder', traceId: request.id })
      request.audit.target = admitted.id
      return reply.code(201).send(answer(request, admitted))
    })

    const dismissing = hubRoute(app, {
      key: 'me.family.dismiss',
      summary: '撤回同意，立即生效',
      tag: TAG_ME,
      schema: { params: part.input({ id: part.id('授权编号') }, ['id']), response: { 204: Type.Null() } },
    })
    typed(app).delete(`${PATH}/:id`, dismissing, async (request, reply) => {
      const { id: userId } = callerOf(request).user
      const { id } = request.params
      request.audit.target = id
      await app.kin.dismiss(userId, id, { userId, role: 'holder', traceId: request.id })
      return reply.code(204).send(null)
    })
  },
  { name: 'me-family', dependencies: ['identity', 'face-verification', 'auth', 'rate-limit', 'problems', 'validation', 'openapi'] },
)
