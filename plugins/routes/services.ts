import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import fp from 'fastify-plugin'
import { chooseFormat, MEDIA_TYPES } from '../../core/answer/negotiation.ts'
import { answerContent, problemSchema } from '../../core/answer/schema.ts'
import { formatsOf, querySchema, readQuery, type Selection } from '../../core/answer/selection.ts'
import { toCsv, toXlsx } from '../../core/answer/tabular.ts'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import { assertChoices } from '../../core/call/choices.ts'
import { type Execution, execute } from '../../core/call/execute.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { ServiceContract } from '../../core/contract/types.ts'
import { authorise } from '../access/authorise.ts'
import { titleOf } from '../kinds/document/content.ts'
import { pseudonymOf } from '../users/users.ts'

/** `GET /v1/<connector>/<service>` for every declared query and list. */
export default fp(
  async (app) => {
    for (const service of app.services.values()) if (!service.contract.submission) queryRoute(app, service)
  },
  {
    name: 'services',
    dependencies: ['connectors', 'upstreams', 'auth', 'audit', 'problems', 'rate-limit', 'validation', 'openapi', 'documents'],
  },
)

function queryRoute(app: FastifyInstance, service: CompiledService): void {
  const { connector, contract } = service
  const upstream = app.upstreams.get(service.system)
  if (!upstream) throw new Error(`no upstream for ${connector.id}`)
  const formats = formatsOf(contract)

  app.get(`/v1/${connector.id}/${contract.id}`, routeOptions(app, service), async (request, reply) => {
    const query = request.query as Record<string, unknown>
    const format = chooseFormat(query['format'], request.headers.accept, formats)
    if (format === 'pdf') assertWhole(contract, query)
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
    return format === 'pdf'
      ? sendFile(reply, service, format, await app.documents.issue(service, execution.rows, input, asker))
      : download(reply, service, execution, selection, format)
  })
}

/** What routes of a service have in common: who may call, how often, and how OpenAPI shows it. */
export function routeOptions(app: FastifyInstance, service: CompiledService): RouteShorthandOptions {
  const { connector, contract } = service
  const open = contract.identity === 'none'
  return {
    onRequest: [(request, reply, done) => begin(request, reply, service, done), ...(open ? [] : [app.authenticate])],
    preHandler: app.limitRate(service),
    schema: {
      operationId: service.key,
      summary: contract.name,
      description: describeAccess(service),
      tags: [connector.name],
      ...(open ? {} : { security: [{ token: [] }] }),
      querystring: querySchema(contract, service.rows === 'many', service.needsAccount),
      response: { 200: answerContent(service), default: problemSchema },
    },
  }
}

function begin(request: FastifyRequest, reply: FastifyReply, service: CompiledService, done: () => void): void {
  // What concerns a person is not for any cache between here and the app.
  if (service.contract.identity !== 'none') reply.header('cache-control', 'no-store')
  request.audit.connector = service.connector.id
  request.audit.service = service.contract.id
  request.audit.purpose = service.contract.name
  done()
}

function describeAccess({ connector, contract }: CompiledService): string {
  const face = contract.face
    ? `；需要 ${contract.face.maxAgeSeconds / 60} 分钟以内的人脸核验（令牌所载，或请求头 Face-Verification 所指）${contract.face.once ? '，且只能使用一次' : ''}`
    : ''
  const clause = contract.section ? `，合同第 ${contract.section} 条` : ''
  return `${connector.agency}${clause}；身份要求：${contract.identity}${face}${contract.upstream?.paging?.through ? THROUGH : ''}`
}

const THROUGH = '；分页和总数由对方系统给出，只能按列出的条件查询，不支持按字段筛选和排序'

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
  if (service.rows === 'one') return { data: pick(rows[0] ?? {}, columns), meta }
  // With a total of its own the agency has turned the pages already.
  const shown = total === undefined ? rows.slice((page - 1) * pageSize, page * pageSize) : rows
  request.audit.rows = shown.length
  return {
    data: columns ? shown.map((row) => pick(row, columns)) : shown,
    meta: { ...meta, page: { number: page, size: pageSize, total: total ?? rows.length } },
  }
}

function pick(row: Record<string, unknown>, columns: readonly string[] | null): Record<string, unknown> {
  return columns ? Object.fromEntries(columns.map((name) => [name, row[name]])) : row
}

/** A document with something left out would say something else: the declared inputs alone narrow it. */
function assertWhole({ inputs }: ServiceContract, query: Readonly<Record<string, unknown>>): void {
  const own = ['format', 'sort', 'page', 'pageSize', 'dependant', 'binding', ...Object.keys(inputs)]
  const errors = Object.keys(query).flatMap((name) =>
    own.includes(name) ? [] : [{ pointer: `/query/${name}`, detail: '证明须完整出具，不能只取一部分' }],
  )
  if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
}

/** The same rows as a file; all of them, since a page of a file helps nobody. */
async function download(
  reply: FastifyReply,
  service: CompiledService,
  { rows }: Execution,
  { columns }: Selection,
  format: 'csv' | 'xlsx',
) {
  const { fields, name } = service.contract
  const names = columns ?? service.fieldNames
  return sendFile(reply, service, format, format === 'csv' ? toCsv(fields, names, rows) : await toXlsx(fields, names, rows, name))
}

const STEMS = { csv: 'export', xlsx: 'export', pdf: 'document' } as const

/** Typed as the route's answer by its schema; a string or buffer passes the serialiser by. */
function sendFile(reply: FastifyReply, { contract }: CompiledService, format: keyof typeof STEMS, content: string | Buffer) {
  const title = format === 'pdf' ? titleOf(contract) : contract.name
  const file = encodeURIComponent(`${title}-${beijing(Date.now()).slice(0, 10)}.${format}`)
  reply.header('content-type', format === 'csv' ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES[format])
  reply.header('content-disposition', `attachment; filename="${STEMS[format]}.${format}"; filename*=UTF-8''${file}`)
  return reply.send(content)
}
