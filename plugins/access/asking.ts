import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest, InjectOptions } from 'fastify'
import type { Problem } from '../../core/base/errors.ts'

/** One call of the hub's API, as a page makes it for the one who looks at it. */
export interface Question {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its query. */
  path: string
  body?: unknown
  headers?: Readonly<Record<string, string>>
}

export type Meta = Readonly<Record<string, unknown>> & { page?: { number: number; size: number; total: number } }

export interface Refusal {
  ok: false
  status: number
  problem: Problem
}

export type Answer =
  | { ok: true; status: number; data: unknown; meta: Meta; file: Buffer; headers: Readonly<Record<string, unknown>> }
  | Refusal

/**
 * Asks a route of the hub within this process. Pages have no rights of their own: identity, face, roles, mandates, limits and
 * evidence are the API's, and the row of the call stands beside the page's under one trace. `authorization`: a ticket of
 * `app.insideCallers`, or null for nobody.
 */
export async function askInside(
  app: FastifyInstance,
  request: FastifyRequest,
  authorization: string | null,
  question: Question,
): Promise<Answer> {
  const { statusCode: status, rawPayload, headers: answered } = await app.inject(callOf(request, authorization, question))
  const type = String(answered['content-type'] ?? '')
  const json = /^application\/(problem\+)?json/.test(type) ? (JSON.parse(rawPayload.toString()) as Record<string, unknown>) : {}
  if (status >= 400) return { ok: false, status, problem: json as unknown as Problem }
  return { ok: true, status, data: json['data'], meta: (json['meta'] ?? {}) as Meta, file: rawPayload, headers: answered }
}

/** The same for what is handed on as it comes, and never held as a whole. */
export async function streamInside(
  app: FastifyInstance,
  request: FastifyRequest,
  authorization: string,
  question: Question,
): Promise<{ ok: true; stream: Readable; headers: Readonly<Record<string, unknown>> } | Refusal> {
  const answered = await app.inject({ ...callOf(request, authorization, question), payloadAsStream: true })
  if (answered.statusCode < 400) return { ok: true, stream: answered.stream(), headers: answered.headers }
  const text = await answered.stream().reduce((all: string, piece: Buffer) => all + piece, '')
  return { ok: false, status: answered.statusCode, problem: JSON.parse(text) as Problem }
}

function callOf(request: FastifyRequest, authorization: string | null, { method, path, body, headers = {} }: Question): InjectOptions {
  return {
    method,
    url: path,
    remoteAddress: request.ip,
    headers: {
      ...{ accept: 'application/json', traceparent: `00-${request.id}-0000000000000001-01`, ...headers },
      ...(authorization === null ? {} : { authorization }),
    },
    ...(body === undefined ? {} : { payload: body as Buffer | object }),
  }
}
