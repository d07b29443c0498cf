import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { ID_PATTERN } from '../../../core/base/ids.ts'
import { beijing } from '../../../core/base/time.ts'
import { AUDIT_PLACE, searchAudit } from '../../audit/search.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { counted, part } from '../../route-kit/part.ts'
import { pseudonymOf } from '../../users/users.ts'
import { adminRoute } from './route.ts'

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
  file: part.maybeRow('交付的文件', { sha256: part.text('SHA-256'), size: Type.Unsafe<number>({ type: 'integer', title: '字节数' }) }),
  chain: part.text('审计链'),
  seq: Type.Unsafe({ type: 'integer', title: '链上序号' }),
})

/** 操作留痕, for auditors alone. There is no way to change a row; `hub audit verify` proves that nobody did. */
export function auditRoutes(app: FastifyInstance): void {
  const word = (title: string) => part.text(title, { maxLength: 64 })
  const querystring = part.input({
    user: part.text('用户编号或代号', { pattern: `^[0-9a-f]{32}$|${ID_PATTERN}` }),
    connector: word('系统'),
    service: word('服务'),
    outcome: word('结果'),
    traceId: word('追踪号'),
    from: part.moment('从（缺省：结束时间前一天）'),
    to: part.moment('到（缺省：现在）'),
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
      const { user, from, to, pageSize, ...filter } = request.query
      const { rows, next } = await searchAudit(app.database, {
        ...filter,
        ...(user === undefined ? {} : { user: user.length === 32 ? user : pseudonymOf(app.vault, user) }),
        ...spanOf(from, to),
        limit: pageSize,
      })
      const data = rows.map((record) => ({ ...record, time: beijing(Number(record['at'])) }))
      return answer(request, data, undefined, { next })
    },
  )
}

function spanOf(from: string | undefined, to: string | undefined): { from: number; to: number } {
  const end = to === undefined ? Date.now() : Date.parse(to)
  const start = from === undefined ? end - DAY_MS : Date.parse(from)
  if (start > end || end - start > MAX_SPAN_MS)
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/query/from', detail: '起止时间最多相隔 92 天，且先起后止' }] })
  return { from: start, to: end }
}
