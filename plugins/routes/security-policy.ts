import fp from 'fastify-plugin'
import { problemSchema } from '../openapi/answer.ts'
import { answerOf, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'
import { type SecuritySettings, securitySettingsSchema, securityVersion } from '../users/security/settings.ts'
import { type Frozen, freeze, sendFrozen } from '../web/frozen.ts'

const { captchaAfter, methods, password } = securitySettingsSchema.properties
const policy = part.row({ version: securityVersion, captchaAfter, methods, password })

/**
 * `GET /v1/security-policy`: what the app's identity platform goes by when somebody registers, logs in or chooses a password. Public,
 * for it is what a login page says anyway; what locks an account is not part of it.
 */
export default fp(
  async (app) => {
    let made: { of: SecuritySettings; frozen: Promise<Frozen> } | null = null

    function current(): Promise<Frozen> {
      const { version, settings } = app.security.now
      if (made?.of !== settings) {
        const { captchaAfter, methods, password } = settings
        made = { of: settings, frozen: freeze(JSON.stringify({ data: { version, captchaAfter, methods, password } })) }
      }
      return made.frozen
    }

    typed(app).get(
      '/v1/security-policy',
      {
        preHandler: app.limitRate({ key: 'security-policy', rate: { max: 600, perSeconds: 60 } }),
        schema: {
          operationId: 'hub.security-policy',
          summary: '登录与密码的规则',
          description: '供“我的许昌”统一登录使用：可用的登录方式、密码强度、失败多少次之后要求图形验证码。公开；支持 ETag。',
          tags: ['统一登录'],
          response: { 200: answerOf(policy), default: problemSchema },
        },
      },
      async (request, reply) => {
        reply.header('cache-control', 'public, no-cache')
        return sendFrozen(request, reply, await current(), 'application/json; charset=utf-8')
      },
    )
  },
  { name: 'security-policy', dependencies: ['security-settings', 'rate-limit', 'openapi', 'validation'] },
)
