import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type, { type TSchema } from 'typebox'
import type { Row } from '../../../core/answer/reading.ts'
import type { Selection } from '../../../core/answer/selection.ts'
import { unreadableIn } from '../../../core/answer/unreadable.ts'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { type Execution, execute } from '../../../core/call/execute.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { authorise } from '../../access/authorise.ts'
import { offerFiles } from '../../agency-files/offer.ts'
import { contentDisposition } from '../../files/name.ts'
import { answerContent, problemSchema } from '../../openapi/answer.ts'
import { chooseFormat, MEDIA_TYPES } from '../../openapi/negotiation.ts'
import { formatsOf, querySchema } from '../../openapi/query-schema.ts'
import { typed } from '../../route-kit/kit.ts'
import { serviceOptions } from '../../route-kit/service-route.ts'
import { pseudonymOf } from '../../users/users.ts'
import type { Place } from '../../workshop/workshop.ts'
import { assertChoices } from '../choices.ts'
import { assertReadable, exported } from './export.ts'
import { keepLastGood, lastGoodOf } from './last-good.ts'
import { marksIn } from './marks.ts'
import { readQuery } from './read-query.ts'
import { admitReveal } from './reveal.ts'
import { summarise } from './summarise.ts'

/** How a service's answer is had as a printed document. */
export interface Printing {
  title: string
  /** Throws where something was left out. */
  assert(query: Readonly<Record<string, unknown>>): void
  print(rows: readonly Row[], input: Readonly<Record<string, unknown>>, asker: Asker, place: Place): Promise<Buffer>
}

/** `GET /v1/<connector>/<service>`. */
export function queryRoute(app: FastifyInstance, service: CompiledService, printing?: Printing): void {
  const { connector, contract } = service
  const upstream = app.upstreams.get(service.system)
  if (!upstream) throw new Error(`no upstream for ${connector.id}`)
  const formats = formatsOf(contract)
  const own = { service, upstream }
  const beside = app.candidates.beside(service)
  const { schema, ...options } = serviceOptions(app, service)
  const shape = {
    // What may be asked, only the declaration knows.
    querystring: withList(contract, querySchema(contract, service.rows === 'many', service.needsAccount)),
    response: { 200: answerContent(service), default: problemSchema },
  }

  typed(app).get(`/v1/${connector.id}/${contract.id}`, { ...options, schema: { ...schema, ...shape } }, async (request, reply) => {
    const { list, ...query } = request.query
    const format = chooseFormat(query['format'], request.headers.accept, formats)
    if (list !== undefined && format !== 'csv')
      throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/query/list', detail: '只用于导出 CSV' }] })
    if (format === 'pdf') printing?.assert(query)
    const dependant = contract.dependants ? (query['dependant'] as string | undefined) : undefined
    const asking = authorise(service, request.caller, app.users, dependant, app)
    const verified = asking instanceof Promise ? await asking : asking
    request.audit.enterprise = verified.enterprise?.id ?? null
    if (dependant !== undefined) request.audit.target = pseudonymOf(app.vault, dependant)
    const binding = query['binding'] as string | undefined
    const asker = service.needsAccount ? await app.accounts.withAccount(service, verified, binding) : verified
    const side = beside?.sideOf({ asker, query, format }) ?? own
    const { input, selection } = readQuery(side.service.contract, query)
    const whole = await admitReveal(service, request.caller, asker, selection)
    if (whole.length > 0) request.audit.revealed = whole
    const question = { service, answering: side.service, asker, query, format, revealed: whole.length > 0 }
    const earlier = await lastGoodOf(app, request, question)
    if (earlier) return earlier
    if (service.offered.length > 0) await assertChoices(service, input, asker, app, 'query')
    const ask = () => execute(side.service, side.upstream, asker, input, selection, format !== 'json', () => request.raw.socket.destroyed)
    const work = beside ? () => beside.watch({ side, request, reply, asker, query, format }, ask) : ask
    if (format === 'json') {
      const execution = await work()
      noteExecution(request, side.service, execution, selection)
      offerFiles(app.fileLinks, side.service, asker, { dependant, binding }, execution.rows)
      const told = answer(request, side.service, execution, selection)
      await keepLastGood(app, question, told, execution.at)
      return told
    }
    const place = app.workshop.enter(asker.userId ?? request.ip, format === 'pdf' ? 'HUB_DOCUMENT_BUSY' : 'HUB_EXPORT_BUSY')
    // Whoever has gone needs no file: what is under way for it ends.
    reply.raw.once('close', place.leave)
    try {
      const execution = await work()
      noteExecution(request, side.service, execution, selection)
      if (format !== 'pdf')
        return sendFile(
          reply,
          contract.name,
          format,
          await exported(place, side.service, execution.rows, {
            type: format,
            columns: selection.columns,
            list,
            summary: selection.summary,
          }),
        )
      if (!printing) throw new HubError('HUB_NOT_ACCEPTABLE')
      assertReadable(service, execution.rows)
      return sendFile(reply, printing.title, format, await printing.print(execution.rows, input, asker, place))
    } catch (error) {
      place.leave()
      throw error
    }
  })
}

/** A CSV has one table: the records, or one of the lists inside them. */
function withList({ fields }: CompiledService['contract'], schema: TSchema) {
  const lists = Object.entries(fields).flatMap(([name, { notes }]) => (notes.columns ? [[name, notes.title] as const] : []))
  const { properties } = schema as TSchema & { properties: Record<string, TSchema> }
  const words = lists.map((pair) => pair.join(' ')).join('，')
  const list = {
    type: 'string',
    enum: lists.map(([name]) => name),
    title: '导出的明细',
    description: `只用于 CSV，XLSX 各成一表：${words}`,
  }
  const all = lists.length === 0 ? properties : { ...properties, list: Type.Unsafe(list) }
  return Type.Unsafe<{ list?: string } & Readonly<Record<string, unknown>>>({ ...schema, properties: all })
}

function noteExecution(request: FastifyRequest, { fieldNames }: CompiledService, execution: Execution, { columns }: Selection): void {
  request.audit.upstreamStatus = execution.upstreamStatus
  request.audit.upstreamMs = Math.round(execution.upstreamMs * 10) / 10
  request.audit.fields = execution.rows.length === 0 ? [] : (columns ?? fieldNames)
  request.audit.rows = execution.rows.length
}

function answer(
  request: FastifyRequest,
  service: CompiledService,
  { rows, total, absent, at }: Execution,
  { columns, page, pageSize, summary }: Selection,
) {
  const { contract } = service
  const isShown = (path: string) => !columns || columns.includes(path.replace(/[[.].*/, ''))
  const meta = {
    asOf: beijing(at),
    traceId: request.id,
    ...(absent.length > 0 ? { absent } : {}),
    ...(summary ? { summary: summarise(contract, rows, summary.span, summary.by) } : {}),
  }
  if (service.rows === 'one')
    return { data: pick(rows[0] ?? {}, columns), meta: { ...meta, ...remarks(contract, rows.slice(0, 1), () => '', isShown) } }
  // With a total of its own the agency has turned the pages already.
  const shown = total === undefined ? rows.slice((page - 1) * pageSize, page * pageSize) : rows
  request.audit.rows = shown.length
  return {
    data: columns ? shown.map((row) => pick(row, columns)) : shown,
    meta: {
      ...{ ...meta, ...remarks(contract, shown, (index) => `[${index}]`, isShown) },
      page: { number: page, size: pageSize, total: total ?? rows.length },
    },
  }
}

/** What is to be said of the rows that are shown: what of them could not be read, and which moments people should see. */
function remarks(
  contract: CompiledService['contract'],
  rows: readonly Row[],
  placeOf: (index: number) => string,
  isShown: (path: string) => boolean,
) {
  const join = (index: number, path: string) => [placeOf(index), path].filter(Boolean).join('.')
  const unreadable = rows.flatMap((row, index) =>
    unreadableIn(row)
      .filter(isShown)
      .map((path) => join(index, path)),
  )
  const named = unreadable.length > 0 ? { unreadable } : {}
  if (!contract.marks) return named
  const marks = rows.flatMap((row, index) =>
    marksIn(contract, row)
      .filter(({ at }) => at === '' || isShown(at))
      .map((mark) => ({ ...mark, at: join(index, mark.at) })),
  )
  return { ...named, marks }
}

function pick(row: Record<string, unknown>, columns: readonly string[] | null): Record<string, unknown> {
  return columns ? Object.fromEntries(columns.map((name) => [name, row[name]])) : row
}

const STEMS = { csv: 'export', xlsx: 'export', pdf: 'document' } as const

/** Typed as the route's answer by its schema; a stream or buffer passes the serialiser by. */
function sendFile(reply: FastifyReply, title: string, format: keyof typeof STEMS, content: Readable | Buffer) {
  const file = `${title}-${beijing(Date.now()).slice(0, 10)}.${format}`
  reply.header('content-type', format === 'csv' ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES[format])
  reply.header('content-disposition', contentDisposition(file, 'attachment', STEMS[format]))
  return reply.send(content)
}
