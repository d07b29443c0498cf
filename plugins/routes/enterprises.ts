import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import type { VerifiedPerson } from '../../core/contract/asker.ts'
import { authorise } from '../access/authorise.ts'
import type { RegisteredEnterprise } from '../mandates/enterprise-registry.ts'
import type { Actor } from '../mandates/mandates.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'
import { mandateSchema } from './me.ts'

/** 绑定企业 (contract 1.2.1.2.1): `/v1/me/enterprises`. */
export default fp(
  async (app) => {
    binding(app)
  },
  { name: 'enterprises', dependencies: ['me', 'identity', 'connectors'] },
)

function binding(app: FastifyInstance): void {
  const rate = { max: 20, perSeconds: 60 }
  const found = part.row({
    uscc: part.maybe('统一社会信用代码'),
    name: part.text('名称'),
    establishedOn: part.maybe('成立日期'),
    state: part.text('登记状态'),
    bindable: part.flag('能否绑定'),
    obstacle: part.maybe('不能绑定的原因'),
  })

  typed(app).get(
    '/v1/me/enterprises',
    hubRoute(app, {
      key: 'me.enterprises',
      summary: '我绑定的企业',
      tag: TAG_ME,
      schema: { response: { 200: answerOf(part.list('企业', mandateSchema)) } },
    }),
    async (request) => {
      const held = await app.holders.ofUser(callerOf(request).user)
      return answer(
        request,
        held.filter(({ role, status }) => role === 'legal-representative' && status === 'active'),
      )
    },
  )

  // Whose enterprises they are is never said by the request: the body must be empty.
  const nothing = Type.Unsafe({ type: ['object', 'null'], properties: {}, additionalProperties: false })
  typed(app).post(
    '/v1/me/enterprises/search',
    hubRoute(app, {
      key: 'me.enterprises.search',
      summary: '查找我名下的企业和个体工商户',
      tag: TAG_ME,
      rate,
      schema: { body: nothing, response: { 200: answerOf(part.list('企业', found)) } },
    }),
    async (request) => {
      const { enterprises } = await ask(app, request)
      return answer(
        request,
        enterprises.map((enterprise) => ({ ...enterprise, bindable: enterprise.obstacle === null })),
      )
    },
  )

  const bound = part.row({ id: part.text('单位编号'), renewed: part.flag('是否续期') })
  typed(app).post(
    '/v1/me/enterprises',
    hubRoute(app, {
      key: 'me.enterprises.bind',
      summary: '绑定企业',
      tag: TAG_ME,
      rate,
      schema: {
        body: part.input({ uscc: part.uscc() }, ['uscc']),
        response: { 201: answerOf(bound) },
      },
    }),
    async (request, reply) => {
      const { uscc } = request.body
      const { person, enterprises } = await ask(app, request)
      const chosen = enterprises.find((enterprise) => enterprise.uscc === uscc)
      if (!chosen) throw new HubError('HUB_NO_RECORD', { detail: '您的名下没有这家企业，请先查找并从中选择。' })
      if (chosen.obstacle !== null) throw new HubError('HUB_ENTERPRISE_UNFIT', { detail: `这家企业不能绑定：${chosen.obstacle}。` })
      const result = await app.enterprises.bind(person, { ...chosen, uscc }, representativeOf(request))
      request.audit.enterprise = result.id
      return reply.code(201).send(answer(request, result))
    },
  )

  typed(app).delete(
    '/v1/me/enterprises/:id',
    hubRoute(app, {
      key: 'me.enterprises.unbind',
      summary: '解除企业绑定',
      tag: TAG_ME,
      schema: { params: part.input({ id: part.id('单位编号') }, ['id']), response: { 204: Type.Null() } },
    }),
    async (request, reply) => {
      const { id } = request.params
      request.audit.enterprise = id
      if (!(await app.enterprises.unbind(callerOf(request).user.id, id, representativeOf(request))))
        throw new HubError('HUB_NO_RECORD', { detail: '您没有绑定这家企业。' })
      return reply.code(204).send(null)
    },
  )
}

/** Asks the registry about the caller himself: real name and a fresh face, as the declaration of that service says. */
async function ask(
  app: FastifyInstance,
  request: FastifyRequest,
): Promise<{ person: VerifiedPerson; enterprises: RegisteredEnterprise[] }> {
  const service = app.internal.services.get('registry.enterprises')
  const registry = app.enterpriseRegistry
  if (!service || !registry) throw new HubError('HUB_SERVICE_UNKNOWN', { detail: '本平台没有开通企业绑定。' })
  const asker = await authorise(service, callerOf(request), app.users)
  if (!asker.person) throw new HubError('HUB_REAL_NAME_REQUIRED', { stepUp: { method: 'real-name' } })
  const { enterprises, upstreamStatus, upstreamMs } = await registry.enterprisesOf(asker)
  Object.assign(request.audit, { upstreamStatus, upstreamMs })
  return { person: asker.person, enterprises }
}

/** Who binds is, or has been, the legal representative. */
export function representativeOf(request: FastifyRequest): Actor {
  return { userId: callerOf(request).user.id, role: 'legal-representative', traceId: request.id }
}
