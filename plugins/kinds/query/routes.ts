import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { chooseFormat, MEDIA_TYPES } from '../../../core/answer/negotiation.ts'
import type { Row } from '../../../core/answer/reading.ts'
import { answerContent, problemSchema } from '../../../core/answer/schema.ts'
import { formatsOf, querySchema, readQuery, type Selection } from '../../../core/answer/selection.ts'
import { toCsv, toXlsx } from '../../../core/answer/tabular.ts'
import { unreadableIn } from '../../../core/answer/unreadable.ts'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { assertChoices } from '../../../core/call/choices.ts'
import { type Execution, execute } from '../../../core/call/execute.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { type Fields, field } from '../../../core/contract/fields.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { authorise } from '../../access/authorise.ts'
import { typed } from '../../route-kit/kit.ts'
import { serviceOptions } from '../../route-kit/service-route.ts'
import { pseudonymOf } from '../../users/users.ts'

/** How a service's answer is had as a printed document. */
export interface Printing {
  title: string
  /** Throws where something was left out. */
  assert(query: Readonly<Record<string, unknown>>): void
  print(rows: readonly Row[], input: Readonly<Record<string, unknown>>, asker: Asker): Promise<Buffer>
}

/** `GET /v1/<connector>/<service>`. */
export function queryRoute(app: FastifyInstance, service: CompiledService, printing?: Printing): void {
  const { connector, contract } = service
  const upstream = app.upstreams.get(service.system)
  if (!upstream) throw new Error(`no upstream for ${connector.id}`)
  const formats = formatsOf(contract)
  const { schema, ...options } = serviceOptions(app, service)
  const own = {
    // What may be asked, only the declaration knows.
    querystring: Type.Unsafe<Readonly<Record<string, unknown>>>(querySchema(contract, service.rows === 'many', service.needsAccount)),
    response: { 200: answerContent(service), default: problemSchema },
  }

  typed(app).get(`/v1/${connector.id}/${contract.id}`, { ...options, schema: { ...schema, ...own } }, async (request, reply) => {
    const { query } = request
    const format = chooseFormat(query['format'], request.headers.accept, formats)
    if (format === 'pdf') printing?.assert(query)
    const dependant = contract.dependants ? (query['dependant'] as string | undefined) : undefined
    const asking = authorise(service, request.caller, app.users, dependant)
    const verified = asking instanceof Promise ? await asking : asking
    request.audit.enterprise = verified.enterprise?.id ?? null
    if (dependant !== undefined) request.audit.target = pseudonymOf(app.vault, dependant)
    const binding = query['binding'] as string | undefined
    const asker = service.needsAccount ? await app.accounts.withAccount(service, verified, binding) : verified
    const { input, selection } = readQuery(contract, query)
    if (service.offered.length > 0) await assertChoices(service, input, asker, app, 'query')
    const execution = await execute(service, upstream, asker, input, selection, format !== 'json')
    noteExecution(request, service, execution, selection)
    if (format === 'json') return answer(request, service, execution, selection)
    if (format !== 'pdf') return download(reply, service, execution, selection, format)
    if (!printing) throw new HubError('HUB_NOT_ACCEPTABLE')
    assertReadable(service, execution.rows)
    return sendFile(reply, printing.title, format, await printing.print(execution.rows, input, asker))
  })
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
  { columns, page, pageSize }: Selection,
) {
  const meta = { asOf: beijing(at), traceId: request.id, ...(absent.length > 0 ? { absent } : {}) }
  const isShown = (path: string) => !columns || columns.includes(path.replace(/\[.*/, ''))
  const named = (paths: readonly string[]) => (paths.length > 0 ? { unreadable: paths } : {})
  if (service.rows === 'one')
    return { data: pick(rows[0] ?? {}, columns), meta: { ...meta, ...named(unreadableIn(rows[0]).filter(isShown)) } }
  // With a total of its own the agency has turned the pages already.
  const shown = total === undefined ? rows.slice((page - 1) * pageSize, page * pageSize) : rows
  request.audit.rows = shown.length
  const unreadable = shown.flatMap((row, index) =>
    unreadableIn(row)
      .filter(isShown)
      .map((path) => `[${index}].${path}`),
  )
  return {
    data: columns ? shown.map((row) => pick(row, columns)) : shown,
    meta: { ...meta, ...named(unreadable), page: { number: page, size: pageSize, total: total ?? rows.length } },
  }
}

function pick(row: Record<string, unknown>, columns: readonly string[] | null): Record<string, unknown> {
  return columns ? Object.fromEntries(columns.map((name) => [name, row[name]])) : row
}

/** The same rows as a file; all of them, since a page of a file helps nobody. */
async function download(
  reply: FastifyReply,
  service: CompiledService,
  { rows }: Execution,
  { columns }: Selection,
  format: 'csv' | 'xlsx',
) {
  const { fields: own, name } = service.contract
  const isWhole = rows.every((row) => unreadableIn(row).length === 0)
  const names = [...(columns ?? service.fieldNames), ...(isWhole ? [] : [UNREADABLE])]
  const fields = isWhole ? own : { ...own, [UNREADABLE]: field.text('无法识别的内容') }
  const cells = isWhole ? rows : rows.map((row) => ({ ...row, [UNREADABLE]: nameUnreadable(own, row) }))
  return sendFile(reply, name, format, format === 'csv' ? toCsv(fields, names, cells) : await toXlsx(fields, names, cells, name))
}

/** A further column, no field's name, for what stands empty because it could not be read. */
const UNREADABLE = '(unreadable)'

/** What stands empty, for people: 缴存年月明细第 1 条的缴存年月. */
function nameUnreadable(fields: Fields, row: Row): string {
  const nameOf = (path: string) => {
    const [, name = '', index, column = ''] = /^(\w+)(?:\[(\d+)\]\.(\w+))?$/.exec(path) ?? []
    const notes = fields[name]?.notes
    const item = index === undefined ? '' : `第 ${Number(index) + 1} 条的${notes?.columns?.[column]?.notes.title ?? column}`
    return `${notes?.title ?? name}${item}`
  }
  return unreadableIn(row).map(nameOf).join('；')
}

/** A document with a gap would say that there is nothing. */
function assertReadable({ connector, contract }: CompiledService, rows: readonly Row[]): void {
  const [path] = rows.flatMap((row) => unreadableIn(row))
  if (path === undefined) return
  const detail = `对方系统返回的“${path}”无法识别，不能出具证明，请稍后再试。`
  throw new UpstreamError(
    'HUB_UPSTREAM_INVALID',
    { delivery: 'unknown', status: 200 },
    { agency: agencyOf(connector, contract), field: path, detail },
  )
}

const STEMS = { csv: 'export', xlsx: 'export', pdf: 'document' } as const

/** Typed as the route's answer by its schema; a string or buffer passes the serialiser by. */
function sendFile(reply: FastifyReply, title: string, format: keyof typeof STEMS, content: string | Buffer) {
  const file = encodeURIComponent(`${title}-${beijing(Date.now()).slice(0, 10)}.${format}`)
  reply.header('content-type', format === 'csv' ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES[format])
  reply.header('content-disposition', `attachment; filename="${STEMS[format]}.${format}"; filename*=UTF-8''${file}`)
  return reply.send(content)
}
