import { randomBytes } from 'node:crypto'
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyHttpOptions, FastifyInstance } from 'fastify'
import type { Settings } from '../config/settings.ts'
import { type ErrorCode, HubError, toProblem } from '../core/base/errors.ts'
import { groupOf } from './web/buckets.ts'
import { OnePieceResponse } from './web/utf8.ts'

/** How long connections may take and how many there may be, and what whoever can't be understood is told. */
export function connectionOptions(settings: Settings) {
  const { REQUEST_TIMEOUT_SECONDS, HEADERS_TIMEOUT_SECONDS, IDLE_TIMEOUT_SECONDS, KEEP_ALIVE_SECONDS } = settings
  const headersTimeout = Math.min(HEADERS_TIMEOUT_SECONDS, REQUEST_TIMEOUT_SECONDS) * 1000
  return {
    requestTimeout: REQUEST_TIMEOUT_SECONDS * 1000,
    connectionTimeout: IDLE_TIMEOUT_SECONDS * 1000,
    keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000,
    // Node looks for late ones every half minute unless told otherwise.
    http: { headersTimeout, connectionsCheckingInterval: Math.min(5000, headersTimeout / 4), ServerResponse: OnePieceResponse },
    clientErrorHandler(this: FastifyInstance, error: ConnectionError, socket: Socket) {
      answerUnread(this, error, socket)
    },
  } satisfies FastifyHttpOptions<Server>
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HUB_HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'HUB_BODY_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'HUB_REQUEST_TIMEOUT',
}

/** A request that Node's parser refuses never becomes one of Fastify's: it is answered here, in the same form, and is on record. */
function answerUnread(app: FastifyInstance, error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET') return void socket.destroy()
  const problem = new HubError(CODES[error.code] ?? 'HUB_REQUEST_UNREADABLE')
  // Before the start there is no log to write to.
  app.refusals?.note(groupOf(socket.remoteAddress ?? ''), problem.code)
  const { _httpMessage: answering } = socket as Socket & { _httpMessage?: ServerResponse | null }
  // An earlier request of the connection is answered first.
  if (answering?.req.complete && !answering.writableFinished) answering.once('finish', () => end(socket, problem))
  else if (answering?.headersSent) socket.destroy()
  else end(socket, problem)
}

function end(socket: Socket, problem: HubError): void {
  if (!socket.writable) return void socket.destroy()
  const body = JSON.stringify(toProblem(problem, randomBytes(16).toString('hex')))
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_WORDS[problem.status] ?? 'Bad Request'}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

const STATUS_WORDS: Readonly<Record<number, string | undefined>> = {
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
}
