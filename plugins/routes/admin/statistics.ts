import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { contentDisposition } from '../../files/name.ts'
import { MEDIA_TYPES } from '../../openapi/negotiation.ts'
import { groupings, type StatisticsRow } from '../../operations/statistics/ask.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'
import { dayPart, daysOf } from './span.ts'

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
  users: maybeWhole('用户数（误差约 2%；不留存的为空）'),
}
type Column = keyof typeof columns
const word = (title: string) => part.text(title, { minLength: 1, maxLength: 64 })

/** Calls, users, busiest hours, ranking and duration, by service, agency, application and span, added up by the hour (docs/monitoring.md). */
export function statisticsRoutes(app: FastifyInstance): void {
  const { statistics } = app
  const names = new Map([
    ...[...app.services].map(([key, { connector, contract }]) => [key, `${connector.name}：${contract.name}`] as const),
    ...app.connectors.map(({ id, name }) => [id, name] as const),
  ])

  const content = {
    [MEDIA_TYPES.json]: { schema: answerOf(part.list('统计', part.row(columns))) },
    [MEDIA_TYPES.xlsx]: { schema: { title: '统计的工作簿' } },
  }
  typed(app).get(
    '/admin/statistics',
    adminRoute(app, {
      key: 'statistics.read',
      summary: '调用统计：次数、用户、忙时、排名、用时；format=xlsx 导出',
      permission: 'statistics.read',
      rate: { max: 30, perSeconds: 60 },
      schema: {
        querystring: part.input({
          by: part.choice('按什么汇总（缺省：服务）', groupings),
          from: dayPart('从哪一天（缺省：六天前）'),
          to: dayPart('到哪一天（缺省：今天）；进行中的一小时还没有汇总'),
          connector: word('系统'),
          service: word('服务'),
          app: word('应用'),
          format: part.choice('格式', { json: 'JSON', xlsx: '工作簿' }),
        }),
        response: { 200: Type.Unsafe({ description: '统计', content }) },
      },
    }),
    async (request, reply) => {
      const { by = 'service', format, from, to, ...narrow } = request.query
      const span = daysOf({ from, to }, { most: MOST_DAYS, preset: 7 })
      const rows = (await statistics.ask({ by, ...span, ...narrow })).map((row) => ({ ...row, name: names.get(row.key) ?? row.key }))
      // The audit says what has left, whatever form it has.
      const told = answer(request, rows)
      return format === 'xlsx' ? sendWorkbook(request, reply, `统计-${groupings[by]}-${span.from}-${span.to}`, rows) : told
    },
  )

  async function sendWorkbook(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    rows: readonly (StatisticsRow & { name: string })[],
  ) {
    const place = app.workshop.enter(callerOf(request).user.id, 'HUB_EXPORT_BUSY')
    reply.raw.once('close', place.leave)
    try {
      const wanted = Object.keys(columns) as Column[]
      const head = wanted.map((column) => String((columns[column] as unknown as { title: string }).title))
      const sheet = { name: '统计', head, money: head.map(() => false) }
      const file = await place.make({ type: 'xlsx', sheets: [sheet] }, [
        { sheet: 0, rows: rows.map((row) => wanted.map((column) => row[column])) },
      ])
      reply.header('content-type', MEDIA_TYPES.xlsx)
      reply.header('content-disposition', contentDisposition(`${name}.xlsx`, 'attachment', 'statistics'))
      return reply.send(file)
    } catch (error) {
      place.leave()
      throw error
    }
  }
}
