import type { FastifyInstance, FastifyRequest } from 'fastify'
import { beijing } from '../../../core/base/time.ts'
import { domains, memberRoles, openContact, partnerOf, reviewKinds, reviewOf } from '../../partners/rows.ts'
import { answer, answerOf, callerOf, purposeOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { ids } from '../partners/membership.ts'
import { paperItem, presentPaper } from '../partners/papers.ts'
import { partnerItem, presentPartner, presentReview, reviewItem, states } from '../partners/shown.ts'
import { adminRoute } from './route.ts'

const params = part.input({ id: ids.id }, ['id'])
const contact = part.row({ name: part.text('联系人'), phone: part.text('联系手机'), email: part.text('联系邮箱') })
const member = part.row({ userId: part.text('用户编号'), role: part.choice('角色', memberRoles), addedAt: part.moment('加入时间') })
const partner = { ...partnerItem, contact, members: part.list('成员', member) }
const acts = { reviewedBy: part.maybe('业务审核人'), decidedBy: part.maybe('批准或退回的人') }
const review = { ...reviewItem, ...acts, partnerName: part.text('所属单位') }
const paper = part.row({ ...paperItem, href: part.text('读取的地址') })
const reviewed = { ...review, papers: part.list('入驻申请的材料', paper) }

const decisionOf = (request: FastifyRequest) => ({ userId: callerOf(request).user.id, reason: purposeOf(request) ?? '' })

/** Partners and what is reviewed of them, in two steps by two people (docs/partners.md). */
export function partnerRoutes(app: FastifyInstance): void {
  const { deciding, listing } = app.partners

  const filter = {
    state: part.choice('状态', states.partner),
    domain: part.choice('服务领域', domains),
    text: part.text('名称（部分）或统一社会信用代码', { minLength: 1, maxLength: 100 }),
  }
  typed(app).get(
    '/admin/partners',
    adminRoute(app, {
      key: 'partners.list',
      summary: '接入方列表',
      permission: 'partners.read',
      schema: {
        querystring: part.input({ ...filter, ...paging }),
        response: { 200: answerOf(part.list('接入方', part.row(partnerItem))) },
      },
    }),
    async (request) => {
      const query = request.query
      const { rows, total } = await listing.partners(query)
      return answer(request, rows.map(presentPartner), { number: query.page, size: query.pageSize, total })
    },
  )

  typed(app).get(
    '/admin/partners/:id',
    adminRoute(app, {
      key: 'partners.read',
      summary: '接入方详情',
      permission: 'partners.read',
      schema: { params, response: { 200: answerOf(part.row(partner)) } },
    }),
    async (request) => {
      request.audit.target = request.params.id
      return answer(request, await present(request.params.id))
    },
  )

  async function present(id: string) {
    const row = await partnerOf(app.database, id)
    const members = (await app.partners.members.list(id)).map(({ addedAt, ...each }) => ({ ...each, addedAt: beijing(addedAt) }))
    return { ...presentPartner(row), contact: openContact(app.vault, row), members }
  }

  for (const [act, to, summary] of [
    ['suspend', 'suspended', '暂停接入方：它的应用随即全部停用'],
    ['resume', 'active', '恢复接入方；应用逐个恢复'],
  ] as const)
    typed(app).post(
      `/admin/partners/:id/${act}`,
      adminRoute(app, {
        key: `partners.${act}`,
        summary,
        permission: 'partners.change',
        schema: { params, body: part.input({ purpose }, ['purpose']), response: { 200: answerOf(part.row(partner)) } },
      }),
      async (request) => {
        request.audit.target = request.params.id
        await deciding.setPartner(request.params.id, to, decisionOf(request))
        return answer(request, await present(request.params.id))
      },
    )

  const event = part.row({
    event: part.text('事件'),
    applicationId: part.maybe('应用编号'),
    reviewId: part.maybe('审核编号'),
    from: part.maybe('原状态'),
    to: part.maybe('新状态'),
    by: part.maybe('操作人（空：系统或申请人）'),
    note: part.maybe('说明'),
    at: part.moment('时间'),
  })
  typed(app).get(
    '/admin/partners/:id/events',
    adminRoute(app, {
      key: 'partners.events',
      summary: '接入方的经过：审核、应用、密钥、成员',
      permission: 'partners.read',
      schema: { params, querystring: part.input(paging), response: { 200: answerOf(part.list('事件', event)) } },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      request.audit.target = request.params.id
      const { rows, total } = await listing.events(request.params.id, { page, pageSize })
      const list = rows.map(({ event, application_id, review_id, from_state, to_state, acted_by, note, at }) => ({
        ...{ event, applicationId: application_id, reviewId: review_id, from: from_state, to: to_state, by: acted_by, note },
        at: beijing(Number(at)),
      }))
      return answer(request, list, { number: page, size: pageSize, total })
    },
  )

  reviewRoutes(app)
}

function reviewRoutes(app: FastifyInstance): void {
  const { deciding, listing } = app.partners
  const one = { 200: answerOf(part.row(reviewed)) }

  typed(app).get(
    '/admin/partner-reviews',
    adminRoute(app, {
      key: 'partner-reviews.list',
      summary: '入驻、应用接入和变更的审核',
      permission: 'partners.read',
      schema: {
        querystring: part.input({
          state: part.choice('状态', states.review),
          kind: part.choice('种类', reviewKinds),
          partnerId: part.id('接入方编号'),
          ...paging,
        }),
        response: { 200: answerOf(part.list('审核', part.row(review))) },
      },
    }),
    async (request) => {
      const query = request.query
      const { rows, total } = await listing.reviews(query)
      const list = rows.map((row) => ({
        ...presentReview(row),
        partnerName: row.partner_name,
        reviewedBy: row.reviewed_by,
        decidedBy: row.decided_by,
      }))
      return answer(request, list, { number: query.page, size: query.pageSize, total })
    },
  )

  const path = part.input({ id: part.id('审核编号') }, ['id'])
  typed(app).get(
    '/admin/partner-reviews/:id',
    adminRoute(app, {
      key: 'partner-reviews.read',
      summary: '一项审核',
      permission: 'partners.read',
      schema: { params: path, response: one },
    }),
    async (request) => answer(request, await present(request.params.id)),
  )

  async function present(id: string) {
    const row = await reviewOf(app.database, id)
    const { name } = await partnerOf(app.database, row.partner_id)
    const papers = row.kind === 'partner' ? await app.partners.papers.list(row.partner_id) : []
    return {
      ...{ ...presentReview(row), partnerName: name, reviewedBy: row.reviewed_by, decidedBy: row.decided_by },
      papers: papers.map((each) => ({ ...presentPaper(app, each), href: `/admin/partner-applications/${id}/files/${each.file.id}` })),
    }
  }

  for (const [act, permission, summary] of [
    ['review', 'partners.review', '业务审核通过：再由另一位管理员批准'],
    ['approve', 'partners.approve', '批准：须由业务审核人以外的系统管理员'],
    ['refuse', 'partners.review', '退回，写明理由'],
  ] as const)
    typed(app).post(
      `/admin/partner-reviews/:id/${act}`,
      adminRoute(app, {
        key: `partner-reviews.${act}`,
        summary,
        permission,
        schema: { params: path, body: part.input({ purpose }, ['purpose']), response: one },
      }),
      async (request) => {
        const { id } = request.params
        request.audit.target = id
        await deciding[act](id, decisionOf(request))
        return answer(request, await present(id))
      },
    )
}
