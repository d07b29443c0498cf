import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { ALL } from '../../partners/limits.ts'
import { type ApplicationRow, applicationOf, assertStranger, domains, partnerOf } from '../../partners/rows.ts'
import { answer, answerOf, callerOf, purposeOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { callFilter, callsAnswer, showCalls, showTrend, trendAnswer, trendFilter } from '../partners/calls.ts'
import { ids } from '../partners/membership.ts'
import { applicationItem, keyItem, limitItem, presentApplication, presentKey, presentUsage, states, usageItem } from '../partners/shown.ts'
import { adminRoute } from './route.ts'

const detail = part.row({
  ...applicationItem,
  rights: part.list('权限', part.text('权限')),
  keys: part.list('密钥', part.row(keyItem)),
  ...usageItem,
})
const one = { 200: answerOf(detail) }
const params = part.input({ id: ids.applicationId }, ['id'])

/** Applications of partners: how they stand, how much they may ask, and their keys, never a secret. */
export function partnerApplicationRoutes(app: FastifyInstance): void {
  const { applications, listing, limits, quota } = app.partners

  typed(app).get(
    '/admin/partner-applications',
    adminRoute(app, {
      key: 'partner-applications.list',
      summary: '接入的应用',
      permission: 'partners.read',
      schema: {
        querystring: part.input({
          state: part.choice('状态', states.application),
          domain: part.choice('服务领域', domains),
          partnerId: part.id('接入方编号'),
          from: part.moment('申请时间从'),
          to: part.moment('申请时间到'),
          ...paging,
        }),
        response: { 200: answerOf(part.list('应用', part.row(applicationItem))) },
      },
    }),
    async (request) => {
      const { from, to, ...query } = request.query
      const span = { ...(from === undefined ? {} : { from: Date.parse(from) }), ...(to === undefined ? {} : { to: Date.parse(to) }) }
      const { rows, total } = await listing.applications({ ...query, ...span })
      return answer(request, rows.map(presentApplication), { number: query.page, size: query.pageSize, total })
    },
  )

  async function present(row: ApplicationRow) {
    const { name, domain } = await partnerOf(app.database, row.partner_id)
    const { client_id: clientId } = row
    const client = clientId === null ? null : await app.authorizationStore.registry.get(clientId)
    const usage = clientId === null ? { limits: [], used: [] } : presentUsage(await limits.read(clientId), await quota.used(clientId))
    const keys = clientId === null ? [] : await app.authorizationStore.clientKeys.list(clientId)
    return {
      ...presentApplication({ ...row, partner_name: name, domain }),
      rights: client?.scopes ?? [],
      keys: keys.map(presentKey),
      ...usage,
    }
  }

  typed(app).get(
    '/admin/partner-applications/:id',
    adminRoute(app, {
      key: 'partner-applications.read',
      summary: '应用详情：权限、密钥、限额和用量',
      permission: 'partners.read',
      schema: { params, response: one },
    }),
    async (request) => {
      request.audit.target = request.params.id
      return answer(request, await present(await applicationOf(app.database, request.params.id)))
    },
  )

  typed(app).get(
    '/admin/partner-applications/:id/calls',
    adminRoute(app, {
      key: 'partner-applications.calls',
      summary: '应用的调用记录',
      permission: 'partners.read',
      rate: { max: 30, perSeconds: 60 },
      schema: { params, querystring: part.input(callFilter), response: { 200: callsAnswer } },
    }),
    async (request) => {
      request.audit.target = request.params.id
      return showCalls(app, request, await applicationOf(app.database, request.params.id), request.query)
    },
  )

  typed(app).get(
    '/admin/partner-applications/:id/trend',
    adminRoute(app, {
      key: 'partner-applications.trend',
      summary: '应用的调用趋势',
      permission: 'partners.read',
      rate: { max: 30, perSeconds: 60 },
      schema: { params, querystring: part.input(trendFilter), response: { 200: trendAnswer } },
    }),
    async (request) => {
      request.audit.target = request.params.id
      return showTrend(app, request, await applicationOf(app.database, request.params.id), request.query)
    },
  )

  const acts = { running: '上线运行', suspended: '暂停', resumed: '恢复为暂停前的状态', offline: '下线，不能再恢复' }
  typed(app).post(
    '/admin/partner-applications/:id/state',
    adminRoute(app, {
      key: 'partner-applications.state',
      summary: '上线、暂停、恢复或下线一个应用：下一次请求起生效',
      permission: 'partners.change',
      schema: { params, body: part.input({ state: part.choice('怎样', acts), purpose }, ['state', 'purpose']), response: one },
    }),
    async (request) => {
      const { id } = request.params
      const { state } = request.body
      request.audit.target = id
      const step = { by: callerOf(request).user.id, note: purposeOf(request) ?? '' }
      return answer(request, await present(await applications.setState(id, state === 'resumed' ? null : state, step)))
    },
  )

  const wanted = part.list('限额，替换原来的', part.input(limitItem, ['service', 'perMinute', 'perDay', 'perMonth']), { maxItems: 100 })
  typed(app).put(
    '/admin/partner-applications/:id/limits',
    adminRoute(app, {
      key: 'partner-applications.limits',
      summary: '设定一个应用的频率和用量限额：几秒钟内生效',
      permission: 'partners.change',
      schema: { params, body: part.input({ limits: wanted, purpose }, ['limits', 'purpose']), response: one },
    }),
    async (request) => {
      const row = await applicationOf(app.database, request.params.id)
      request.audit.target = row.id
      await assertStranger(app.database, row.partner_id, callerOf(request).user.id)
      if (row.client_id === null) throw new HubError('HUB_REQUEST_STATE')
      const { limits: given } = request.body
      const errors = given.flatMap(({ service }, at) => {
        const detail =
          given.findIndex((each) => each.service === service) < at
            ? '重复'
            : service === ALL || app.services.has(service)
              ? null
              : '没有这项服务'
        return detail === null ? [] : [{ pointer: `/body/limits/${at}/service`, detail }]
      })
      if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
      await limits.set(row.client_id, Object.fromEntries(given.map(({ service, ...limit }) => [service, limit])))
      return answer(request, await present(row))
    },
  )

  typed(app).post(
    '/admin/partner-applications/:id/keys/:keyId/revoke',
    adminRoute(app, {
      key: 'partner-applications.keys.revoke',
      summary: '撤销应用的一个密钥：下一次请求起失效',
      permission: 'partners.change',
      schema: {
        params: part.input({ id: ids.applicationId, keyId: ids.keyId }, ['id', 'keyId']),
        body: part.input({ purpose }, ['purpose']),
        response: one,
      },
    }),
    async (request) => {
      const row = await applicationOf(app.database, request.params.id)
      request.audit.target = row.id
      await applications.revokeKey(row.partner_id, row.id, request.params.keyId, callerOf(request).user.id)
      return answer(request, await present(row))
    },
  )
}
