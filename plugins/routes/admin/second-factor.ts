import type { FastifyInstance, FastifyReply } from 'fastify'
import Type from 'typebox'
import { beijing } from '../../../core/base/time.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { type AdminSession, endAdminSessions } from '../../users/admin-sessions.ts'
import { adminRoute, bearerOf } from './route.ts'

const own = { permission: 'second-factor.own', withoutSecondFactor: true } as const

const code = part.text('身份验证器显示的六位数字', { pattern: '^[0-9]{6}$' })
const body = part.input({ code }, ['code'])
const enrolmentCode = part.text('登记码（任命时交给本人，登记一次）', { maxLength: 40 })
const session = answerOf(part.row({ verifiedAt: part.text('验证时间'), expiresAt: part.text('最迟到期时间（30 分钟不用，提前到期）') }))
const present = ({ verifiedAt, expiresAt }: AdminSession) => ({ verifiedAt: beijing(verifiedAt), expiresAt: beijing(expiresAt) })
const unstored = (reply: FastifyReply) => reply.header('cache-control', 'no-store')

/** The second factor: enrolled once, confirmed by its first code, shown for each access token (docs/identity.md). */
export function secondFactorRoutes(app: FastifyInstance): void {
  const { secondFactor } = app
  const shown = part.row({ secret: part.text('密钥（Base32，只显示这一次）'), uri: part.text('身份验证器扫描的二维码内容') })

  typed(app).post(
    '/admin/second-factor',
    adminRoute(app, {
      ...own,
      key: 'second-factor.enrol',
      summary: '登记身份验证器：须有任命时另行交给本人的登记码，并以一个验证码确认',
      schema: { body: part.input({ enrolmentCode }, ['enrolmentCode']), response: { 201: answerOf(shown) } },
    }),
    async (request, reply) => {
      const made = await secondFactor.enrol(bearerOf(app, request).userId, request.body.enrolmentCode)
      return unstored(reply).code(201).send(answer(request, made))
    },
  )

  typed(app).post(
    '/admin/second-factor/confirmation',
    adminRoute(app, {
      ...own,
      key: 'second-factor.confirm',
      summary: '确认身份验证器，同时验证本次登录',
      schema: { body, response: { 200: session } },
    }),
    async (request) => answer(request, present(await secondFactor.confirm(bearerOf(app, request), request.body.code))),
  )

  typed(app).post(
    '/admin/session',
    adminRoute(app, {
      ...own,
      key: 'session.open',
      summary: '以动态验证码验证本次登录',
      schema: { body, response: { 201: session } },
    }),
    async (request, reply) => {
      const opened = await secondFactor.verify(bearerOf(app, request), request.body.code)
      return reply.code(201).send(answer(request, present(opened)))
    },
  )

  typed(app).delete(
    '/admin/session',
    adminRoute(app, {
      ...own,
      key: 'session.end',
      summary: '结束本次登录的管理会话',
      schema: { response: { 204: Type.Null() } },
    }),
    async (request, reply) => {
      const { userId, tokenHash } = bearerOf(app, request)
      await endAdminSessions(app.database, userId, tokenHash)
      return reply.code(204).send(null)
    },
  )
}
