import type { FastifyInstance, FastifyRequest, InjectOptions } from 'fastify'
import type { Problem } from '../../core/base/errors.ts'
import type { Visitor } from './visitor.ts'

/** One call of the hub's API, as a page makes it for the one who looks at it. */
export interface Question {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** With its query. */
  path: string
  body?: unknown
  headers?: Readonly<Record<string, string>>
}

export type Meta = Readonly<Record<string, unknown>> & { page?: { number: number; size: number; total: number } }

export type Answer =
  | { ok: true; status: number; data: unknown; meta: Meta; file: Buffer; headers: Readonly<Record<string, unknown>> }
  | { ok: false; status: number; problem: Problem }

/**
 * Asks a route of the hub within this process. Pages have no rights of their own: identity, face, mandates, limits and evidence are
 * the API's, and the row of the call stands beside the page's under one trace.
 */
export async function ask(app: FastifyInstance, request: FastifyRequest, visitor: Visitor | null, question: Question): Promise<Answer> {
  const { method, path, body, headers = {} } = question
  const authorization = visitor === null ? {} : { authorization: app.insideCallers.admit(visitor) }
  const call: InjectOptions = {
    method,
    url: path,
    remoteAddress: request.ip,
    headers: { accept: 'application/json', traceparent: `00-${request.id}-0000000000000001-01`, ...headers, ...authorization },
    ...(body === undefined ? {} : { payload: body as Buffer | object }),
  }
  const { statusCode: status, rawPayload, headers: answered } = await app.inject(call)
  const type = String(answered['content-type'] ?? '')
  const json = /^application\/(problem\+)?json/.test(type) ? (JSON.parse(rawPayload.toString()) as Record<string, unknown>) : {}
  if (status >= 400) return { ok: false, status, problem: json as unknown as Problem }
  return { ok: true, status, data: json['data'], meta: (json['meta'] ?? {}) as Meta, file: rawPayload, headers: answered }
}
