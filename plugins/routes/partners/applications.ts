import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { applicationOf } from '../../partners/rows.ts'
import { answer, answerOf, callerOf, hubRoute, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { ids, membershipOf, TAG_PARTNERS } from './membership.ts'
import { applicationItem, presentApplication, presentReview, presentUsage, reviewItem, states, usageItem } from './shown.ts'

// Only types and lengths are checked here: what the automatic checks find is kept with the application, and shown.
const right = part.input(
  {
    scope: part.text('服务（<系统>.<服务>）或用户资料的授权项', { maxLength: 130 }),
    why: part.text('为什么需要', { minLength: 4, maxLength: 300 }),
  },
  ['scope', 'why'],
)
const draft = part.input(
  {
    name: part.text('应用名称（2 至 40 个字），市民在授权页上看到', { minLength: 1, maxLength: 100 }),
    home: part.text('主页（https）', { maxLength: 500 }),
    purpose: part.text('用途（4 至 100 个字），市民在授权页上看到', { minLength: 1, maxLength: 200 }),
    safety: part.text('数据安全方案：存放、访问、留存、删除', { minLength: 20, maxLength: 5000 }),
    redirectUris: part.list('回调地址（https）', part.text('回调地址', { maxLength: 500 }), { minItems: 1, maxItems: 20 }),
    rights: part.list('申请的权限', right, { maxItems: 100 }),
  },
  ['name', 'home', 'purpose', 'safety', 'redirectUris', 'rights'],
)
/** What makes a client, but its secret. */
const sandboxItem = {
  id: part.text('客户端编号'),
  name: part.text('应用名称'),
  purpose: part.text('用途'),
  redirectUris: part.list('回调地址', part.text('回调地址')),
  scopes: part.list('权限', part.text('权限')),
  grantTypes: part.list('授权方式', part.text('授权方式')),
  sector: part.text('专属编号的范围'),
  idTokenAlg: part.text('ID 令牌的签名算法'),
}
const params = part.input({ id: ids.id }, ['id'])
const place = part.input({ id: ids.id, applicationId: ids.applicationId }, ['id', 'applicationId'])
const review = { 201: answerOf(part.row(reviewItem)) }

export function applicationRoutes(app: FastifyInstance): void {
  const { applications, listing } = app.partners
  const tag = TAG_PARTNERS

  typed(app).get(
    '/v1/partners/:id/applications',
    hubRoute(app, {
      key: 'partners.applications',
      summary: '接入方的应用',
      tag,
      schema: {
        params,
        querystring: part.input({ state: part.choice('状态', states.application), ...paging }),
        response: { 200: answerOf(part.list('应用', part.row(applicationItem))) },
      },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      const query = request.query
      const { rows, total } = await listing.applications({ ...query, partnerId: partner.id })
      return answer(request, rows.map(presentApplication), { number: query.page, size: query.pageSize, total })
    },
  )

  typed(app).post(
    '/v1/partners/:id/applications',
    hubRoute(app, {
      key: 'partners.applications.apply',
      summary: '申请接入一个应用：随即自动检查，再由两位管理员审核',
      tag,
      rate: { max: 20, perSeconds: 3600 },
      schema: { params, body: draft, response: review },
    }),
    async (request, reply) => {
      const { partner } = await membershipOf(app, request, { active: true })
      const made = await applications.apply(partner.id, request.body, callerOf(request).user.id)
      reply.code(201)
      return answer(request, presentReview(made))
    },
  )

  const detail = part.row({
    ...applicationItem,
    purpose: part.maybe('用途'),
    redirectUris: part.list('回调地址', part.text('回调地址')),
    rights: part.list('已有的权限', part.text('权限')),
    ...usageItem,
  })
  typed(app).get(
    '/v1/partners/:id/applications/:applicationId',
    hubRoute(app, {
      key: 'partners.applications.read',
      summary: '一个应用：权限、限额和用量',
      tag,
      schema: { params: place, response: { 200: answerOf(detail) } },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      const row = await applicationOf(app.database, request.params.applicationId, partner.id)
      return answer(request, {
        ...presentApplication({ ...row, partner_name: partner.name, domain: partner.domain }),
        ...(await registered(row.client_id)),
      })
    },
  )

  typed(app).get(
    '/v1/partners/:id/applications/:applicationId/sandbox',
    hubRoute(app, {
      key: 'partners.applications.sandbox',
      summary: '一个应用的登记，不含密钥：供接入方在自己的沙箱里登记（hub clients import）',
      tag,
      schema: { params: place, response: { 200: answerOf(part.row(sandboxItem)) } },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      const { client_id: clientId } = await applicationOf(app.database, request.params.applicationId, partner.id)
      if (clientId === null) throw new HubError('HUB_REQUEST_STATE', { detail: '应用批准之后才有登记。' })
      const { id, name, purpose, redirectUris, scopes, grantTypes, sector, idTokenAlg } =
        await app.authorizationStore.registry.get(clientId)
      return answer(request, { id, name, purpose, redirectUris, scopes, grantTypes, sector, idTokenAlg })
    },
  )

  async function registered(clientId: string | null) {
    if (clientId === null) return { purpose: null, redirectUris: [], rights: [], limits: [], used: [] }
    const { purpose, redirectUris, scopes } = await app.authorizationStore.registry.get(clientId)
    const usage = presentUsage(await app.partners.limits.read(clientId), await app.partners.quota.used(clientId))
    return { purpose, redirectUris, rights: scopes, ...usage }
  }

  typed(app).post(
    '/v1/partners/:id/applications/:applicationId/changes',
    hubRoute(app, {
      key: 'partners.applications.change',
      summary: '申请变更一个应用，权限也在其中：批准之前一切照旧',
      tag,
      rate: { max: 20, perSeconds: 3600 },
      schema: { params: place, body: draft, response: review },
    }),
    async (request, reply) => {
      const { partner } = await membershipOf(app, request, { active: true })
      const made = await applications.change(partner.id, request.params.applicationId, request.body, callerOf(request).user.id)
      reply.code(201)
      return answer(request, presentReview(made))
    },
  )

  typed(app).get(
    '/v1/partners/:id/reviews',
    hubRoute(app, {
      key: 'partners.reviews',
      summary: '接入方的审核：自动检查的结果、两步审核的意见',
      tag,
      schema: {
        params,
        querystring: part.input({ state: part.choice('状态', states.review), ...paging }),
        response: { 200: answerOf(part.list('审核', part.row(reviewItem))) },
      },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      const query = request.query
      const { rows, total } = await listing.reviews({ ...query, partnerId: partner.id })
      return answer(request, rows.map(presentReview), { number: query.page, size: query.pageSize, total })
    },
  )

  typed(app).post(
    '/v1/partners/:id/reviews/:reviewId/withdrawal',
    hubRoute(app, {
      key: 'partners.reviews.withdraw',
      summary: '撤回一项没有审完的申请',
      tag,
      schema: {
        params: part.input({ id: ids.id, reviewId: ids.reviewId }, ['id', 'reviewId']),
        response: { 200: answerOf(part.row(reviewItem)) },
      },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      return answer(request, presentReview(await applications.withdraw(partner.id, request.params.reviewId, callerOf(request).user.id)))
    },
  )
}
