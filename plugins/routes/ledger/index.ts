import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { field } from '../../../core/contract/fields.ts'
import { entryKey, type LedgerEntry, PLACE } from '../../operations/ledger/read.ts'
import { useKinds } from '../../operations/ledger/uses.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME, typed } from '../../route-kit/kit.ts'
import { counted, part } from '../../route-kit/part.ts'
import { cellsOf, sheetOf } from '../../workshop/tabular.ts'
import { entryParams, noEntry, questionRoutes } from './questions.ts'
import { entrySchema, shownEntries } from './shown.ts'

const word = (title: string) => part.text(title, { minLength: 1, maxLength: 64, pattern: '^[\\w.-]+$' })
const filters = {
  from: part.moment('从'),
  to: part.moment('到'),
  app: word('应用编号'),
  connector: word('系统编号'),
  service: word('服务编号'),
  use: part.choice('谁使用', useKinds),
  by: part.choice('范围', { all: '全部', others: '不含本人' }),
}
/** 谁用了我的数据 (docs/ledger.md): a citizen reads it, takes it along and asks about it. */
export default fp(
  async (app) => {
    reading(app)
    readingOne(app)
    exporting(app)
    questionRoutes(app)
  },
  {
    name: 'me-ledger',
    dependencies: ['ledger', 'workshop', 'authorization-server', 'identity', 'auth', 'rate-limit', 'problems', 'validation', 'openapi'],
  },
)

interface Asked {
  from?: string
  to?: string
  app?: string
  connector?: string
  service?: string
  use?: LedgerEntry['use']
  by?: 'all' | 'others'
}

function filterOf({ from, to, by, app, connector, service, use }: Asked) {
  const span = { from: from === undefined ? undefined : Date.parse(from), to: to === undefined ? undefined : Date.parse(to) }
  if (span.from !== undefined && span.to !== undefined && span.from > span.to)
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/query/from', detail: '起止时间须先起后止' }] })
  return { ...span, ...{ app, connector, service, use }, others: by === 'others' }
}

function reading(app: FastifyInstance): void {
  const querystring = part.input({
    ...filters,
    after: part.text('接着上一页（meta.next）', { pattern: PLACE, maxLength: 80 }),
    pageSize: counted('每页条数', 100, 20),
  })
  const listed = answerOf(part.list('记录', entrySchema)) as unknown as { properties: { meta: { properties: object } } }
  const meta = {
    ...listed.properties.meta.properties,
    complete: part.flag('是否已含最近的记录（否：片刻后再看）'),
    archived: part.maybe('到哪个月为止的记录已经归档，不在这里（YYYY-MM）'),
    withheld: part.list('依规定延迟公布的', part.row({ name: part.text('事项'), days: part.text('最长多久'), because: part.text('依据') })),
  }
  const response = {
    200: Type.Unsafe({ ...listed, properties: { ...listed.properties, meta: { ...listed.properties.meta, properties: meta } } }),
  }
  typed(app).get(
    '/v1/me/ledger',
    hubRoute(app, { key: 'me.ledger', summary: '谁用了我的数据', tag: TAG_ME, schema: { querystring, response } }),
    async (request) => {
      const { after, pageSize, ...asked } = request.query
      const { entries, next, complete } = await app.ledger.read(callerOf(request).user.id, { ...filterOf(asked), after, limit: pageSize })
      const more = { next, complete, archived: await app.ledger.archivedUpTo(), withheld: withheldIn(app) }
      return answer(request, await shownEntries(app, entries), undefined, more)
    },
  )
}

function readingOne(app: FastifyInstance): void {
  typed(app).get(
    '/v1/me/ledger/:id',
    hubRoute(app, {
      key: 'me.ledger.entry',
      summary: '一条数据使用记录',
      tag: TAG_ME,
      schema: { params: entryParams, response: { 200: answerOf(entrySchema) } },
    }),
    async (request) => {
      const found = await app.ledger.find(callerOf(request).user.id, entryKey(request.params.id))
      if (!found) throw noEntry()
      return answer(request, (await shownEntries(app, [found]))[0])
    },
  )
}

/** What is declared, whether or not there is anything: how many are withheld nobody learns. */
function withheldIn(app: FastifyInstance) {
  return app.ledger.withheld.map(({ connector, service, withheldFor, because }) => ({
    name: app.services.get(`${connector}.${service}`)?.contract.name ?? service,
    days: `${withheldFor.slice(1, -1)} 天`,
    because,
  }))
}

const MOST_ROWS = 10_000
const A_PAGE = 500
const columns = {
  at: field.text('时间'),
  useName: field.text('使用者的身份'),
  who: field.text('应用、单位或角色'),
  behalf: field.text('代表谁'),
  what: field.text('办什么事'),
  purpose: field.text('事由'),
  fields: field.text('用到的内容'),
  traceId: field.text('追踪号'),
  delayed: field.text('是否延迟公布'),
}
const MEDIA = { csv: 'text/csv; charset=utf-8', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } as const

function exporting(app: FastifyInstance): void {
  const querystring = part.input({ ...filters, format: part.choice('格式', { csv: 'CSV', xlsx: 'Excel' }) })
  typed(app).get(
    '/v1/me/ledger/export',
    hubRoute(app, {
      key: 'me.ledger.export',
      summary: '导出“谁用了我的数据”（CSV、XLSX）',
      tag: TAG_ME,
      rate: { max: 10, perSeconds: 60 },
      schema: { querystring, response: { 200: Type.String() } },
    }),
    async (request, reply) => {
      const { format = 'csv', ...asked } = request.query
      const { user } = callerOf(request)
      const place = app.workshop.enter(user.id, 'HUB_EXPORT_BUSY')
      reply.raw.once('close', place.leave)
      try {
        const rows = await allRows(app, user.id, filterOf(asked))
        Object.assign(request.audit, { rows: rows.length, fields: Object.keys(columns) })
        const names = Object.keys(columns)
        const sheet = sheetOf('谁用了我的数据', columns, names)
        const file = await place.make({ type: format, sheets: [sheet] }, [{ sheet: 0, rows: cellsOf(columns, names, rows) }])
        reply.header('content-type', MEDIA[format]).header('content-disposition', `attachment; filename="ledger.${format}"`)
        return reply.send(file)
      } catch (error) {
        place.leave()
        throw error
      }
    },
  )
}

async function allRows(app: FastifyInstance, userId: string, filter: ReturnType<typeof filterOf>) {
  const rows: Record<string, unknown>[] = []
  for (let after: string | undefined, more = true; more; ) {
    const { entries, next } = await app.ledger.read(userId, { ...filter, after, limit: A_PAGE })
    for (const entry of await shownEntries(app, entries))
      rows.push({ ...entry, fields: entry.fields.join('、'), delayed: entry.delayed ? '是' : '否' })
    if (rows.length > MOST_ROWS) throw new HubError('HUB_TOO_MANY_ROWS')
    after = next ?? undefined
    more = next !== null
  }
  return rows
}
