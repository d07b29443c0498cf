import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { AUDIT_PLACE, searchAudit } from '../../audit/search.ts'
import type { ApplicationRow } from '../../partners/rows.ts'
import { applicationOf } from '../../partners/rows.ts'
import { answer, answerOf, hubRoute, typed } from '../../route-kit/kit.ts'
import { counted, part } from '../../route-kit/part.ts'
import { ids, membershipOf, TAG_PARTNERS } from './membership.ts'

const DAY_MS = 86_400_000
const MOST_DAYS = 92
const whole = (title: string) => Type.Unsafe<number>({ type: 'integer', title })
const maybeWhole = (title: string) => Type.Unsafe<number | null>({ type: ['integer', 'null'], title })

const call = part.row({
  at: part.moment('时间'),
  ip: part.maybe('请求方 IP'),
  service: part.text('业务类型：<系统>.<服务>'),
  serviceName: part.text('业务名称'),
  user: part.maybe('用户（只属于这个应用的化名）'),
  fields: part.list('答复的数据字段', part.text('字段')),
  rows: maybeWhole('答复的条数'),
  outcome: part.text('结果：ok 或错误代码'),
  status: whole('HTTP 状态'),
  durationMs: Type.Unsafe<number>({ type: 'number', title: '用时（毫秒）' }),
  traceId: part.text('追踪号'),
})
export const callFilter = {
  from: part.moment('时间从（缺省：一天前）'),
  to: part.moment('时间到（缺省：现在）'),
  service: part.text('服务：<系统>.<服务>', { maxLength: 130, pattern: '^[a-z0-9-]+\\.[a-z0-9.-]+$' }),
  outcome: part.text('结果', { maxLength: 64 }),
  after: part.text('接着上一页的 meta.next', { pattern: AUDIT_PLACE, maxLength: 80 }),
  pageSize: counted('每页条数', 100, 20),
}
export const callsAnswer = answerOf(part.list('调用', call))

interface CallQuery {
  from?: string
  to?: string
  service?: string
  outcome?: string
  after?: string
  pageSize: number
}

/** What an application called, from the evidence, in the order of time; of its users no more than a name that only it has for them. */
export async function showCalls(app: FastifyInstance, request: FastifyRequest, { client_id: id }: ApplicationRow, query: CallQuery) {
  if (id === null) return answer(request, [], undefined)
  const { service, outcome, after, pageSize } = query
  const to = query.to === undefined ? Date.now() : Date.parse(query.to)
  const from = query.from === undefined ? to - DAY_MS : Date.parse(query.from)
  const [connector, ...rest] = service?.split('.') ?? []
  const { rows, next } = await searchAudit(app.database, {
    ...{ app: id, from, to, limit: pageSize },
    ...(connector === undefined ? {} : { connector, service: rest.join('.') }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(after === undefined ? {} : { after }),
  })
  const told = answer(
    request,
    // The search is by text: what is another's is left out here.
    rows.filter((row) => row['app'] === id).map((row) => present(app, id, row)),
  )
  return { ...told, meta: { ...told.meta, next } }
}

function present({ vault, services }: FastifyInstance, client: string, row: Readonly<Record<string, unknown>>) {
  const service = `${row['connector']}.${row['service']}`
  const user = row['user'] === null ? null : vault.fingerprint(`${client}\0${row['user']}`, 'partners.calls').slice(0, 32)
  return {
    ...{ at: beijing(Number(row['at'])), ip: row['clientIp'], service, serviceName: services.get(service)?.contract.name ?? service, user },
    ...{ fields: row['fields'], rows: row['rows'], outcome: row['outcome'], status: row['status'], durationMs: row['durationMs'] },
    traceId: row['traceId'],
  }
}

const point = part.row({
  key: part.text('日期、小时或服务'),
  calls: whole('调用次数'),
  failed: whole('其中没有成功的'),
  meanMs: whole('平均用时（毫秒）'),
})
export const trendFilter = {
  by: part.choice('按什么（缺省：日期）', { day: '日期', hour: '小时', service: '服务' }),
  from: part.text('从哪一天（缺省：六天前）', { format: 'date' }),
  to: part.text('到哪一天（缺省：今天）；进行中的一小时还没有汇总', { format: 'date' }),
}
export const trendAnswer = answerOf(part.list('趋势', point))

/** How much an application called, added up by the hour. Throws HUB_VALIDATION for more than 92 days. */
export async function showTrend(
  app: FastifyInstance,
  request: FastifyRequest,
  { client_id: id }: ApplicationRow,
  { by = 'day', from, to }: { by?: 'day' | 'hour' | 'service'; from?: string; to?: string },
) {
  const last = to ?? beijing(Date.now()).slice(0, 10)
  const first = from ?? new Date(Date.parse(last) - 6 * DAY_MS).toISOString().slice(0, 10)
  const days = (Date.parse(last) - Date.parse(first)) / DAY_MS + 1
  if (days < 1 || days > MOST_DAYS)
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/query/from', detail: `起止日期最多 ${MOST_DAYS} 天，且先起后止` }] })
  return answer(request, id === null ? [] : await app.statistics.ask({ by, from: first, to: last, app: id }))
}

/** For the partner's own people. */
export function callRoutes(app: FastifyInstance): void {
  const params = part.input({ id: ids.id, applicationId: ids.applicationId }, ['id', 'applicationId'])
  const path = '/v1/partners/:id/applications/:applicationId'
  const tag = TAG_PARTNERS

  typed(app).get(
    `${path}/calls`,
    hubRoute(app, {
      key: 'partners.calls',
      summary: '应用的调用记录',
      tag,
      rate: { max: 30, perSeconds: 60 },
      schema: { params, querystring: part.input(callFilter), response: { 200: callsAnswer } },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      return showCalls(app, request, await applicationOf(app.database, request.params.applicationId, partner.id), request.query)
    },
  )

  typed(app).get(
    `${path}/trend`,
    hubRoute(app, {
      key: 'partners.trend',
      summary: '应用的调用趋势',
      tag,
      rate: { max: 30, perSeconds: 60 },
      schema: { params, querystring: part.input(trendFilter), response: { 200: trendAnswer } },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      return showTrend(app, request, await applicationOf(app.database, request.params.applicationId, partner.id), request.query)
    },
  )
}
