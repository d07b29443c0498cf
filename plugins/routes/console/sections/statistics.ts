import type { Block, Cell, ConsolePage, Field, Figures, Table } from '../../../console/blocks.ts'
import { percent, withQuery } from '../../../console/parts.ts'
import type { Section, Visit } from '../../../console/section.ts'
import { type Grouping, groupings } from '../../../operations/statistics/ask.ts'
import { chartOf, type Measure } from '../../../operations/statistics/chart.ts'
import { boardPage } from './board.ts'
import { type Counted, countedBy, lastDays, numberOf, usersOf } from './counted.ts'
import { switchesOf } from './switch.ts'

const PATH = '/console/statistics'
const FILE = `${PATH}/file`
/** What the pages narrow by; `format` and `by` come with the links to files. */
const NARROWED = ['from', 'to', 'connector', 'service', 'app'] as const
const SPANS = { 今天: 1, '7 天': 7, '30 天': 30, '92 天': 92 } as const
/** A longer table is opened by a click. */
const SHORT = 7

/** What is drawn of calls, each with its table beneath. */
const DRAWN: readonly { title: string; by: Grouping; measures: readonly Measure[] }[] = [
  { title: '每天', by: 'day', measures: ['calls', 'users', 'time'] },
  { title: '忙时', by: 'weekday', measures: ['calls'] },
  { title: '一天中的钟点', by: 'clock', measures: ['calls', 'time'] },
  { title: '服务的排名', by: 'service', measures: ['calls', 'time'] },
  { title: '单位', by: 'agency', measures: ['calls', 'users'] },
  { title: '系统', by: 'connector', measures: ['calls'] },
  { title: '应用', by: 'app', measures: ['calls'] },
]

/** 统计: calls, users, busy hours, rankings and duration of a span, as charts and tables, as files, and on a screen of its own. */
export const statistics: Section = {
  path: PATH,
  title: '统计',
  permission: 'statistics.read',
  routes(desk) {
    desk.page('/statistics', show)
    desk.file('/statistics/file', 'statistics.read', ({ given }) => ({
      method: 'GET',
      path: withQuery('/admin/statistics', given(...NARROWED, 'by', 'format')),
    }))
    boardPage(desk)
  },
}

async function show(visit: Visit): Promise<ConsolePage> {
  const narrowed = { ...lastDays(7), ...visit.given(...NARROWED) }
  const asked = (by: Grouping) => countedBy(visit, by, narrowed)
  const [all, ...found] = await Promise.all([asked('all'), ...DRAWN.map(({ by }) => asked(by))])
  const charts = DRAWN.flatMap(({ by, measures }, index) =>
    measures.map((measure) => chartOf({ by, measure, ...narrowed, now: Date.now() }, found[index] ?? [])),
  )
  const drawn = await visit.charts(charts)
  // One note stands for all where they cannot be drawn.
  const [ofEach, instead] = drawn.length === charts.length ? [[...drawn], []] : [[], drawn]
  const cells = DRAWN.map(({ title, by, measures }, index): Block[] => {
    return [{ kind: 'heading', text: title }, ...ofEach.splice(0, measures.length), tableOf(by, found[index] ?? []), filesOf(by, narrowed)]
  })
  return {
    title: '统计',
    blocks: [
      { kind: 'filters', action: PATH, fields: await fieldsOf(visit, narrowed) },
      waysOf(narrowed),
      { kind: 'figures', figures: figuresOf(all[0]) },
      {
        kind: 'words',
        text: '每小时过七分汇总前一小时；进行中的一小时不在其内。用户数误差约 2%，取整，太少的不显示；按系统、服务、应用筛选时不留存。',
      },
      ...instead,
      { kind: 'grid', cells },
    ],
  }
}

/** Of all together; nothing where there were no calls. */
function figuresOf(all: Counted | undefined): Figures['figures'] {
  return [
    { title: '调用', value: numberOf(all?.calls ?? 0), more: `没有成功 ${numberOf(all?.failed ?? 0)}` },
    { title: '成功率', value: percent(all?.successRate) },
    { title: '用户', value: all ? usersOf(all) : '—' },
    { title: '用时中位数', value: millisecondsOf(all?.p50Ms), more: `95% 在 ${millisecondsOf(all?.p95Ms)} 以内` },
  ]
}

const millisecondsOf = (value: number | null | undefined): string => (value == null ? '—' : `${numberOf(value)} 毫秒`)

function tableOf(by: Grouping, rows: readonly Counted[]): Table {
  return {
    kind: 'table',
    caption: `按${groupings[by]}；用时为毫秒`,
    columns: [groupings[by], '调用', '没有成功', '成功率', '用户', '中位数', '95%'],
    rows: rows.map((row): Cell[] => [
      keyCell(by, row),
      ...[row.calls, row.failed, percent(row.successRate), row.fewUsers ? usersOf(row) : row.users, row.p50Ms, row.p95Ms],
    ]),
    empty: '没有调用。',
    folded: rows.length > SHORT,
  }
}

const WEEKDAYS = ['周一', '周二', '周三', '周四', '周五', '周六', '周日']

function keyCell(by: Grouping, { key, name }: Counted): Cell {
  if (by === 'clock') return `${key} 点`
  const [day = '', hour = ''] = by === 'weekday' ? key.split(' ') : []
  if (by === 'weekday') return `${WEEKDAYS[Number(day) - 1] ?? day} ${hour} 点`
  return by === 'connector' ? { text: name, href: `/console/connectors/${encodeURIComponent(key)}` } : name
}

function filesOf(by: Grouping, narrowed: Readonly<Record<string, string>>): Block {
  const to = (format: string) => withQuery(FILE, { ...narrowed, by, format })
  const about = `（按${groupings[by]}）`
  return {
    kind: 'links',
    links: [
      { text: `下载 XLSX${about}`, href: to('xlsx') },
      { text: `下载 CSV${about}`, href: to('csv') },
    ],
  }
}

function waysOf(narrowed: Readonly<Record<string, string>>): Block {
  const spans = Object.entries(SPANS).map(([text, days]) => ({ text, href: withQuery(PATH, { ...narrowed, ...lastDays(days) }) }))
  return { kind: 'links', links: [...spans, { text: '大屏', href: '/console/board' }] }
}

async function fieldsOf(visit: Visit, narrowed: Readonly<Record<string, string>>): Promise<Field[]> {
  const systems = [...(await switchesOf(visit)).values()].map(({ connector, name }) => ({ value: connector, label: name }))
  return [
    { name: 'from', label: '从', type: 'date', value: narrowed['from'] ?? '' },
    { name: 'to', label: '到（最多 92 天）', type: 'date', value: narrowed['to'] ?? '' },
    {
      ...{ name: 'connector', label: '系统', type: 'choice', value: narrowed['connector'] ?? '' },
      options: [{ value: '', label: '所有' }, ...systems],
    },
    { name: 'service', label: '服务编号', type: 'text', value: narrowed['service'] ?? '', maxLength: 64 },
    { name: 'app', label: '应用编号', type: 'text', value: narrowed['app'] ?? '', maxLength: 64 },
  ]
}
