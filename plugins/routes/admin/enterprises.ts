import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { enterpriseStatuses } from '../../mandates/enterprise-states.ts'
import { assertNoStake } from '../../mandates/stake.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { mandateSchema } from '../me.ts'
import { actorOf, adminRoute } from './route.ts'

export const enterpriseParams = part.input({ id: part.id('单位编号') }, ['id'])
const params = enterpriseParams

const enterprise = {
  id: part.text('单位编号'),
  version: part.text('资料的版本'),
  name: part.text('企业名称'),
  uscc: part.text('统一社会信用代码'),
  status: part.choice('状态', enterpriseStatuses),
  registeredState: part.maybe('登记状态'),
  establishedOn: part.maybe('成立日期'),
  checkedAt: part.maybe('核对时间'),
}

const filing = part.row({
  id: part.text('申请编号'),
  connector: part.text('系统'),
  service: part.text('服务'),
  state: part.text('状态'),
  filedAt: part.text('申请时间'),
})

export const eventSchema = part.row({
  at: part.text('时间'),
  mandateId: part.maybe('授权编号'),
  action: part.text('动作'),
  actor: part.maybe('操作者'),
  actorRole: part.text('操作者身份'),
  purpose: part.maybe('事由'),
  traceId: part.maybe('追踪号'),
  detail: Type.Unsafe({ type: 'object', title: '之后的内容', additionalProperties: true }),
})

export const enterpriseFilter = {
  name: part.text('企业名称（部分）', { minLength: 1, maxLength: 100 }),
  uscc: part.uscc(),
  status: part.choice('状态（不选：未删除的）', enterpriseStatuses),
}

/** 法人管理 (contract 1.2.1.2.3). */
export function enterpriseRoutes(app: FastifyInstance): void {
  const filter = part.input({ ...enterpriseFilter, ...paging })
  typed(app).get(
    '/admin/enterprises',
    adminRoute(app, {
      key: 'enterprises.list',
      summary: '企业列表',
      permission: 'enterprises.read',
      schema: { querystring: filter, response: { 200: answerOf(part.list('企业', part.row(enterprise))) } },
    }),
    async (request) => {
      const query = request.query
      const { rows, total } = await app.enterprises.find(query)
      return answer(request, rows, { number: query.page, size: query.pageSize, total })
    },
  )

  const detail = part.row({
    ...enterprise,
    legalRepresentatives: part.list('法定代表人', mandateSchema),
    agents: part.list('经办人', mandateSchema),
    filings: part.list('办件记录', filing),
  })
  typed(app).get(
    '/admin/enterprises/:id',
    adminRoute(app, {
      key: 'enterprises.read',
      summary: '企业详情',
      permission: 'enterprises.read',
      schema: { params, response: { 200: answerOf(detail) } },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.enterprise = id
      const found = await app.enterprises.read(id)
      if (!found) throw noEnterprise()
      return answer(request, found)
    },
  )

  typed(app).get(
    '/admin/enterprises/:id/events',
    adminRoute(app, {
      key: 'enterprises.events',
      summary: '企业授权操作记录',
      permission: 'enterprises.read',
      schema: { params, querystring: part.input(paging), response: { 200: answerOf(part.list('记录', eventSchema)) } },
    }),
    async (request) => {
      const { id } = request.params
      const query = request.query
      request.audit.enterprise = id
      const { rows, total } = await app.agents.events(id, undefined, query)
      return answer(request, rows, { number: query.page, size: query.pageSize, total })
    },
  )

  for (const frozen of [true, false]) {
    const act = frozen ? 'freeze' : 'unfreeze'
    typed(app).post(
      `/admin/enterprises/:id/${act}`,
      adminRoute(app, {
        key: `enterprises.${act}`,
        summary: frozen ? '冻结企业' : '解冻企业',
        permission: 'enterprises.freeze',
        schema: { params, body: part.input({ purpose }, ['purpose']), response: { 200: answerOf(detail) } },
      }),
      async (request) => {
        const { id } = request.params
        request.audit.enterprise = id
        await assertNoStake(app.database, callerOf(request).user.id, { enterpriseId: id })
        if (!(await app.enterprises.freeze(id, frozen, actorOf(request)))) throw noEnterprise()
        return answer(request, await app.enterprises.read(id))
      },
    )
  }
}

export function noEnterprise(): HubError {
  return new HubError('HUB_NO_RECORD', { detail: '没有这家企业。' })
}
