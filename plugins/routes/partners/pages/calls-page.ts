import type { FastifyReply } from 'fastify'
import { typedIn } from '../../../route-kit/typed-in.ts'
import { escapeHtml } from '../../../web/page.ts'
import { readable } from '../../../web/parts.ts'
import { table, textField } from './parts.ts'
import type { Seat } from './seat.ts'

interface Call {
  at: string
  ip: string | null
  service: string
  serviceName: string
  user: string | null
  fields: readonly string[]
  outcome: string
  status: number
  durationMs: number
  traceId: string
}

const COLUMNS = ['时间', '请求方 IP', '业务类型', '业务名称', '用户（化名）', '数据字段', '结果', 'HTTP 状态', '用时（毫秒）', '追踪号']
/** Of a file: fewer pages than the API answers in a minute. */
const FILE_PAGES = 20
const FILE_SIZE = 100

const cellsOf = ({ at, ip, service, serviceName, user, fields, outcome, status, durationMs, traceId }: Call) => [
  ...[readable(at), ip ?? '', service, serviceName, user ?? '', fields.join(' '), outcome, status, Math.round(durationMs), traceId],
]

/** `…/calls`: each call of an application, filtered, page by page, or as CSV. */
export async function showCallsPage(seat: Seat, api: string): Promise<FastifyReply> {
  const typed = typedIn(seat.request.query)
  const given = (name: string) => typed[name]?.[0]?.trim() ?? ''
  const [from, to, service, outcome] = ['from', 'to', 'service', 'outcome'].map(given)
  const filter = Object.entries({ from, to, service, outcome }).flatMap(([name, value = '']): [string, string][] =>
    value === '' ? [] : [[name, value]],
  )
  const asked = new URLSearchParams(filter)
  if (from) asked.set('from', `${from}T00:00:00+08:00`)
  if (to) asked.set('to', `${to}T23:59:59.999+08:00`)
  if (given('format') === 'csv') return sendCsv(seat, api, asked)

  const after = given('after')
  if (after !== '') asked.set('after', after)
  const found = await seat.read<Call[]>(`${api}/calls?${asked}`)
  const here = (more: Record<string, string>) => escapeHtml(`${seat.path}?${new URLSearchParams([...filter, ...Object.entries(more)])}`)
  const form = `<form method="get" action="${escapeHtml(seat.path)}">${[
    textField('from', '从', 'type="date"', from),
    textField('to', '到', 'type="date"', to),
    textField('service', '服务（系统.服务）', 'maxlength="130" autocomplete="off"', service),
    textField('outcome', '结果（ok 或错误代码）', 'maxlength="64" autocomplete="off"', outcome),
  ].join('')}<button>查看</button></form>`
  const list = found.data.length === 0 ? '<p class="note">没有调用。</p>' : table('调用记录', COLUMNS, found.data.map(cellsOf))
  const next = found.meta['next']
  const ways = `<p class="ways">${typeof next === 'string' ? `<a href="${here({ after: next })}">下一页</a>` : ''}<a href="${here({ format: 'csv' })}">导出 CSV（最多 ${FILE_PAGES * FILE_SIZE} 条）</a><a href="${escapeHtml(seat.path.replace(/\/calls$/, ''))}">回到应用</a></p>`
  return seat.send('调用记录', `<details><summary>筛选（缺省：最近一天）</summary>${form}</details>${list}${ways}`)
}

async function sendCsv({ read, reply }: Seat, api: string, asked: URLSearchParams): Promise<FastifyReply> {
  const rows: Call[] = []
  let after: unknown = ''
  for (let page = 0; page < FILE_PAGES && typeof after === 'string'; page++) {
    asked.set('pageSize', String(FILE_SIZE))
    if (after !== '') asked.set('after', after)
    const found = await read<Call[]>(`${api}/calls?${asked}`)
    rows.push(...found.data)
    after = found.meta['next']
  }
  // Whoever reckons with the file must see that it is not the whole.
  const rest = typeof after === 'string' ? [[`以上不是全部：其后还有调用，请从 ${readable(rows.at(-1)?.at ?? '')} 起再次导出。`]] : []
  const { csvLines } = await import('../../../workshop/tabular.ts')
  reply.header('content-disposition', 'attachment; filename="calls.csv"').type('text/csv; charset=utf-8')
  return reply.send(`\uFEFF${csvLines([COLUMNS, ...rows.map(cellsOf), ...rest])}`)
}
