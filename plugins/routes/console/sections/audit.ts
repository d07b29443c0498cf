import type { ConsolePage, Field } from '../../../console/blocks.ts'
import { momentOf, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Section, Visit } from '../../../console/section.ts'

interface AuditRow {
  time: string
  traceId: string
  app: string | null
  user: string | null
  connector: string | null
  service: string | null
  purpose: string | null
  outcome: string
  status: number
  durationMs: number
  clientIp: string | null
}

const PATH = '/console/audit'
const NAMES = ['app', 'user', 'connector', 'service', 'outcome', 'traceId', 'from', 'to'] as const
const PAGE_SIZE = 50

/** The audit log, the latest first, for auditors alone; and all that fits as a file. */
export const audit: Section = {
  path: PATH,
  title: '审计日志',
  permission: 'audit.read',
  routes(desk) {
    desk.page('/audit', show)
    desk.file('/audit/export', 'audit.read', (visit) => ({
      method: 'GET',
      path: withQuery('/admin/audit/export', { ...narrowed(visit), order: 'newest', purpose: visit.query('purpose') }),
    }))
  },
}

function narrowed({ given }: Visit): Record<string, string> {
  const typed = given(...NAMES)
  const times = (['from', 'to'] as const).flatMap((name) => (typed[name] === undefined ? [] : [[name, momentOf(typed[name])] as const]))
  return { ...typed, ...Object.fromEntries(times) }
}

async function show(visit: Visit): Promise<ConsolePage> {
  const { get, given, query } = visit
  const wanted = { ...narrowed(visit), order: 'newest', pageSize: PAGE_SIZE, ...given('after') }
  const { data, meta } = await get<AuditRow[]>(withQuery('/admin/audit', wanted))
  const fields = fieldsOf(query)
  const next = typeof meta['next'] === 'string' ? meta['next'] : null
  return {
    title: '审计日志',
    blocks: [
      { kind: 'filters', action: PATH, fields },
      {
        kind: 'table',
        caption: '最近的在前；没有选时间的，是最近一天的',
        columns: ['时间', '谁', '做什么', '事由', '结果', '追踪号'],
        rows: data.map(({ time, app, user, connector, service, purpose, outcome, status, durationMs, clientIp, traceId }) => [
          `${readable(time)}${time.slice(16, 19)}`,
          { text: app ?? '—', more: [user, clientIp].filter(Boolean).join(' ') },
          [connector, service].filter(Boolean).join('.'),
          purpose,
          { text: `${outcome} ${status}`, tone: status < 400 ? 'good' : status < 500 ? 'note' : 'bad', more: `${durationMs} 毫秒` },
          traceId,
        ]),
        empty: '没有记录。',
      },
      {
        kind: 'pager',
        words: next === null ? '已到最后' : `本页 ${data.length} 条`,
        links: next === null ? [] : [{ text: '更早的', href: withQuery(PATH, { ...given(...NAMES), after: next }) }],
      },
      { kind: 'heading', text: '导出' },
      {
        kind: 'filters',
        action: `${PATH}/export`,
        button: '导出 CSV',
        fields: [...fields.map((field) => ({ ...field, type: 'hidden' as const })), purposeField],
      },
    ],
  }
}

function fieldsOf(query: (name: string) => string): Field[] {
  const text = (name: string, label: string, maxLength = 64): Field => ({ name, label, type: 'text', value: query(name), maxLength })
  return [
    text('app', '应用'),
    text('user', '用户编号或代号'),
    text('connector', '系统'),
    text('service', '服务'),
    text('outcome', '结果'),
    text('traceId', '追踪号'),
    { name: 'from', label: '从', type: 'moment', value: query('from') },
    { name: 'to', label: '到', type: 'moment', value: query('to') },
  ]
}
