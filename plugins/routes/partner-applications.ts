import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { beijing } from '../../core/base/time.ts'
import { problemSchema } from '../openapi/answer.ts'
import type { Standing } from '../partners/applying.ts'
import { paperKinds } from '../partners/paper-kinds.ts'
import { domains } from '../partners/rows.ts'
import { answer, answerOf, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'
import { described, LOOKING, open, receiptParams } from './partners/by-receipt.ts'
import { paperItem, paperRoutes, presentPaper } from './partners/papers.ts'
import { checkItem, states } from './partners/shown.ts'

/** Calls of one address: each sends a letter to somebody. */
const APPLYING = { max: 5, perSeconds: 3600 }

const lackingItem = { kind: part.choice('种类', paperKinds), kindName: part.text('种类名称') }
const standing = {
  state: part.choice('状态', states.review),
  stateName: part.text('状态名称'),
  checks: part.list('自动检查的结果', checkItem),
  reason: part.maybe('没有通过的原因'),
  papers: part.list('提交的材料', part.row(paperItem)),
  lacking: part.list('还要提交的材料：没有这些，业务审核不能通过', part.row(lackingItem)),
  createdAt: part.moment('申请时间'),
}
const receipt = part.text('回执编号：只显示这一次，凭它查询、撤回，批准后凭它成为负责人')
const EMAIL = '^[^\\p{C}\\s@<>,;:"()\\[\\]\\\\]{1,64}@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$'
const words = (title: string, minLength: number, maxLength: number) =>
  part.text(title, { minLength, maxLength, pattern: '^[^\\p{C}\\s][^\\p{C}]*$' })

/** What an organisation says of itself. */
export const newPartner = part.input(
  {
    name: words('单位名称', 2, 100),
    uscc: part.uscc(),
    domain: part.choice('服务领域', domains),
    introduction: part.text('要提供的服务', { minLength: 10, maxLength: 1000 }),
    contact: part.input(
      {
        name: words('联系人', 2, 40),
        phone: part.phone('联系手机'),
        email: part.text('联系邮箱；会收到验证码', { maxLength: 254, pattern: EMAIL }),
      },
      ['name', 'phone', 'email'],
    ),
  },
  ['name', 'uscc', 'domain', 'introduction', 'contact'],
)

const params = receiptParams
const one = { 200: answerOf(part.row(standing)), default: problemSchema }

/** `/v1/partner-applications`: an organisation applies to be a partner. Public: nobody of it is known yet (docs/partners.md). */
export default fp(
  async (app) => {
    const { applying } = app.partners

    typed(app).post(
      '/v1/partner-applications',
      {
        ...open(app, 'partner-applications.begin', '申请入驻', APPLYING),
        schema: {
          ...described('begin', '申请成为接入方', '不需要令牌。随即向联系邮箱发送验证码，确认之后才有人审核。'),
          body: newPartner,
          response: { 201: answerOf(part.row({ receipt, ...standing })), default: problemSchema },
        },
      },
      async (request, reply) => {
        const { receipt, code } = await applying.begin(request.body)
        await app.messages.mail(
          request.body.contact.email,
          '能力开放平台：邮箱验证码',
          `验证码：${code}，30 分钟内有效。不是您本人操作的，请不必理会。`,
        )
        reply.code(201)
        return answer(request, { receipt, ...(await present(app, receipt, await applying.read(receipt))) })
      },
    )

    typed(app).get(
      '/v1/partner-applications/:receipt',
      {
        ...open(app, 'partner-applications.read', '查询入驻申请', LOOKING),
        schema: { ...described('read', '凭回执查询入驻申请'), params, response: one },
      },
      async (request) => {
        const { receipt } = request.params
        return answer(request, await present(app, receipt, await applying.read(receipt)))
      },
    )

    const body = part.input({ code: part.text('验证码', { pattern: '^\\d{6}$' }) }, ['code'])
    typed(app).post(
      '/v1/partner-applications/:receipt/confirmation',
      {
        ...open(app, 'partner-applications.confirm', '确认联系邮箱', LOOKING),
        schema: { ...described('confirm', '以验证码确认联系邮箱，随即自动检查'), params, body, response: one },
      },
      async (request) => {
        const { receipt } = request.params
        return answer(request, await present(app, receipt, await applying.confirm(receipt, request.body.code)))
      },
    )

    typed(app).post(
      '/v1/partner-applications/:receipt/withdrawal',
      {
        ...open(app, 'partner-applications.withdraw', '撤回入驻申请', LOOKING),
        schema: { ...described('withdraw', '撤回入驻申请'), params, response: one },
      },
      async (request) => {
        const { receipt } = request.params
        return answer(request, await present(app, receipt, await applying.withdraw(receipt)))
      },
    )

    await paperRoutes(app)
  },
  { name: 'partner-applications', dependencies: ['partners', 'messages', 'audit', 'rate-limit', 'openapi', 'problems', 'validation'] },
)

async function present(app: FastifyInstance, receipt: string, { createdAt, ...rest }: Standing) {
  const { papers, lacking } = await app.partners.papers.sent(receipt)
  return {
    ...{ ...rest, stateName: states.review[rest.state], createdAt: beijing(createdAt) },
    ...{ papers: papers.map((paper) => presentPaper(app, paper)), lacking: lacking.map((kind) => ({ kind, kindName: paperKinds[kind] })) },
  }
}
