// One call from the pool to the read answer, with what the wire can say in between: it reads as one.
import { isIP } from 'node:net'
import { LRUCache } from 'lru-cache'
import { Agent, type Dispatcher, interceptors, type RetryHandler } from 'undici'
import { type ErrorCode, HubError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { BreakerOptions, BreakerState } from './breaker.ts'
import { createConnect } from './connecting.ts'
import type { Outgoing, RawReply, SignedRequest, Signer } from './dialect.ts'
import type { Opened } from './envelope.ts'
import { type Delivery, UpstreamError, verdictOf } from './error.ts'
import { createGate, type Gate, type Places } from './gate.ts'
import { createGuard, type Verdict } from './guard.ts'
import type { CallSummary } from './statistics.ts'
import { unpack } from './unpacking.ts'
import { createWatch } from './watch.ts'

/** Answers larger than this are not a citizen's records but an accident. */
const MAX_BODY_BYTES = 8 * 1024 * 1024

/** How one call may spend its time. */
export interface CallOptions {
  /** `performance.now()` at which the whole call, retries and renewals included, must be over. */
  deadline: number
  /** Further sends of a GET that failed. */
  retries: number
  /** Seconds for which the answer may be reused; 0 for what concerns a person. */
  cacheSeconds: number
  /** Whether nobody waits for the answer any more: then a call that has not been sent gives up its turn. */
  isGone?: () => boolean
  /** The call asks and changes nothing: it is sent once more where the connection was dead before any answer came. */
  asks?: boolean
}

/** `at`: when the agency answered, in epoch milliseconds; an answer that is reused keeps its time. */
export type UpstreamAnswer<T extends Opened = Opened> = T & { status: number; at: number }

/** The only way of calls to agencies: one per agency system. */
export interface Upstream {
  /**
   * Waits for its turn, signs, sends and reads one call. Rejects with an {@link UpstreamError} that names the agency.
   * Calls without a user count as those of one caller, with a share of the places.
   */
  call<T extends Opened>(outgoing: Outgoing, read: (reply: RawReply) => T, options: CallOptions): Promise<UpstreamAnswer<T>>
  /** Asks the service's own question, else the dialect's cheap one, outside the breaker, within `timeoutMs`. → which it was. */
  probe(sid: string, timeoutMs: number): Promise<'service' | 'gateway'>
  /** Renews what calls of a service are signed with, where it is held and due, within `timeoutMs`. */
  refresh(sid: string, timeoutMs: number): Promise<void>
  /** What its calls are signed with, where the agency hands that out. */
  readonly credentials: Pick<Signer, 'inspect' | 'rotate'>
  /** Of the agency's own breaker. */
  readonly state: BreakerState
  /** The breakers of its services, by service id; those that were called. */
  breakers(): ReadonlyMap<string, BreakerState>
  summary(): CallSummary
  /** The same by service id. */
  services(): ReadonlyMap<string, CallSummary>
  /** Milliseconds after which a call that came now, of this user or of anybody new, would be answered, while others wait; else 0. */
  expectedWait(userId?: string): number
  /** When the certificate that the agency showed last ends, in epoch milliseconds; null before the first, and without TLS. */
  readonly certificateEnd: number | null
  readonly load: Gate['load']
  readonly places: Gate['places']
  close(): Promise<void>
}

/** A question that names nobody and changes nothing, and what opens its answer or throws. */
export interface Question {
  outgoing: Outgoing
  open(reply: RawReply): unknown
}

export interface UpstreamOptions extends Places {
  /** Chinese name that errors give. */
  agency: string
  baseUrl: string
  createSigner(send: (request: SignedRequest) => Promise<RawReply>): Signer
  /** Milliseconds that a request of the dialect's own may take. Default 5000. */
  ownMs?: number
  /** Service id by which the dialect asks whether the agency is there; null where it has no such question. */
  healthSid?: string | null
  /** What the hub itself may ask services, by their id. */
  questions?: ReadonlyMap<string, Question>
  breaker?: Partial<BreakerOptions>
  /** Throws while the agency is closed by plan: then nothing is sent, and nothing concluded. */
  assertOpen?: () => void
  log?: Pick<Log, 'warn'>
  /** Hears how every call ended that got a place: `ok` or an error code, and milliseconds. */
  observe?: (sid: string, outcome: string, ms: number, waitedMs: number) => void
  /** Whether and when a GET that failed is sent once more, as long as its retries last. */
  retry?: RetryHandler.RetryCallback
}

export function createUpstream(options: UpstreamOptions): Upstream {
  const { agency, baseUrl, maxConcurrent, createSigner, healthSid = null, questions = new Map<string, Question>() } = options
  const { assertOpen = () => undefined, observe, retry, ownMs = 5000 } = options
  const { origin, hostname } = new URL(baseUrl)
  let certificateEnd: number | null = null
  // Agencies were tried over HTTP/1.1, which undici would leave as soon as a server offers HTTP/2.
  const agent = new Agent({
    allowH2: false,
    connections: maxConcurrent,
    pipelining: 1,
    connect: createConnect({ allowH2: false, timeout: 3000 }, (endsAt) => {
      certificateEnd = endsAt
    }),
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const plain: Dispatcher = isIP(hostname.replace(/^\[|\]$/g, '')) ? agent : agent.compose(interceptors.dns({ maxTTL: 30_000 }))
  const retrying = plain.compose(
    interceptors.retry({ maxRetries: 0, minTimeout: 100, maxTimeout: 2000, throwOnError: false, ...(retry && { retry }) }),
  )
  // Opened answers, not HTTP ones: behind one path stand all services, and what comes with 200 may be a refusal.
  const kept = new LRUCache<string, UpstreamAnswer>({ max: 500 })
  const signer = createSigner((request) => send(plain, request, performance.now() + ownMs))
  // Whoever refuses the hub's credentials is there.
  const ask = (sid: string) =>
    knock(sid, performance.now() + PROBE_MS).then(
      () => true,
      (error) => !ABSENT.has(toTrouble(error, agency).code),
    )
  const isAnswered = (question: Question) =>
    inquire(question, performance.now() + PROBE_MS).then(
      () => true,
      (error) => ['well', 'unreadable'].includes(verdictOf(toTrouble(error, agency))),
    )
  const guard = createGuard({
    ask: healthSid === null ? null : () => ask(healthSid),
    askService(sid) {
      const question = questions.get(sid)
      return question ? () => isAnswered(question) : null
    },
    breaker: options.breaker,
  })
  const gate = createGate(agency, guard, options)
  const watch = createWatch(agency, options.log)

  function send(dispatcher: Dispatcher, request: SignedRequest, deadline: number, retries = 0): Promise<RawReply> {
    return new Promise((resolve, reject) => {
      const options = { origin, path: request.path, method: request.method, headers: request.headers, body: request.bytes ?? request.body }
      const collector = new Collector(deadline, resolve, reject)
      dispatcher.dispatch(retries > 0 ? Object.assign(options, { retryOptions: { maxRetries: retries } }) : options, collector)
    })
  }

  async function attempt(outgoing: Outgoing, { deadline, retries, asks = false }: CallOptions): Promise<RawReply> {
    const isGet = outgoing.method === 'GET'
    const signing = signer.sign(outgoing)
    let request = withHeaders(signing instanceof Promise ? await within(signing, deadline) : signing, outgoing)
    let reply: RawReply
    try {
      reply = await send(isGet ? retrying : plain, request, deadline, isGet ? retries : 0)
    } catch (error) {
      if (!(asks || isGet) || !metDeadConnection(error)) throw error
      // Signed anew: what was sent may have arrived, and a signature is good for one request.
      request = withHeaders(await within(Promise.resolve(signer.sign(outgoing)), deadline), outgoing)
      reply = await send(plain, request, deadline)
    }
    // The agency looked at the credentials and went no further, so sending again is safe for filings too.
    for (let left = signer.renewals ?? 1; signer.refused(reply); left--) {
      if (left === 0) throw new UpstreamError('HUB_UPSTREAM_CREDENTIAL', { delivery: 'not-processed', status: reply.status })
      await within(signer.renew(outgoing.sid, request), deadline)
      request = withHeaders(await within(Promise.resolve(signer.sign(outgoing)), deadline), outgoing)
      reply = await send(plain, request, deadline)
    }
    return openReply(reply, request)
  }

  function openReply(reply: RawReply, request: SignedRequest): RawReply {
    if (!signer.opensAll) assertAnswered(reply)
    return signer.open ? signer.open(reply, request) : reply
  }

  const knock = (sid: string, deadline: number) => within(signer.probe(sid), deadline)

  async function inquire({ outgoing, open }: Question, deadline: number): Promise<void> {
    readWith(open, await attempt(outgoing, { deadline, retries: 0, cacheSeconds: 0, asks: true }))
  }

  async function probe(sid: string, timeoutMs: number): Promise<'service' | 'gateway'> {
    const question = questions.get(sid)
    const deadline = performance.now() + timeoutMs
    try {
      await (question ? inquire(question, deadline) : knock(sid, deadline))
      return question ? 'service' : 'gateway'
    } catch (error) {
      throw toTrouble(error, agency)
    }
  }

  return {
    async call<T extends Opened>(outgoing: Outgoing, read: (reply: RawReply) => T, options: CallOptions): Promise<UpstreamAnswer<T>> {
      const key = options.cacheSeconds > 0 ? keyOf(outgoing) : null
      const known = key === null ? undefined : kept.get(key)
      // One service reads its answers in one way.
      if (known) return known as UpstreamAnswer<T>
      assertOpen()
      const came = performance.now()
      const entering = gate.enter(outgoing, options)
      const passed = entering instanceof Promise ? await entering : entering
      const start = performance.now()
      let [verdict, outcome]: [Verdict, string] = ['well', 'ok']
      try {
        const reply = await attempt(outgoing, options)
        const answer = Object.assign(readWith(read, reply), { status: reply.status, at: Date.now() })
        watch.succeeded(passed.sid, performance.now() - start)
        if (key !== null) kept.set(key, answer, { ttl: options.cacheSeconds * 1000 })
        return answer
      } catch (error) {
        const trouble = toTrouble(error, agency)
        verdict = verdictOf(trouble)
        outcome = trouble.code
        watch.failed(passed.sid, performance.now() - start, trouble, verdict === 'unreadable')
        throw trouble
      } finally {
        gate.leave(passed, verdict, performance.now() - start)
        observe?.(passed.sid, outcome, performance.now() - start, start - came)
      }
    },
    probe,
    credentials: signer,
    refresh: (sid, timeoutMs) => within(signer.refresh?.(sid) ?? Promise.resolve(), performance.now() + timeoutMs),
    get state() {
      return guard.state
    },
    breakers: () => guard.services(),
    summary: () => watch.summary(),
    services: () => watch.services(),
    expectedWait: gate.expectedWait,
    get certificateEnd() {
      return certificateEnd
    },
    load: gate.load,
    places: gate.places,
    close() {
      guard.close()
      return agent.destroy()
    },
  }
}

const PROBE_MS = 3000
const ABSENT: ReadonlySet<string> = new Set(['HUB_UPSTREAM_UNREACHABLE', 'HUB_UPSTREAM_TIMEOUT', 'HUB_UPSTREAM_UNAVAILABLE'])

/** Whatever goes wrong in reading is what the agency sent, not the agency. */
function readWith<T>(read: (reply: RawReply) => T, reply: RawReply): T {
  try {
    return read(reply)
  } catch (error) {
    if (error instanceof HubError) throw error
    throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: reply.status }, {}, error)
  }
}

/** A question that is the same down to its address and headers has the same answer. */
function keyOf({ sid, path = '', params, headers }: Outgoing): string {
  return `${sid}\0${path}\0${JSON.stringify([params, headers])}`
}

/** Into the signer's own object: a dialect may have marked it with the secret that signed. */
function withHeaders(request: SignedRequest, { headers }: Outgoing): SignedRequest {
  if (headers) request.headers = { ...headers, ...request.headers }
  return request
}

/** Errors that came before any byte of an answer. */
const unanswered = new WeakSet<object>()
const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** The gateway ended a connection that it had kept alive, just as the hub took it for the next request. */
function metDeadConnection(error: unknown): boolean {
  const { code, socket } = error as { code?: string; socket?: { bytesRead?: number } }
  return unanswered.has(error as object) && CLOSED.has(String(code)) && socket?.bytesRead !== 0
}

/** Collects one answer; gives up at the deadline and at the size limit. */
class Collector implements Dispatcher.DispatchHandler {
  #status = 0
  #contentType = ''
  #encoding = ''
  #headers: NonNullable<RawReply['headers']> = {}
  #size = 0
  #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | null = null
  #timer: NodeJS.Timeout
  #resolve: (reply: RawReply) => void
  #reject: (error: Error) => void

  constructor(deadline: number, resolve: (reply: RawReply) => void, reject: (error: Error) => void) {
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(() => this.#abort(timeout()), Math.max(1, deadline - performance.now()))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: NonNullable<RawReply['headers']>): void {
    this.#status = status
    this.#headers = headers
    this.#contentType = String(headers['content-type'] ?? '')
    this.#encoding = String(headers['content-encoding'] ?? '')
    this.#chunks = []
    this.#size = 0
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > MAX_BODY_BYTES) this.#abort(new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: this.#status }))
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer)
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    const reply = { status: this.#status, contentType: this.#contentType, body, headers: this.#headers }
    if (this.#encoding === '') this.#resolve(reply)
    else
      unpack(body, this.#encoding, MAX_BODY_BYTES, reply.status).then(
        (unpacked) => this.#resolve({ ...reply, body: unpacked }),
        this.#reject,
      )
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.#timer)
    if (this.#status === 0) unanswered.add(error)
    this.#reject(error)
  }

  #abort(reason: UpstreamError): void {
    clearTimeout(this.#timer)
    this.#reject(reason)
    this.#controller?.abort(reason)
  }
}

/**
 * HTTP statuses that are not an answer to the question. A gateway that turned the request away didn't
 * pass it on; of what lies behind a 408 or 5xx nobody can say; the rest is the agency's own refusal.
 */
export function assertAnswered({ status }: RawReply): void {
  if (status >= 200 && status < 300) return
  const trouble = (code: ErrorCode, delivery: Delivery) => new UpstreamError(code, { delivery, status })
  if (status === 429 || status === 503) throw trouble('HUB_UPSTREAM_UNAVAILABLE', 'not-processed')
  if (status === 401 || status === 403) throw trouble('HUB_UPSTREAM_CREDENTIAL', 'not-processed')
  // To the log-in page, mostly; after a form it may as well mean "done".
  if (status >= 300 && status < 400) throw trouble('HUB_UPSTREAM_CREDENTIAL', 'unknown')
  if (status === 404 || status === 405 || status === 407) throw trouble('HUB_UPSTREAM_INVALID', 'not-processed')
  if (status === 408 || status === 504) throw trouble('HUB_UPSTREAM_TIMEOUT', 'unknown')
  if (status >= 400 && status < 500) throw trouble('HUB_UPSTREAM_REFUSED', 'refused')
  throw trouble('HUB_UPSTREAM_INVALID', 'unknown')
}

const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])
/** Certificates and handshakes, by the names of Node and OpenSSL. */
const TLS = /^(CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|EPROTO)/

function toTrouble(error: unknown, agency: string): UpstreamError {
  if (error instanceof UpstreamError) {
    error.extras.agency ??= agency
    return error
  }
  const code = String((error as { code?: unknown }).code)
  if (code.startsWith('HUB_')) {
    const { extras } = error as UpstreamError
    return new UpstreamError(code as UpstreamError['code'], { delivery: 'not-processed' }, { ...extras, agency }, error)
  }
  const delivery = NEVER_SENT.has(code) || TLS.test(code) ? 'not-processed' : 'unknown'
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return new UpstreamError('HUB_UPSTREAM_TIMEOUT', { delivery }, { agency }, error)
  return new UpstreamError('HUB_UPSTREAM_UNREACHABLE', { delivery }, { agency }, error)
}

function timeout(): UpstreamError {
  return new UpstreamError('HUB_UPSTREAM_TIMEOUT', { delivery: 'unknown' })
}

/** Waits for work that has its own limits, but no longer than the call's deadline. */
async function within<T>(work: Promise<T>, deadline: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const expiry = new Promise<never>((_, reject) => {
    // Signing and renewing send nothing of the call itself.
    timer = setTimeout(
      () => reject(new UpstreamError('HUB_UPSTREAM_TIMEOUT', { delivery: 'not-processed' })),
      Math.max(1, deadline - performance.now()),
    )
  })
  try {
    return await Promise.race([work, expiry])
  } finally {
    clearTimeout(timer)
  }
}
