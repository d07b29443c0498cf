import type { FastifyInstance, FastifyRequest, FastifyTypeProvider, preHandlerHookHandler, RouteShorthandOptions } from 'fastify'
import Type, { type Static, type TSchema } from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { ID_PROBLEM, isId } from '../../core/base/ids.ts'
import { beijing } from '../../core/base/time.ts'
import type { Caller } from '../access/authorise.ts'
import { problemSchema } from '../openapi/answer.ts'

/** Types of a handler's request, from the schemas that it was validated by. */
export interface SchemaTypes extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: unknown
}

/** The same instance, whose routes know what their schemas let pass. */
export const typed = (app: FastifyInstance) => app.withTypeProvider<SchemaTypes>()

/** Schemas of a route's parts. */
export interface RouteSchemas {
  params?: TSchema
  querystring?: TSchema
  body?: TSchema
  response?: Record<number, TSchema>
}

/** A route of the hub itself rather than of an agency. */
export interface HubRoute<S extends RouteSchemas = RouteSchemas> {
  /** Operation id, and what the audit row calls the act: printable ASCII. */
  key: string
  summary: string
  tag: string
  /** Calls of one user. Default 120 a minute. */
  rate?: { max: number; perSeconds: number }
  schema?: S
  /** Runs once the caller is known, before anything of the request is looked at. */
  admit?: (request: FastifyRequest) => Promise<void>
}

/** Options that all routes of the hub share: who is calling, how often, one audit row, an entry in OpenAPI. */
export function hubRoute<S extends RouteSchemas>(
  app: FastifyInstance,
  { key, summary, tag, rate, schema, admit }: HubRoute<S>,
): Pick<RouteShorthandOptions, 'onRequest' | 'preHandler'> & { schema: S } {
  const name = tag === TAG_ADMIN ? 'admin' : 'hub'
  return {
    onRequest: [
      (request, _reply, done) => {
        Object.assign(request.audit, { due: true, connector: name, service: key, purpose: summary })
        done()
      },
      tag === TAG_ADMIN ? app.authenticateAdmin : app.authenticate,
      ...(admit ? [(request: FastifyRequest) => admit(request)] : []),
    ],
    preHandler: [app.limitRate({ key: `${name}.${key}`, rate: rate ?? { max: 120, perSeconds: 60 } }), notePurpose],
    schema: {
      operationId: `${name}.${key}`,
      summary,
      tags: [tag],
      security: [{ token: [] }],
      ...(schema as S),
      response: { ...schema?.response, default: problemSchema },
    },
  }
}

export const TAG_ME = '我的'
export const TAG_ENTERPRISE = '企业与经办人'
export const TAG_ADMIN = '管理'

/** Why the caller does it, in his own words where he gave any. */
const notePurpose: preHandlerHookHandler = (request, _reply, done) => {
  const purpose = purposeOf(request)
  if (purpose !== undefined) request.audit.purpose = purpose
  done()
}

export function purposeOf({ body, query }: FastifyRequest): string | undefined {
  const given = (body as { purpose?: unknown } | null | undefined)?.purpose ?? (query as { purpose?: unknown } | undefined)?.purpose
  return typeof given === 'string' ? given : undefined
}

export function callerOf({ caller }: FastifyRequest): Caller {
  if (!caller) throw new HubError('HUB_TOKEN_MISSING')
  return caller
}

/** A part of the path as the router read it: for what runs before validation, or serves several routes. */
export function pathPart({ params }: FastifyRequest, name: string): string {
  return (params as Readonly<Record<string, string | undefined>>)[name] ?? ''
}

/** An id in the path, for what runs before validation: refused as validation would. Empty where the path has none. */
export function pathId(request: FastifyRequest, name: string): string {
  const id = pathPart(request, name)
  if (id !== '' && !isId(id)) throw new HubError('HUB_VALIDATION', { errors: [{ pointer: `/params/${name}`, detail: ID_PROBLEM }] })
  return id
}

/** A part of the query string as the parser read it, for what knows no schema. */
export function queryPart({ query }: FastifyRequest, name: string): unknown {
  return (query as Readonly<Record<string, unknown>>)[name]
}

/** `{ data, meta }`, with the rows and fields that left noted for the audit row. */
export function answer(request: FastifyRequest, data: unknown, page?: { number: number; size: number; total: number }, more: object = {}) {
  const rows = Array.isArray(data) ? data : data === null || data === undefined ? [] : [data]
  request.audit.rows = rows.length
  request.audit.fields = Object.keys(rows[0] ?? {})
  return { data, meta: { asOf: beijing(Date.now()), traceId: request.id, ...(page ? { page } : {}), ...more } }
}

/** Schema of `{ data, meta }`; what it doesn't name doesn't leave. `more`: what else `meta` says. */
export function answerOf(data: TSchema, more: Readonly<Record<string, TSchema>> = {}): TSchema {
  const page = { type: 'object', properties: { number: { type: 'integer' }, size: { type: 'integer' }, total: { type: 'integer' } } }
  const meta = {
    type: 'object',
    properties: {
      asOf: { type: 'string', format: 'date-time', title: '数据时间' },
      traceId: { type: 'string', title: '追踪号' },
      page: { ...page, title: '分页' },
      next: { type: ['string', 'null'], title: '下一页' },
      ...more,
    },
  }
  return Type.Unsafe({ type: 'object', properties: { data, meta }, required: ['data', 'meta'] })
}
