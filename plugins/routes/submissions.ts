import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type, { type TSchema } from 'typebox'
import { answerSchema, problemSchema } from '../../core/answer/schema.ts'
import { inputProperties, requiredInputs } from '../../core/answer/selection.ts'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import { assertChoices } from '../../core/call/choices.ts'
import type { CompiledService } from '../../core/call/service.ts'
import { authorise } from '../access/authorise.ts'
import { faceToSpend } from '../face/require.ts'
import { type Submission, toView } from '../kinds/filing/submissions.ts'
import { routeOptions } from './services.ts'

/**
 * For every declared submission: `POST /v1/<connector>/<service>` files one, `GET` on the same path
 * lists the caller's own, and `GET …/<id>` follows one.
 */
export default fp(
  async (app) => {
    for (const service of app.services.values()) if (service.contract.submission) submissionRoutes(app, service)
  },
  { name: 'submission-routes', dependencies: ['services', 'submissions'] },
)

function submissionRoutes(app: FastifyInstance, service: CompiledService): void {
  const { connector, contract } = service
  const path = `/v1/${connector.id}/${contract.id}`
  const { schema, ...options } = routeOptions(app, service)
  const { querystring: _, ...described } = schema ?? {}
  const view = viewSchema(service)

  const filing = { ...described, headers: keySchema, body: bodySchema(service), response: { 202: answerOf(view), default: problemSchema } }
  app.post(path, { ...options, schema: filing, attachValidation: false }, async (request, reply) => {
    const caller = callerOf(request)
    const idempotencyKey = String(request.headers['idempotency-key'] ?? '')
    const input = (request.body ?? {}) as Record<string, unknown>
    // A repeated request is answered from the store: its face verification was spent the first time.
    const earlier = await app.submissions.findByKey({ service, userId: caller.user.id, idempotencyKey, input })
    const submission = earlier ?? (await file())
    request.audit.submission = submission.id
    reply.code(202).header('location', `${path}/${submission.id}`)
    return envelope(request, present(service, submission))

    async function file(): Promise<Submission> {
      const asker = await authorise(service, caller, app.users)
      request.audit.enterprise = asker.enterprise?.id ?? null
      await assertChoices(service, input, asker, app, 'body')
      const { submission } = await app.submissions.accept({
        service,
        userId: caller.user.id,
        enterpriseId: asker.enterprise?.id ?? null,
        input,
        idempotencyKey,
        traceId: request.id,
        faceVerification: faceToSpend(caller),
      })
      return submission
    }
  })

  const listing = {
    ...described,
    operationId: `${service.key}.list`,
    summary: `${contract.name}：我的申请`,
    querystring: pageSchema,
    response: { 200: listOf(view), default: problemSchema },
  }
  app.get(path, { ...options, schema: listing }, async (request) => {
    const { page, pageSize } = request.query as { page: number; pageSize: number }
    const { rows, total } = await app.submissions.list(callerOf(request).user.id, service, { page, pageSize })
    note(request, service, rows.length)
    return envelope(
      request,
      rows.map((submission) => present(service, submission)),
      { page: { number: page, size: pageSize, total } },
    )
  })

  const following = {
    ...described,
    operationId: `${service.key}.status`,
    summary: `${contract.name}：办理进度`,
    params: idSchema,
    response: { 200: answerOf(view), default: problemSchema },
  }
  app.get(`${path}/:id`, { ...options, schema: following }, async (request) => {
    const { id } = request.params as { id: string }
    const submission = await app.submissions.read(callerOf(request).user.id, service, id)
    if (!submission) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这项申请。' })
    request.audit.submission = submission.id
    note(request, service, 1)
    return envelope(request, present(service, submission))
  })
}

function callerOf(request: FastifyRequest) {
  if (!request.caller) throw new HubError('HUB_TOKEN_MISSING')
  return request.caller
}

function note(request: FastifyRequest, { fieldNames }: CompiledService, rows: number): void {
  request.audit.fields = rows === 0 ? [] : fieldNames
  request.audit.rows = rows
}

function present(service: CompiledService, submission: Submission): Record<string, unknown> {
  const { connector, contract } = service
  return { ...toView(service, submission), statusUrl: `/v1/${connector.id}/${contract.id}/${submission.id}` }
}

function envelope(request: FastifyRequest, data: unknown, more: object = {}) {
  return { data, meta: { asOf: beijing(Date.now()), traceId: request.id, ...more } }
}

const keySchema = Type.Unsafe({
  type: 'object',
  properties: { 'idempotency-key': { type: 'string', description: '幂等键，8 至 128 个可见字符；同一键只办理一次' } },
})

const idSchema = Type.Unsafe({
  type: 'object',
  properties: { id: { type: 'string', maxLength: 36, title: '申请编号（中枢）' } },
  required: ['id'],
})

const pageSchema = Type.Unsafe({
  type: 'object',
  properties: {
    page: { type: 'integer', minimum: 1, maximum: 100_000, default: 1 },
    pageSize: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  },
  additionalProperties: false,
})

function bodySchema({ contract }: CompiledService): TSchema {
  return Type.Unsafe({
    type: ['object', 'null'],
    properties: inputProperties(contract),
    required: requiredInputs(contract),
    additionalProperties: false,
  })
}

/** The contract's fields, and where the filing stands with the hub. */
function viewSchema(service: CompiledService): object {
  const { data } = (answerSchema(service) as unknown as { properties: { data: { properties: Record<string, Record<string, unknown>> } } })
    .properties
  const event = { type: 'object', properties: { state: { type: 'string' }, stateName: { type: 'string' }, at: { type: 'string' } } }
  return {
    ...data,
    properties: {
      id: { type: 'string', title: '中枢申请编号' },
      state: { type: 'string', title: '状态' },
      stateName: { type: 'string', title: '状态名称' },
      final: { type: 'boolean', title: '是否办结' },
      statusUrl: { type: 'string', title: '进度查询地址' },
      history: { type: 'array', items: event, title: '办理经过' },
      ...Object.fromEntries(Object.entries(data.properties).map(([name, field]) => [name, nullable(field)])),
    },
  }
}

/** Until the agency has spoken, even what it will always say is still unknown. */
function nullable(schema: Record<string, unknown>): object {
  return { ...schema, type: [...new Set([schema['type'], 'null'].flat())] }
}

const meta = { type: 'object', properties: { asOf: { type: 'string' }, traceId: { type: 'string' } }, required: ['asOf', 'traceId'] }
const page = { type: 'object', properties: { number: { type: 'integer' }, size: { type: 'integer' }, total: { type: 'integer' } } }

function answerOf(view: object): TSchema {
  return Type.Unsafe({ type: 'object', properties: { data: view, meta }, required: ['data', 'meta'] })
}

function listOf(view: object): TSchema {
  return Type.Unsafe({
    type: 'object',
    properties: { data: { type: 'array', items: view }, meta: { ...meta, properties: { ...meta.properties, page } } },
    required: ['data', 'meta'],
  })
}
