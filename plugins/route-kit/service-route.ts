import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import type { CompiledService } from '../../core/call/service.ts'
import { lifeHeaders } from '../catalogue/lives.ts'
import { problemSchema } from '../openapi/answer.ts'
import { inputProperties, requiredInputs, requiredWhen } from '../openapi/query-schema.ts'

/** What routes of a service have in common: who may call, how often, and how OpenAPI shows it. */
export function serviceOptions(app: FastifyInstance, service: CompiledService): RouteShorthandOptions {
  const { connector, contract } = service
  const open = contract.identity === 'none'
  return {
    onRequest: [
      (request, reply, done) => begin(app, request, reply, service, done),
      ...(open ? [] : [(request: FastifyRequest, reply: FastifyReply, done: Done) => authenticate(app, request, reply, service, done)]),
    ],
    preHandler: app.limitRate(service),
    ...(open ? {} : { onResponse: (request, reply, done) => noteUse(app, request, reply, service, done) }),
    schema: {
      operationId: service.key,
      summary: contract.name,
      description: [describeAccess(service), ...app.calendar.hoursOf(service)].join('；'),
      tags: [connector.name],
      ...(open ? {} : { security: [{ token: [] }] }),
      response: { default: problemSchema },
    },
  }
}

type Done = (error?: Error) => void

function begin(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, service: CompiledService, done: Done): void {
  // What concerns a person is not for any cache between here and the app.
  if (service.contract.identity !== 'none') reply.header('cache-control', 'no-store')
  request.audit.connector = service.connector.id
  request.audit.service = service.contract.id
  request.audit.purpose = service.contract.name
  const life = app.catalogue.lifeOf(service.key)
  if (life) for (const [name, value] of lifeHeaders(service.key, life)) reply.header(name, value)
  const offline = app.catalogue.offline(service.key)
  if (offline && begins(app, request, service)) done(offline)
  else if (!app.refuse(request, reply, service)) done()
}

/** What somebody asked or did himself is found again on his front page. */
function noteUse(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, service: CompiledService, done: Done): void {
  const { caller } = request
  const isOwn = caller && caller.claims.connector === null && (caller.guardian ?? null) === null
  if (isOwn && reply.statusCode < 300 && begins(app, request, service)) app.recents.note(caller.user.id, service.key)
  done()
}

/** Off line a service begins nothing new: whoever filed something still sees how it stands, and what is under way goes on. */
function begins(app: FastifyInstance, { method, routeOptions }: FastifyRequest, { connector, contract }: CompiledService): boolean {
  const url = `/v1/${connector.id}/${contract.id}`
  return routeOptions.url === url && (method === 'POST' || !app.hasRoute({ method: 'POST', url }))
}

function authenticate(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, service: CompiledService, done: Done): void {
  app.authenticate(request, reply, (error) => {
    if (error) done(error)
    else if (!app.refuse(request, reply, service)) done()
  })
}

function describeAccess({ connector, contract }: CompiledService): string {
  const face = contract.face
    ? `；需要 ${contract.face.maxAgeSeconds / 60} 分钟以内的人脸核验（令牌所载，或请求头 Face-Verification 所指）${contract.face.once ? '，且只能使用一次' : ''}`
    : ''
  const clause = contract.section ? `，合同第 ${contract.section} 条` : ''
  return `${connector.agency}${clause}；身份要求：${contract.identity}${face}${contract.upstream?.paging?.through ? THROUGH : ''}`
}

const THROUGH = '；分页和总数由对方系统给出，只能按列出的条件查询，不支持按字段筛选和排序'

/** Header of what is to be done once. */
export const idempotencyHeaders = Type.Unsafe<object>({
  type: 'object',
  properties: { 'idempotency-key': { type: 'string', description: '幂等键，8 至 128 个可见字符；同一键只办理一次' } },
})

/** Body that carries a service's inputs; what they are, only the declaration knows. */
export function inputsBody({ contract }: CompiledService) {
  return Type.Unsafe<Readonly<Record<string, unknown>> | null>({
    type: ['object', 'null'],
    properties: inputProperties(contract),
    required: requiredInputs(contract),
    ...requiredWhen(contract),
    additionalProperties: false,
  })
}
