import fp from 'fastify-plugin'
import { problemSchema } from '../../core/answer/schema.ts'
import { HubError } from '../../core/base/errors.ts'
import { answer, answerOf, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'

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

/** `GET /v1/verify/{code}`: whoever is shown a document confirms it. Public. */
export default fp(
  async (app) => {
    typed(app).get(
      '/v1/verify/:code',
      {
        onRequest: (request, reply, done) => {
          reply.header('cache-control', 'no-store')
          Object.assign(request.audit, { connector: 'hub', service: 'verify', purpose: '核验证明' })
          done()
        },
        preHandler: app.limitRate({ key: 'hub.verify', rate: { max: 30, perSeconds: 60 } }),
        schema: {
          operationId: 'hub.verify',
          summary: '核验证明',
          description: '凭证明上的验证码（二维码）核验。不需要令牌。',
          tags: ['中枢'],
          params: part.input({ code: part.text('验证码') }, ['code']),
          response: { 200: answerOf(verification), default: problemSchema },
        },
      },
      async (request) => {
        const found = await app.documents.verify(request.params.code)
        if (!found) throw new HubError('HUB_NO_RECORD', { detail: '没有这个验证码的证明，或者它已经过期、已被撤销。' })
        return answer(request, found)
      },
    )
  },
  { name: 'verify', dependencies: ['documents', 'audit', 'rate-limit', 'openapi', 'problems'] },
)
