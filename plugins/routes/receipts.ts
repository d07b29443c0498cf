import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { readReceipt } from '../kinds/filing/receipt-code.ts'
import { problemSchema } from '../openapi/answer.ts'
import { answer, answerOf, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'
import { problemsAsPages, sendPage } from '../web/answer.ts'
import { wantsPage } from '../web/page.ts'
import { problemPage, wayOn } from '../web/parts.ts'
import { receiptForm, receiptPage } from './portal/receipt-page.ts'

const standing = part.row({
  state: part.text('状态'),
  stateName: part.text('状态名称'),
  final: part.flag('是否办结'),
  filedAt: part.moment('提交时间'),
  since: part.moment('进入这个状态的时间'),
  until: part.maybe('须在此之前补正', { format: 'date-time' }),
})

/** `GET /v1/receipts/{code}`: what state a filing is in, for whoever holds its receipt; `/receipts` takes one that is typed. Public. */
export default fp(
  async (app) => {
    typed(app).get(
      '/v1/receipts/:code',
      {
        onRequest: (request, reply, done) => {
          reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').header('vary', 'accept')
          Object.assign(request.audit, { connector: 'hub', service: 'receipts', purpose: '凭回执查询办理状态' })
          done()
        },
        preHandler: app.limitRate({ key: 'hub.receipts', rate: { max: 30, perSeconds: 60 } }),
        onSend: showProblem,
        schema: {
          operationId: 'hub.receipts',
          summary: '凭回执查询办理状态',
          description: '凭回执编号查询，不需要令牌。只答状态和时间。浏览器打开时是网页。',
          tags: ['中枢'],
          params: part.input({ code: part.text('回执编号') }, ['code']),
          response: { 200: answerOf(standing), default: problemSchema },
        },
      },
      async (request, reply) => {
        const code = readReceipt(request.params.code)
        const detail = '回执编号有误，请核对后再输：共 12 位，由数字和大写字母组成。'
        if (code === null) throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/params/code', detail }] })
        const found = await app.submissions.byReceipt(code)
        if (!found) throw new HubError('HUB_NO_RECORD', { detail: '没有这个回执编号的申请。' })
        const { id, ...shown } = found
        request.audit.submission = id
        const told = answer(request, shown)
        if (!wantsPage(request.headers.accept)) return told
        return sendPage(reply, receiptPage(shown))
      },
    )
    const query = Type.Object({ code: Type.Optional(Type.String({ maxLength: 40 })) })
    typed(app).get('/receipts', { schema: { hide: true, querystring: query }, onSend: showProblem }, async (request, reply) => {
      const { code } = request.query
      reply.header('cache-control', 'no-store')
      if (code?.trim()) return reply.redirect(`/v1/receipts/${encodeURIComponent(code.trim())}`, 303)
      return sendPage(reply, receiptForm())
    })
  },
  { name: 'receipts', dependencies: ['submissions', 'audit', 'rate-limit', 'openapi', 'problems', 'validation'] },
)

const showProblem = problemsAsPages((problem) =>
  problemPage({ ...problem, detail: problem.errors?.[0]?.detail ?? problem.detail }, wayOn('/receipts', '重新输入')),
)
