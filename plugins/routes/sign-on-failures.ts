import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { authenticateClient } from '../oauth/client-authentication.ts'
import { problemSchema } from '../openapi/answer.ts'
import { typed } from '../route-kit/kit.ts'
import { findBySubject } from '../sign-on/accounts.ts'
import { signOnIssuer } from '../sign-on/issuer.ts'
import { pseudonymOf } from '../users/users.ts'

/** A clock may be ahead of the hub's by so much. */
const FUTURE_MS = 60_000

/**
 * `POST /v1/sign-on/failures`: passwords and codes are checked by the app, whose back end reports here what
 * failed (docs/identity.md).
 */
export default fp(
  async (app) => {
    const { database, vault, settings, lockOut } = app
    const ownIssuer = signOnIssuer(settings, app.sandbox)

    typed(app).post(
      '/v1/sign-on/failures',
      {
        // The app's back end comes from few addresses: this holds back only whoever tries secrets.
        onRequest: [
          note,
          app.limitRate({ key: 'sign-on-failures', rate: { max: 6000, perSeconds: 60 } }),
          (request: FastifyRequest) => admit(app, request),
        ],
        // The way in here is another than everywhere else.
        onSend: async (_request, reply, payload) => {
          if (reply.statusCode === 401) reply.header('www-authenticate', 'Basic realm="hub", charset="UTF-8"')
          return payload
        },
        schema,
      },
      async (request, reply) => {
        const { eventId, subject, issuer = ownIssuer, at } = request.body
        const time = Date.parse(at)
        const now = Date.now()
        if (time > now + FUTURE_MS) throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/at', detail: '时间不能在将来' }] })
        const user = await findBySubject(database, issuer, subject)
        if (user) {
          request.audit.target = pseudonymOf(vault, user.id)
          const event = JSON.stringify([request.audit.app, eventId])
          await lockOut.report(user.id, { source: 'sign-on', eventId: event, at: Math.min(time, now), traceId: request.id })
        }
        // Whether there is such a user, and what became of him, is not the asker's to learn here.
        return reply.code(204).send(null)
      },
    )
  },
  {
    name: 'sign-on-failures',
    dependencies: [
      'lock-out',
      'settings',
      'database',
      'sandbox',
      'audit',
      'auth',
      'authorization-store',
      'rate-limit',
      'problems',
      'validation',
      'openapi',
    ],
  },
)

function note(request: FastifyRequest, _reply: unknown, done: () => void): void {
  Object.assign(request.audit, { connector: 'hub', service: 'sign-on.failures', purpose: '报告登录失败' })
  done()
}

async function admit(app: FastifyInstance, request: FastifyRequest): Promise<void> {
  const client = await authenticateClient(app.authorizationStore.clients, request.headers.authorization)
  request.audit.app = client.id
  if (!client.trusted) throw new HubError('HUB_SCOPE_INSUFFICIENT', { detail: '只有“我的许昌”自己的后台可以报告登录失败。' })
}

const body = Type.Object(
  {
    eventId: Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$', title: '事件编号：重复报告只计一次' }),
    subject: Type.String({ minLength: 1, maxLength: 200, title: '用户在统一登录中的编号' }),
    issuer: Type.Optional(Type.String({ minLength: 1, maxLength: 200, title: '编号的签发方（默认：统一登录）' })),
    at: Type.String({ format: 'date-time', title: '登录失败的时间' }),
  },
  { additionalProperties: false },
)

const schema = {
  operationId: 'hub.sign-on.failures',
  summary: '报告一次登录失败',
  description: '由“我的许昌”的后台在密码或验证码不对时调用。连续失败达到阈值的账户临时锁定；无论有没有这个用户，答复都一样。',
  tags: ['统一登录'],
  security: [{ client: [] }],
  body,
  response: { 204: Type.Unsafe({ type: 'null', description: '已收到' }), default: problemSchema },
}
