import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Arrival, CallbackDeclaration, Notice } from '../../core/upstream/dialect.ts'
import { NOTICE_BYTES } from '../../plugins/routes/callbacks.ts'
import { UsageError } from '../usage.ts'

/** What came while the command listened. `notice`: null for one that is not the agency's own. */
export interface Heard {
  readonly atMs: number
  readonly arrival: Arrival
  readonly notice: Notice | null
  readonly answered: number
}

/** A place where the agency's test system sends its notices, as it would to the hub. */
export interface Listener {
  readonly heard: readonly Heard[]
  /** Waits until it holds of what was heard, at most so long. */
  until(holds: () => boolean, ms: number): Promise<void>
}

/** Where to listen, and how long for a notice. */
export interface Listening {
  readonly host: string
  readonly port: number
  readonly waitMs: number
}

/** What one sender can make the command remember. */
const MOST_HEARD = 200
const TURN_MS = 50

/**
 * Listens as long as the work takes. The first genuine notice is answered as by a hub that is being started anew (503), the
 * others as the hub answers: 200 for what is the agency's own and in time, 401 for the rest, 413 for what is too long.
 */
export async function withListener<T>(
  {
    callback,
    credentials,
    listening,
  }: { callback: CallbackDeclaration; credentials: Readonly<Record<string, string>>; listening: Listening },
  work: (listener: Listener) => Promise<T>,
): Promise<T> {
  const read = callback.createReader(credentials)
  const heard: Heard[] = []
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    take(request).then(
      ({ status, answer }) => response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(answer),
      () => response.destroy(),
    )
  })
  server.listen(listening.port, listening.host)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--listen ${listening.host}:${listening.port} 不能监听：${error.code ?? error.message}`)
  })
  try {
    return await work({ heard, until })
  } finally {
    server.closeAllConnections()
    server.close()
  }

  async function take(request: IncomingMessage): Promise<{ status: number; answer: string }> {
    if (request.method !== 'POST') return { status: 405, answer: '' }
    const body = await bodyOf(request)
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    const arrival = { method: request.method, path, query, headers: request.headers, body: body ?? '' }
    const notice = body === null ? null : read(arrival, Date.now())
    const isOwn = notice?.isInTime === true
    const isFirst = !heard.some((each) => each.notice?.isInTime)
    const status = body === null ? 413 : !isOwn ? 401 : isFirst ? 503 : 200
    if (heard.length < MOST_HEARD) heard.push({ atMs: performance.now(), arrival, notice, answered: status })
    const answer = callback.answer[isOwn ? 'taken' : 'refused']
    return { status, answer: status === 200 || status === 401 ? (typeof answer === 'string' ? answer : JSON.stringify(answer)) : '' }
  }

  async function until(holds: () => boolean, ms: number): Promise<void> {
    const end = performance.now() + ms
    while (!holds() && performance.now() < end) await delay(TURN_MS)
  }
}

/** → null for one that is longer than a notice may be. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length <= NOTICE_BYTES) parts.push(part)
    if (length > NOTICE_BYTES * 16) throw new RangeError('endless')
  }
  return length > NOTICE_BYTES ? null : Buffer.concat(parts).toString('utf8')
}
