import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type, { type Static } from 'typebox'
import { problemSchema } from '../core/answer/schema.ts'
import { authenticateClient } from '../core/authorization/client-authentication.ts'
import { HubError } from '../core/errors.ts'
import { createLockOut, type LockOut } from '../core/identity/lock-out.ts'
import { pseudonymOf } from '../core/identity/users.ts'
import { findBySubject } from '../core/sign-on/accounts.ts'
import { signOnIssuer } from '../core/sign-on/issuer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    lockOut: LockOut
  }
}

const MINUTE = 60_000
const PURGE_MS = 10 * MINUTE
/** A clock may be ahead of the hub's by so much. */
const FUTURE_MS = MINUTE

/**
 * Locks accounts after failed log-ins (docs/identity.md). Passwords and codes are checked by the app, whose back
 * end reports what failed to `POST /v1/sign-on/failures`; failed face verifications the hub sees itself.
 */
export default fp(
  async (app) => {
    const { database, vault, users, audit, settings } = app
    const policy = {
      failures: settings.LOCKOUT_FAILURES,
      windowMs: settings.LOCKOUT_WINDOW_MINUTES * MINUTE,
      lockMs: settings.LOCKOUT_MINUTES * MINUTE,
    }
    const lockOut = createLockOut({ database, vault, policy, users, audit })
    app.decorate('lockOut', lockOut)

    const purging = setInterval(() => {
      lockOut.purge().catch((error: unknown) => app.log.warn({ err: error }, '过期的登录失败记录清理失败'))
    }, PURGE_MS).unref()
    app.addHook('onClose', async () => clearInterval(purging))

    const ownIssuer = signOnIssuer(settings, app.sandbox)

    app.post(
      '/v1/sign-on/failures',
      {
        onRequest: [note, limit(app), (request: FastifyRequest) => admit(app, request)],
        // The way in here is another than everywhere else.
        onSend: async (_request, reply, payload) => {
          if (reply.statusCode === 401) reply.header('www-authenticate', 'Basic realm="hub", charset="UTF-8"')
          return payload
        },
        schema,
      },
      async (request, reply) => {
        const { eventId, subject, issuer = ownIssuer, at } = request.body as Static<typeof body>
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
    name: 'lock-out',
    dependencies: [
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

/** The app's back end comes from few addresses: this holds back only whoever tries secrets. */
function limit(app: FastifyInstance) {
  return app.rateLimit({
    max: 6000,
    timeWindow: MINUTE,
    keyGenerator: (request) => `sign-on-failures:${request.ip}`,
    errorResponseBuilder: (_request, { ttl }) => new HubError('HUB_RATE_LIMITED', { retryAfter: Math.max(1, Math.ceil(ttl / 1000)) }),
  })
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
