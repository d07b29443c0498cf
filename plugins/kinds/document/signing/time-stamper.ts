import { createHash, randomBytes, type X509Certificate } from 'node:crypto'
import type { Log } from '../../../../core/base/log.ts'
import { prefixOf } from '../../../../core/upstream/address.ts'
import { UpstreamError } from '../../../../core/upstream/error.ts'
import { createUpstream, type Upstream } from '../../../../core/upstream/upstream.ts'
import type { TimeStamp } from './time-stamp.ts'

export interface TimeStamper {
  /** → a time stamp of these bytes; null where none was to be had and none has to be. Rejects with an UpstreamError where one has to. */
  stamp(bytes: Buffer): Promise<TimeStamp | null>
  readonly upstream: Pick<Upstream, 'state' | 'summary' | 'breakers'>
  close(): Promise<void>
}

export interface TimeStamperOptions {
  url: string
  /** Whether nothing is signed without; else it is said in the log. */
  required: boolean
  /** Authorities above those that are believed; with none, whoever signs well is. */
  trusted: readonly X509Certificate[]
  log: Pick<Log, 'warn'>
  timeoutMs?: number
  now?: () => number
}

export const TIME_STAMPING = '时间戳服务'
/** RFC 3161 §3.4. */
const QUERY = 'application/timestamp-query'
const REPLY = 'application/timestamp-reply'
const TIMEOUT_MS = 4000

/** Asks a time-stamping authority, through a way out of its own: with a breaker and statistics, as agencies are asked. */
export function createTimeStamper(options: TimeStamperOptions): TimeStamper {
  const { url, required, trusted, log, timeoutMs = TIMEOUT_MS, now = Date.now } = options
  const { search } = new URL(url)
  const upstream = createUpstream({
    agency: TIME_STAMPING,
    baseUrl: url,
    maxConcurrent: 8,
    anonymous: 8,
    breaker: { callers: 1 },
    createSigner: () => ({
      sign: ({ params }) => ({
        method: 'POST',
        path: `${prefixOf(url) || '/'}${search}`,
        headers: { 'content-type': QUERY, accept: REPLY },
        body: null,
        bytes: params['query'] as Buffer,
      }),
      refused: () => false,
      renew: async () => undefined,
      probe: async () => undefined,
    }),
  })

  async function ask(bytes: Buffer): Promise<TimeStamp> {
    // What reads it is loaded with the first certificate.
    const { queryOf, readReply } = await import('./time-stamp.ts')
    const digest = createHash('sha256').update(bytes).digest()
    const nonce = randomBytes(8)
    const deadline = performance.now() + timeoutMs
    const outgoing = { sid: TIME_STAMPING, method: 'POST', params: { query: queryOf(digest, nonce) } } as const
    const { reply } = await upstream.call(outgoing, (reply) => ({ rows: [], total: null, reply }), {
      deadline,
      retries: 0,
      cacheSeconds: 0,
      asks: true,
    })
    try {
      if (!reply.contentType.toLowerCase().startsWith(REPLY)) throw new Error('not a time-stamp reply')
      return await readReply(reply.body, { bytes, digest, nonce, trusted, now: now() })
    } catch (error) {
      throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: reply.status }, { agency: TIME_STAMPING }, error)
    }
  }

  return {
    async stamp(bytes) {
      try {
        return await ask(bytes)
      } catch (error) {
        if (required) throw error
        log.warn({ code: (error as UpstreamError).code }, '没有取得时间戳，证明不带时间戳签署')
        return null
      }
    },
    upstream,
    close: () => upstream.close(),
  }
}
