import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { MEDIA_TYPES } from '../../openapi/negotiation.ts'
import { eventGroupings } from '../../operations/events/ask.ts'
import { type EventKind, eventKinds } from '../../operations/events/kinds.ts'
import { fewerThan, type ShownEvents } from '../../operations/statistics/few.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { FEWEST, withheld } from './few.ts'
import { adminRoute } from './route.ts'
import { dayPart, daysOf } from './span.ts'
import { sendWorkbook } from './workbook.ts'

const MOST_DAYS = 92
/** More sources than one city has apps. */
const SOURCES = { page: 1, pageSize: 1000 }

const whole = (title: string) => Type.Unsafe<number>({ type: 'integer', title })
const columns = {
  key: part.text('编号'),
  name: part.text('名称'),
  times: whole('次数'),
  seconds: whole('停留合计（秒）'),
  meanSeconds: whole('平均停留（秒）'),
  installs: Type.Unsafe<number | null>({ type: ['integer', 'null'], title: '不同的安装（同意参与统计的，取整，误差约 2%；不留存的为空）' }),
}
const flags = { fewInstalls: withheld('安装太少，不显示') }
const content = {
  [MEDIA_TYPES.json]: { schema: answerOf(part.list('访问', part.row({ ...columns, ...flags })), { fewest: FEWEST }) },
  [MEDIA_TYPES.xlsx]: { schema: { title: '访问统计的工作簿' } },
}

/** How often pages were opened, functions clicked, and where new users came from (docs/statistics.md). */
export function pageStatisticsRoutes(app: FastifyInstance): void {
  /** Titles of names and sources; of a name that several sources have, that of the first. */
  async function titles(kind: EventKind): Promise<Map<string, string>> {
    const { rows } = await app.events.sources.list(SOURCES)
    const named = rows.flatMap(({ names }) => Object.entries(names[kind] ?? {}))
    return new Map([...rows.map(({ id, name }) => [id, name] as const), ...named.toReversed(), ['', '其他'] as const])
  }

  typed(app).get(
    '/admin/statistics/pages',
    adminRoute(app, {
      key: 'statistics.pages',
      summary: '应用内的访问：页面、功能、新用户的来源；format=xlsx 导出',
      permission: 'statistics.read',
      rate: { max: 30, perSeconds: 60 },
      schema: {
        querystring: part.input({
          kind: part.choice('种类（缺省：打开页面）', eventKinds),
          by: part.choice('按什么汇总（缺省：页面、功能或来源）', eventGroupings),
          page: part.text('页面地址、功能或来源（空：没有列的）', { maxLength: 128 }),
          source: part.text('数据源', { minLength: 1, maxLength: 64 }),
          from: dayPart('从哪一天（缺省：六天前）'),
          to: dayPart('到哪一天（缺省：今天）'),
          format: part.choice('格式', { json: 'JSON', xlsx: '工作簿' }),
        }),
        response: { 200: Type.Unsafe({ description: '访问统计', content }) },
      },
    }),
    async (request, reply) => {
      const { kind = 'page', by = 'name', page: name, source, from, to, format } = request.query
      const span = daysOf({ from, to }, { most: MOST_DAYS, preset: 7 })
      const narrow = { ...(name === undefined ? {} : { name }), ...(source === undefined ? {} : { source }) }
      const known = await titles(kind)
      const found = await app.events.ask({ by, kind, ...span, ...narrow })
      const rows = found.map((row) => ({ ...row, name: known.get(row.key) ?? row.key }))
      const fewest = app.settings.STATISTICS_FEWEST_PEOPLE
      const told = answer(request, rows, undefined, { fewest })
      if (format !== 'xlsx') return told
      const sheet = { name: `访问统计-${span.from}-${span.to}`, columns, rows: rows.map((row) => inWords(row, fewest)) }
      return sendWorkbook(app, request, reply, sheet)
    },
  )
}

function inWords<R extends ShownEvents>(row: R, fewest: number) {
  return row.fewInstalls ? { ...row, installs: fewerThan(fewest) } : row
}
