import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { mandateStatuses } from '../mandates/mandates.ts'
import { readScope, readTerm } from '../mandates/scope.ts'
import { answer, answerOf, callerOf, hubRoute, pathId, type RouteSchemas, TAG_ENTERPRISE, typed } from '../route-kit/kit.ts'
import { paging, part } from '../route-kit/part.ts'
import { representativeOf } from './enterprises.ts'
import { mandateSchema } from './me.ts'

/** 经办人管理 (contract 1.2.1.2.2): `/v1/enterprises/{id}/agents`, and the log of what was done there. */
export default fp(
  async (app) => {
    agents(app)
    log(app)
  },
  { name: 'agents', dependencies: ['enterprises'] },
)

const enterpriseParams = part.input({ id: part.id('单位编号') }, ['id'])
const agentParams = part.input({ id: part.id('单位编号'), agentId: part.id('授权编号') }, ['id', 'agentId'])
export const scopeSchema = part.list('可用的系统或服务', part.text('系统或服务', { maxLength: 128 }), { minItems: 1, maxItems: 50 })

function agents(app: FastifyInstance): void {
  const one = answerOf(mandateSchema)
  const options = <S extends RouteSchemas>(key: string, summary: string, schema: S) =>
    hubRoute(app, { key: `enterprises.${key}`, summary, tag: TAG_ENTERPRISE, schema, admit: (request) => admit(app, request) })

  const filter = part.input({ ...paging, status: part.choice('状态', mandateStatuses) })
  typed(app).get(
    '/v1/enterprises/:id/agents',
    options('agents', '经办人列表', {
      params: enterpriseParams,
      querystring: filter,
      response: { 200: answerOf(part.list('经办人', mandateSchema)) },
    }),
    async (request) => {
      const query = request.query
      const { rows, total } = await app.agents.list(paramsOf(request).id, query)
      return answer(request, rows, { number: query.page, size: query.pageSize, total })
    },
  )

  const fields = {
    name: part.personName(),
    phone: part.phone(),
    idNumber: part.idNumber(),
    scope: scopeSchema,
    startsAt: part.moment('开始时间'),
    endsAt: part.moment('结束时间'),
  }
  const body = part.input(fields, ['name', 'phone', 'idNumber', 'scope', 'endsAt'])
  typed(app).post(
    '/v1/enterprises/:id/agents',
    options('agents.add', '添加经办人', { params: enterpriseParams, body, response: { 201: one } }),
    async (request, reply) => {
      const { name, phone, idNumber, scope, startsAt, endsAt } = request.body
      const draft = {
        name: name.trim(),
        phone,
        idNumber,
        scope: readScope(scope, 'agent', app.services),
        ...readTerm(startsAt, endsAt),
      }
      const agent = await app.agents.add(paramsOf(request).id, draft, representativeOf(request))
      request.audit.target = agent.id
      return reply.code(201).send(answer(request, agent))
    },
  )

  const { name: _name, idNumber: _idNumber, ...changeable } = fields
  const changes = part.input(changeable, [], 1)
  typed(app).patch(
    '/v1/enterprises/:id/agents/:agentId',
    options('agents.change', '修改经办人', { params: agentParams, body: changes, response: { 200: one } }),
    async (request) => {
      const { phone, scope, startsAt, endsAt } = request.body
      const { id, agentId } = paramsOf(request)
      const agent = await app.agents.change(
        id,
        agentId,
        {
          ...(phone === undefined ? {} : { phone }),
          ...(scope === undefined ? {} : { scope: readScope(scope, 'agent', app.services) }),
          ...(startsAt === undefined ? {} : { starts_at: Date.parse(startsAt) }),
          ...(endsAt === undefined ? {} : { ends_at: Date.parse(endsAt) }),
        },
        representativeOf(request),
      )
      return answer(request, agent)
    },
  )

  typed(app).delete(
    '/v1/enterprises/:id/agents/:agentId',
    options('agents.disable', '停用经办人', { params: agentParams, response: { 200: one } }),
    async (request) => {
      const { id, agentId } = paramsOf(request)
      return answer(request, await app.agents.disable(id, agentId, representativeOf(request)))
    },
  )
}

/** 操作留痕: who added, changed or ended which agent. Who the administrators are stays inside. */
function log(app: FastifyInstance): void {
  const event = part.row({
    at: part.text('时间'),
    mandateId: part.maybe('授权编号'),
    action: part.text('动作'),
    actorRole: part.text('操作者身份'),
    traceId: part.maybe('追踪号'),
    detail: Type.Unsafe({ type: 'object', title: '之后的内容', additionalProperties: true }),
  })
  typed(app).get(
    '/v1/enterprises/:id/events',
    hubRoute(app, {
      key: 'enterprises.events',
      summary: '授权操作记录',
      tag: TAG_ENTERPRISE,
      admit: (request) => admit(app, request),
      schema: {
        params: enterpriseParams,
        querystring: part.input({ ...paging, mandate: part.id('授权编号') }),
        response: { 200: answerOf(part.list('记录', event)) },
      },
    }),
    async (request) => {
      const { mandate, page, pageSize } = request.query
      const { rows, total } = await app.agents.events(paramsOf(request).id, mandate, { page, pageSize })
      return answer(request, rows, { number: page, size: pageSize, total })
    },
  )
}

/** Nobody but the legal representative gets any further, whatever else the request holds. */
async function admit(app: FastifyInstance, request: FastifyRequest): Promise<void> {
  const { id, agentId } = paramsOf(request)
  request.audit.enterprise = id
  if (agentId !== '') request.audit.target = agentId
  await app.agents.requireRepresentative(callerOf(request).user.id, id)
}

function paramsOf(request: FastifyRequest): { id: string; agentId: string } {
  return { id: pathId(request, 'id'), agentId: pathId(request, 'agentId') }
}
