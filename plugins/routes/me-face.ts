import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { FaceView } from '../face/verifications.ts'
import { problemSchema } from '../openapi/answer.ts'
import { callerOf, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'

const NAME = '实人认证'
const PATH = '/v1/me/face-verifications'
/** What the hub itself wants a face for: closing an account. */
const OWN_SERVICES = new Set(['me.deregister'])

/** `POST /v1/me/face-verifications` begins a face verification, `GET …/<id>` tells how it went (docs/sign-on.md). */
export default fp(
  async (app) => {
    const options = { onRequest: [note, app.authenticate] }

    typed(app).post(PATH, { ...options, preHandler: limit(app), schema: startSchema }, async (request, reply) => {
      const { service = null } = request.body ?? {}
      if (service !== null && !OWN_SERVICES.has(service) && !app.services.get(service)?.contract.face) throw unknownService()
      const { user } = callerOf(request)
      if (!user.person) throw new HubError('HUB_REAL_NAME_REQUIRED', { stepUp: { method: 'real-name' } })
      const { id, url, expiresAt } = await app.faceVerifications.start(user.person, service, request.id)
      reply.code(201).header('location', `${PATH}/${id}`)
      return envelope(request, { id, url, service, state: 'pending', expiresAt: beijing(expiresAt) })
    })

    typed(app).get(`${PATH}/:id`, { ...options, schema: readSchema }, async (request) => {
      const { id } = request.params
      return envelope(request, present(await app.faceVerifications.read(callerOf(request).user.id, id, request.id)))
    })
  },
  {
    name: 'me-face',
    dependencies: ['face-verification', 'connectors', 'auth', 'audit', 'problems', 'rate-limit', 'validation', 'openapi'],
  },
)

function note(request: FastifyRequest, _reply: unknown, done: () => void): void {
  request.audit.service = 'face-verification'
  request.audit.purpose = NAME
  done()
}

/** Each one costs the provider's fee and the user's patience. */
function limit(app: FastifyInstance) {
  return app.rateLimit({
    max: 10,
    timeWindow: 60_000,
    keyGenerator: (request) => `face:${request.caller?.user.pseudonym ?? request.ip}`,
    errorResponseBuilder: (_request, { ttl }) => new HubError('HUB_RATE_LIMITED', { retryAfter: Math.max(1, Math.ceil(ttl / 1000)) }),
  })
}

function unknownService(): HubError {
  return new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/service', detail: '没有这项服务，或者它不需要人脸核验' }] })
}

function present({ expiresAt, verifiedAt, usedAt, ...view }: FaceView) {
  const time = (at: number | null) => (at === null ? null : beijing(at))
  return { ...view, expiresAt: beijing(expiresAt), verifiedAt: time(verifiedAt), usedAt: time(usedAt) }
}

function envelope(request: FastifyRequest, data: object) {
  return { data, meta: { asOf: beijing(Date.now()), traceId: request.id } }
}

const tags = [NAME]
const security = [{ token: [] }]
const moment = (title: string) => ({ type: ['string', 'null'], format: 'date-time', title })

function answerOf(properties: object) {
  const meta = { type: 'object', properties: { asOf: { type: 'string' }, traceId: { type: 'string' } }, required: ['asOf', 'traceId'] }
  return Type.Unsafe({ type: 'object', properties: { data: { type: 'object', properties }, meta }, required: ['data', 'meta'] })
}

const viewProperties = {
  id: { type: 'string', title: '核验编号：办事时放在请求头 Face-Verification 里' },
  service: { type: ['string', 'null'], title: '为哪项服务核验' },
  state: { type: 'string', enum: ['pending', 'passed', 'failed', 'expired'], title: '状态' },
  expiresAt: { ...moment('有效期至'), type: 'string' },
}

const startSchema = {
  operationId: 'face-verification.start',
  summary: '发起人脸核验',
  description: '在 url 打开核验页面。办理类服务的核验须写明 service，且只能使用一次。',
  tags,
  security,
  body: Type.Unsafe<{ service?: string } | null>({
    type: ['object', 'null'],
    properties: { service: { type: 'string', maxLength: 129, title: '服务（<连接器>.<服务>）' } },
    additionalProperties: false,
  }),
  response: { 201: answerOf({ ...viewProperties, url: { type: 'string', title: '核验页面' } }), default: problemSchema },
}

const readSchema = {
  operationId: 'face-verification.read',
  summary: '人脸核验的结果',
  tags,
  security,
  params: part.input({ id: part.id('核验编号') }, ['id']),
  response: {
    200: answerOf({ ...viewProperties, verifiedAt: moment('核验时间'), usedAt: moment('使用时间') }),
    default: problemSchema,
  },
}
