import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { FaceView } from '../face/verifications.ts'
import { problemSchema } from '../openapi/answer.ts'
import { callerOf, pathPart, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'

const NAME = '实人认证'
const PATH = '/v1/me/face-verifications'
const SERVICE_PATH = `${PATH}/:connector/:service`
/** What the hub itself wants a face for: closing an account. */
const OWN_SERVICES = new Set(['me.deregister'])

/**
 * `POST /v1/me/face-verifications` begins a face verification, `GET …/<id>` tells how it went (docs/sign-on.md). Under
 * `…/<connector>/<service>` so does whoever the user let use that service: a third party with a token for it.
 */
export default fp(
  async (app) => {
    const options = { onRequest: [note, app.authenticate] }
    const ofService = { onRequest: [noteService, app.authenticate] }
    // Each one costs the provider's fee and the user's patience.
    const preHandler = app.limitRate({ key: 'face', rate: { max: 10, perSeconds: 60 } })

    typed(app).post(PATH, { ...options, preHandler, schema: startSchema }, async (request, reply) => {
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

    typed(app).post(SERVICE_PATH, { ...ofService, preHandler, schema: startForSchema }, async (request, reply) => {
      const { connector, service: id } = request.params
      const service = `${connector}.${id}`
      if (!app.services.get(service)?.contract.face) throw unknownService('/params/service')
      // Whose face it is: the one who is there, who may act for a child.
      const { user, guardian = null } = callerOf(request)
      const { person } = guardian === null ? user : await app.users.byId(guardian)
      if (!person) throw new HubError('HUB_REAL_NAME_REQUIRED', { stepUp: { method: 'real-name' } })
      const begun = await app.faceVerifications.start(person, service, request.id)
      reply.code(201).header('location', `${PATH}/${connector}/${id}/${begun.id}`)
      return envelope(request, { id: begun.id, url: begun.url, service, state: 'pending', expiresAt: beijing(begun.expiresAt) })
    })

    typed(app).get(`${SERVICE_PATH}/:id`, { ...ofService, schema: readForSchema }, async (request) => {
      const { connector, service, id } = request.params
      const { user, guardian = null } = callerOf(request)
      const view = await app.faceVerifications.read(guardian ?? user.id, id, request.id)
      // What was begun for another service is none of a third party's business.
      if (view.service !== `${connector}.${service}`) throw new HubError('HUB_NO_RECORD', { detail: '没有找到您的这次人脸核验。' })
      return envelope(request, present(view))
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

/** By these a token of the exchange is known to be one for this service. */
function noteService(request: FastifyRequest, _reply: unknown, done: () => void): void {
  request.audit.connector = pathPart(request, 'connector')
  request.audit.service = pathPart(request, 'service')
  request.audit.purpose = NAME
  done()
}

function unknownService(pointer = '/body/service'): HubError {
  return new HubError('HUB_VALIDATION', { errors: [{ pointer, detail: '没有这项服务，或者它不需要人脸核验' }] })
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

const segment = (title: string) => part.text(title, { maxLength: 64, pattern: '^[a-z0-9-]+$' })
const place = { connector: segment('连接器'), service: segment('服务') }

const startForSchema = {
  operationId: 'face-verification.start-for',
  summary: '为一项服务发起人脸核验',
  description: '得到用户授权使用该服务的第三方应用也可以发起：请用户在 url 打开核验页面，通过后以请求头 Face-Verification 使用该服务。',
  tags,
  security,
  params: part.input(place, ['connector', 'service']),
  response: { 201: startSchema.response[201], default: problemSchema },
}

const readForSchema = {
  operationId: 'face-verification.read-for',
  summary: '为一项服务发起的人脸核验的结果',
  tags,
  security,
  params: part.input({ ...place, id: part.id('核验编号') }, ['connector', 'service', 'id']),
  response: { 200: readSchema.response[200], default: problemSchema },
}
