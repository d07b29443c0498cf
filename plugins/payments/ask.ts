import { prefixOf } from '../../core/upstream/address.ts'
import type { RawReply, Verb } from '../../core/upstream/dialect.ts'
import type { Opened, SourceRow } from '../../core/upstream/envelope.ts'
import { parseJson } from '../../core/upstream/json.ts'
import type { Upstream } from '../../core/upstream/upstream.ts'

const TIMEOUT_MS = 8000

interface Question {
  sid: string
  method: Verb
  path: string
  params: Record<string, unknown>
}

/** What a channel answered: the object in its JSON, none where the body is empty or is no JSON. */
interface Answer extends Opened {
  status: number
  row: SourceRow
}

/** Asks a channel through its upstream: with a breaker, statistics and a deadline, as agencies are asked. Rejects with an UpstreamError. */
export type Ask = (question: Question) => Promise<Answer>

export function askThrough(upstream: Upstream, baseUrl: string): Ask {
  const whole = pathsUnder(baseUrl)
  return ({ path, ...question }) => {
    const asks = question.method === 'GET'
    return upstream.call({ ...question, path: whole(path) }, read, {
      deadline: performance.now() + TIMEOUT_MS,
      retries: asks ? 1 : 0,
      cacheSeconds: 0,
      asks,
    })
  }
}

/** → completes paths by the base address's own; one of an address that the channel gave has it already. */
export function pathsUnder(baseUrl: string): (path: string) => string {
  const prefix = prefixOf(baseUrl)
  return (path) => (prefix !== '' && path.startsWith(`${prefix}/`) ? path : `${prefix}${path}`)
}

function read({ status, body }: RawReply): Answer {
  return { status, row: rowOf(body), rows: [], total: null }
}

function rowOf(body: Buffer): SourceRow {
  if (body[0] !== '{'.charCodeAt(0)) return {}
  return parseJson(body.toString('utf8')) as SourceRow
}
