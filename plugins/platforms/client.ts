import { prefixOf } from '../../core/upstream/address.ts'
import type { RawReply, SignedRequest } from '../../core/upstream/dialect.ts'
import type { Opened } from '../../core/upstream/envelope.ts'
import { UpstreamError } from '../../core/upstream/error.ts'
import { parseJson as parseText } from '../../core/upstream/json.ts'
import { createUpstream, type Upstream } from '../../core/upstream/upstream.ts'

const TIMEOUT_MS = 5000

/** The JSON object of an answer. */
export type Reply = Readonly<Record<string, unknown>>

export interface ClientRequest {
  method: 'GET' | 'POST'
  /** Path and query below the platform's base address. */
  path: string
  headers?: Record<string, string>
  body?: string
}

/** Requests to a platform that is no connector, through the hub's one way out: time limit, breaker, size limit, mapped errors. */
export interface Client {
  /** → the JSON object of a 2xx answer. Rejects with an UpstreamError that names the platform; HUB_UPSTREAM_REFUSED means what was presented. */
  ask(request: ClientRequest): Promise<Reply>
  /** What real calls say of the platform. */
  readonly upstream: Pick<Upstream, 'state' | 'summary' | 'breakers'>
  close(): Promise<void>
}

/** `name`: Chinese name of the platform, for errors. */
export function createClient(name: string, baseUrl: string, timeoutMs: number = TIMEOUT_MS): Client {
  const prefix = prefixOf(baseUrl)
  const upstream = createUpstream({
    agency: name,
    baseUrl,
    maxConcurrent: 32,
    // Whoever signs on is not known yet: every call may be another person's.
    anonymous: 32,
    breaker: { callers: 1 },
    createSigner: () => ({
      sign: ({ params }) => params['request'] as SignedRequest,
      refused: judgeOAuthError,
      renew: async () => undefined,
      probe: async () => undefined,
    }),
  })

  return {
    async ask({ method, path, headers = {}, body }) {
      const request = { method, path: prefix + path, headers: { accept: 'application/json', ...headers }, body: body ?? null }
      const options = { deadline: performance.now() + timeoutMs, retries: 0, cacheSeconds: 0 }
      const { rows } = await upstream.call({ sid: name, method, params: { request } }, openJson, options)
      return rows[0] ?? {}
    },
    upstream,
    close: () => upstream.close(),
  }
}

/** RFC 6749 §5.2 says in the body of a 4xx whether the grant was bad or the client; the status alone doesn't. */
function judgeOAuthError(reply: RawReply): boolean {
  if (reply.status < 400 || reply.status > 403) return false
  const error = parseJson(reply)?.['error']
  if (typeof error !== 'string') return false
  if (error === 'invalid_grant') throw new UpstreamError('HUB_UPSTREAM_REFUSED', { delivery: 'refused', status: reply.status })
  throw new UpstreamError('HUB_UPSTREAM_CREDENTIAL', { delivery: 'not-processed', status: reply.status })
}

function openJson(reply: RawReply): Opened {
  const value = parseJson(reply)
  if (value === null) throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: reply.status })
  return { rows: [value], total: null }
}

function parseJson({ body }: RawReply): Reply | null {
  try {
    const value = parseText(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Reply) : null
  } catch {
    return null
  }
}
