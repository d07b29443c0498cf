import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { problemSchema } from '../openapi/answer.ts'
import { answer, answerOf, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'
import { problemsAsPages, sendPage } from '../web/answer.ts'
import { wantsPage } from '../web/page.ts'
import { problemPage, wayOn } from '../web/parts.ts'
import { codePage, unverifiedPage, VERIFICATION_POLICY, verificationPage } from './portal/verification-page.ts'

const holder = { name: part.text('姓名或单位名称'), number: part.text('证件号码或统一社会信用代码') }
const verification = part.row({
  valid: part.flag('有效'),
  service: part.text('证明名称'),
  agency: part.text('数据提供单位'),
  holder: part.maybeRow('持有人（已脱敏）', holder),
  issuedAt: part.moment('出具时间'),
  expiresAt: part.moment('核验有效期至'),
  contentHash: part.text('文件摘要（SHA-256）'),
})

/**
 * `GET /v1/verify/{code}`: whoever is shown a document confirms it; a page where a browser asks, as after
 * scanning the QR code. `GET /verify` takes a code that somebody types. Public.
 */
export default fp(
  async (app) => {
    typed(app).get(
      '/v1/verify/:code',
      {
        onRequest: (request, reply, done) => {
          reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').header('vary', 'accept')
          Object.assign(request.audit, { connector: 'hub', service: 'verify', purpose: '核验证明' })
          done()
        },
        preHandler: app.limitRate({ key: 'hub.verify', rate: { max: 30, perSeconds: 60 } }),
        onSend: showProblem,
        schema: {
          operationId: 'hub.verify',
          summary: '核验证明',
          description: '凭证明上的验证码（二维码）核验。不需要令牌。浏览器打开时是网页。',
          tags: ['中枢'],
          params: part.input({ code: part.text('验证码') }, ['code']),
          response: { 200: answerOf(verification), default: problemSchema },
        },
      },
      async (request, reply) => {
        const found = await app.documents.verify(request.params.code)
        if (!found) throw new HubError('HUB_NO_RECORD', { detail: '没有这个验证码的证明，或者它已经过期、已被撤销。' })
        const told = answer(request, found)
        if (!wantsPage(request.headers.accept)) return told
        return sendPage(reply, verificationPage(found, app.sandbox !== null), VERIFICATION_POLICY)
      },
    )
    typedCode(app)
  },
  { name: 'verify', dependencies: ['documents', 'sandbox', 'audit', 'rate-limit', 'openapi', 'problems', 'validation'] },
)

const typedQuery = Type.Object({ code: Type.Optional(Type.String({ maxLength: 40 })) })

/** The form leads to the address of the QR code, where the look-up is counted and put on record. */
function typedCode(app: FastifyInstance): void {
  typed(app).get('/verify', { schema: { hide: true, querystring: typedQuery }, onSend: showProblem }, async (request, reply) => {
    const { code } = request.query
    reply.header('cache-control', 'no-store')
    if (code?.trim()) return reply.redirect(`/v1/verify/${encodeURIComponent(code.trim())}`, 303)
    return sendPage(reply, codePage())
  })
}

const showProblem = problemsAsPages((problem) =>
  problem.status === 404 ? unverifiedPage() : problemPage(problem, wayOn('/verify', '重新核验')),
)
