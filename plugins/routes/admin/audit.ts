import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { ID_PATTERN } from '../../../core/base/ids.ts'
import { beijing } from '../../../core/base/time.ts'
import { AUDIT_PLACE, type AuditFilter, searchAudit } from '../../audit/search.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { counted, part, purpose } from '../../route-kit/part.ts'
import { pseudonymOf } from '../../users/users.ts'
import { csvLines } from '../../workshop/tabular.ts'
import { adminRoute } from './route.ts'

const orders = { oldest: '最早的在前', newest: '最近的在前' } as const
const EXPORT_PAGE = 500
const EXPORTED = [
  ...['time', 'action', 'traceId', 'app', 'user', 'enterprise', 'connector', 'service', 'purpose', 'clientIp', 'method'],
  ...['outcome', 'status', 'durationMs', 'rows', 'fields', 'submission', 'target', 'chain', 'seq'],
] as const
const DAY_MS = 86_400_000
/** Searches name a span of time, for only that is indexed. */
const MAX_SPAN_MS = 92 * DAY_MS

const row = part.row({
  time: part.text('时间'),
  action: part.text('种类'),
  traceId: part.text('追踪号'),
  app: part.maybe('应用'),
  user: part.maybe('用户代号'),
  enterprise: part.maybe('单位编号'),
  connector: part.maybe('系统'),
  service: part.maybe('服务'),
  purpose: part.maybe('事由'),
  clientIp: part.maybe('来源地址'),
  method: part.maybe('方法'),
  outcome: part.text('结果'),
  status: Type.Unsafe({ type: 'integer', title: '状态码' }),
  durationMs: Type.Unsafe({ type: 'number', title: '用时（毫秒）' }),
  upstreamStatus: Type.Unsafe({ type: ['integer', 'null'], title: '对方状态码' }),
  upstreamMs: Type.Unsafe({ type: ['number', 'null'], title: '对方用时（毫秒）' }),
  fields: part.list('返回的字段', part.text('字段')),
  rows: Type.Unsafe({ type: ['integer', 'null'], title: '条数' }),
  revealed: part.list('应本人要求完整显示的字段', part.text('字段')),
  submission: part.maybe('申请编号'),
  target: part.maybe('操作对象'),
  role: part.maybe('管理人员的角色'),
  subjects: part.list('名单里的用户代号', part.text('用户代号')),
  file: part.maybeRow('交付的文件', { sha256: part.text('SHA-256'), size: Type.Unsafe<number>({ type: 'integer', title: '字节数' }) }),
  chain: part.text('审计链'),
  seq: Type.Unsafe({ type: 'integer', title: '链上序号' }),
})

/** 操作留痕, for auditors alone. There is no way to change a row; `hub audit verify` proves that nobody did. */
export function auditRoutes(app: FastifyInstance): void {
  const word = (title: string) => part.text(title, { maxLength: 64 })
  const filters = {
    app: part.text('应用', { pattern: '^[\\w.:-]{1,64}$' }),
    user: part.text('用户编号或代号', { pattern: `^[0-9a-f]{32}$|${ID_PATTERN}` }),
    connector: word('系统'),
    service: word('服务'),
    outcome: word('结果'),
    traceId: word('追踪号'),
    from: part.moment('从（缺省：结束时间前一天）'),
    to: part.moment('到（缺省：现在）'),
    order: part.choice('次序', orders),
  }
  const querystring = part.input({
    ...filters,
    after: part.text('接着上一页（meta.next）；一页可以不满，甚至没有记录，有 next 就还有', { pattern: AUDIT_PLACE }),
    pageSize: counted('每页条数', 500, 100),
  })
  typed(app).get(
    '/admin/audit',
    adminRoute(app, {
      key: 'audit.search',
      summary: '查询审计日志',
      permission: 'audit.read',
      schema: { querystring, response: { 200: answerOf(part.list('记录', row)) } },
    }),
    async (request) => {
      const { pageSize, after, ...filter } = request.query
      const { rows, next } = await searchAudit(app.database, {
        ...wantedOf(app, filter),
        ...(after === undefined ? {} : { after }),
        limit: pageSize,
      })
      const data = rows.map((record) => ({ ...record, time: beijing(Number(record['at'])) }))
      return answer(request, data, undefined, { next })
    },
  )

  typed(app).get(
    '/admin/audit/export',
    adminRoute(app, {
      key: 'audit.export',
      summary: '导出审计日志（CSV）：有多少条都逐页写出',
      permission: 'audit.read',
      rate: { max: 10, perSeconds: 60 },
      schema: { querystring: part.input({ ...filters, purpose }, ['purpose']), response: { 200: Type.String() } },
    }),
    async (request, reply) => {
      const { purpose: _purpose, ...filter } = request.query
      const wanted = wantedOf(app, filter)
      request.audit.fields = [...EXPORTED]
      reply.header('content-type', 'text/csv; charset=utf-8').header('cache-control', 'no-store')
      reply.header('content-disposition', 'attachment; filename="audit.csv"')
      return reply.send(Readable.from(linesOf(app, wanted)))
    },
  )
}

interface Filter extends Pick<AuditFilter, 'app' | 'user' | 'connector' | 'service' | 'outcome' | 'traceId'> {
  from?: string
  to?: string
  order?: keyof typeof orders
}

function wantedOf({ vault }: FastifyInstance, { user, from, to, order, ...filter }: Filter): Omit<AuditFilter, 'limit'> {
  const pseudonym = user === undefined ? {} : { user: user.length === 32 ? user : pseudonymOf(vault, user) }
  return { ...filter, ...pseudonym, ...spanOf(from, to), newest: order === 'newest' }
}

/** A page after the other, so that however many rows there are, few are in memory; whoever stops reading stops the search. */
async function* linesOf({ database }: FastifyInstance, wanted: Omit<AuditFilter, 'limit'>): AsyncGenerator<string> {
  yield `\uFEFF${csvLines([[...EXPORTED]])}`
  for (let after: string | null | undefined; after !== null; ) {
    const page = await searchAudit(database, { ...wanted, ...(after === undefined ? {} : { after }), limit: EXPORT_PAGE })
    const rows = page.rows.map((row) => EXPORTED.map((name) => cellOf(name === 'time' ? beijing(Number(row['at'])) : row[name])))
    if (rows.length > 0) yield csvLines(rows)
    after = page.next
  }
}

function cellOf(value: unknown): string | number | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)
}

function spanOf(from: string | undefined, to: string | undefined): { from: number; to: number } {
  const end = to === undefined ? Date.now() : Date.parse(to)
  const start = from === undefined ? end - DAY_MS : Date.parse(from)
  if (start > end || end - start > MAX_SPAN_MS)
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/query/from', detail: '起止时间最多相隔 92 天，且先起后止' }] })
  return { from: start, to: end }
}
