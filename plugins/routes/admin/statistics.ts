import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { agencyOf } from '../../../core/contract/systems.ts'
import { MEDIA_TYPES } from '../../openapi/negotiation.ts'
import { groupings } from '../../operations/statistics/ask.ts'
import { chartOf, measures } from '../../operations/statistics/chart.ts'
import { fewerThan, type ShownStatistics } from '../../operations/statistics/few.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { FEWEST, withheld } from './few.ts'
import { adminRoute } from './route.ts'
import { dayPart, daysOf } from './span.ts'
import { sendWorkbook } from './workbook.ts'

/** Longer spans are asked for in parts: an hour of a hundred services is a hundred rows. */
const MOST_DAYS = 92

const whole = (title: string) => Type.Unsafe<number>({ type: 'integer', title })
const maybeWhole = (title: string) => Type.Unsafe<number | null>({ type: ['integer', 'null'], title })
const columns = {
  key: part.text('编号'),
  name: part.text('名称'),
  calls: whole('调用次数'),
  failed: whole('其中没有成功的'),
  successRate: Type.Unsafe<number>({ type: 'number', title: '成功率' }),
  meanMs: whole('平均用时（毫秒）'),
  p50Ms: maybeWhole('用时中位数（毫秒，按分段估计）'),
  p95Ms: maybeWhole('用时 p95（毫秒，按分段估计）'),
  users: maybeWhole('用户数（取整，误差约 2%；不留存的为空）'),
}
const flags = { fewUsers: withheld('用户太少，人数不显示') }
const SVG = 'image/svg+xml'
const word = (title: string) => part.text(title, { minLength: 1, maxLength: 64 })

/** Calls, users, busiest hours, ranking and duration, by service, agency, application and span, added up by the hour (docs/statistics.md). */
export function statisticsRoutes(app: FastifyInstance): void {
  const { statistics } = app
  const fewest = app.settings.STATISTICS_FEWEST_PEOPLE
  const names = new Map([
    ...[...app.services].map(([key, { connector, contract }]) => [key, `${connector.name}：${contract.name}`] as const),
    ...app.connectors.map(({ id, name }) => [id, name] as const),
  ])

  const agencies = new Map([...app.services].map(([key, { connector, contract }]) => [key, agencyOf(connector, contract)]))
  /** Of a service that has gone its connector's id is left. */
  const answeredBy = (service: string) => agencies.get(service) ?? service.split('.', 1)[0] ?? service

  const content = {
    [MEDIA_TYPES.json]: { schema: answerOf(part.list('统计', part.row({ ...columns, ...flags })), { fewest: FEWEST }) },
    [MEDIA_TYPES.xlsx]: { schema: { title: '统计的工作簿' } },
    [MEDIA_TYPES.csv]: { schema: { type: 'string', title: '统计的表格（UTF-8，逗号分隔）' } },
    [SVG]: { schema: { type: 'string', title: '统计图' } },
  }
  typed(app).get(
    '/admin/statistics',
    adminRoute(app, {
      key: 'statistics.read',
      summary: '调用统计：次数、用户、忙时、排名、用时；format=xlsx 或 csv 导出，format=svg 作图',
      permission: 'statistics.read',
      rate: { max: 120, perSeconds: 60 },
      schema: {
        querystring: part.input({
          by: part.choice('按什么汇总（缺省：服务）', groupings),
          from: dayPart('从哪一天（缺省：六天前）'),
          to: dayPart('到哪一天（缺省：今天）；进行中的一小时还没有汇总'),
          connector: word('系统'),
          service: word('服务'),
          app: word('应用'),
          measure: part.choice('图上是什么（缺省：调用次数）', measures),
          format: part.choice('格式', { json: 'JSON', xlsx: '工作簿', csv: '表格', svg: '图' }),
        }),
        response: { 200: Type.Unsafe({ description: '统计', content }) },
      },
    }),
    async (request, reply) => {
      const { by = 'service', measure = 'calls', format, from, to, ...narrow } = request.query
      const span = daysOf({ from, to }, { most: MOST_DAYS, preset: 7 })
      const rows = (await statistics.ask({ by, ...span, ...narrow, agencyOf: answeredBy })).map((row) => ({
        ...row,
        name: names.get(row.key) ?? row.key,
      }))
      // The audit says what has left, whatever form it has.
      const told = answer(request, rows, undefined, { fewest })
      if (format === 'xlsx' || format === 'csv') {
        const name = `统计-${groupings[by]}-${span.from}-${span.to}`
        return sendWorkbook(app, request, reply, { name, columns, rows: rows.map((row) => inWords(row, fewest)), type: format })
      }
      if (format !== 'svg') return told
      const [svg = ''] = await app.charts.draw(callerOf(request).user.id, [chartOf({ by, measure, ...span, now: Date.now() }, rows)])
      return reply.header('content-type', SVG).header('content-security-policy', "default-src 'none'").send(svg)
    },
  )
}

/** As a sheet has it: what is withheld is said in its place. */
function inWords<R extends ShownStatistics>(row: R, fewest: number) {
  return row.fewUsers ? { ...row, users: fewerThan(fewest) } : row
}
