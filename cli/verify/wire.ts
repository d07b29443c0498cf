import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createVault } from '../../core/base/vault.ts'
import type { Outgoing, RawReply, SignedRequest, Signer } from '../../core/upstream/dialect.ts'
import { compileEnvelope, type Opened } from '../../core/upstream/envelope.ts'
import { UpstreamError } from '../../core/upstream/error.ts'
import { assertAnswered, createUpstream } from '../../core/upstream/upstream.ts'
import { migrate } from '../../migrations/index.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import { keepsSecrets } from './dialects.ts'
import type { Subject } from './subject.ts'

/** What became of one request. */
export interface Told {
  readonly request: SignedRequest
  readonly reply: RawReply | null
  readonly ms: number
  /** `refused`: who sent it was not believed; `declined`: the question was; `broken`: neither, and no answer. */
  readonly outcome: 'accepted' | 'refused' | 'declined' | 'broken' | 'timeout' | 'unreachable'
  readonly opened: Opened | null
  /** The answer after it was unsealed, where it could be. */
  readonly clear: RawReply | null
  /** What went wrong, as a code of the system or of the hub. */
  readonly trouble: string
}

/** The hub's own way to an agency, at which every single request can be looked at and spoilt. */
export interface Wire {
  /** Signs as of now, or as of another time. */
  sign(outgoing: Outgoing, shiftMs?: number): Promise<SignedRequest>
  send(request: SignedRequest): Promise<Told>
}

/** Runs with the hub's client and signer; what the dialect is handed (secrets, tokens) stands in a folder that is gone afterwards. */
export async function withWire<T>(
  subject: Subject,
  credentials: Readonly<Record<string, string>>,
  work: (wire: Wire) => Promise<T>,
): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-verify-'))
  const database = openDatabase({ url: '', dataDir })
  const { baseUrl, dialect, timeoutMs } = subject
  const clock = { shiftMs: 0 }
  const found: { signer?: Signer; send?: (request: SignedRequest) => Promise<RawReply> } = {}
  const upstream = createUpstream({
    agency: subject.name,
    baseUrl,
    maxConcurrent: 1,
    anonymous: 1,
    ownMs: timeoutMs,
    createSigner(send) {
      const vault = createVault(randomBytes(32))
      const log = pino({ level: 'silent' })
      const now = () => Date.now() + clock.shiftMs
      found.send = send
      found.signer = dialect.createSigner({ baseUrl, credentials, database, vault, log, now, subjectOf: (userId) => userId, send })
      return found.signer
    },
  })
  try {
    if (keepsSecrets(dialect)) await migrate(database)
    const { signer, send } = found
    if (!signer || !send) throw new Error('no signer')
    return await work(createWire(subject, signer, send, clock))
  } finally {
    await upstream.close()
    await database.destroy()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
  }
}

function createWire(
  { envelope }: Subject,
  signer: Signer,
  send: (request: SignedRequest) => Promise<RawReply>,
  clock: { shiftMs: number },
): Wire {
  const open = compileEnvelope(envelope)

  function judge(reply: RawReply, request: SignedRequest): Pick<Told, 'outcome' | 'opened' | 'clear' | 'trouble'> {
    const none = { opened: null, clear: null, trouble: '' }
    if (reply.status === 401 || reply.status === 403 || signer.refused(reply)) return { ...none, outcome: 'refused' }
    let clear: RawReply | null = null
    try {
      assertAnswered(reply)
      clear = signer.open ? signer.open(reply, request) : reply
      const opened = open(clear)
      if (isDeep(opened.rows)) return { ...none, outcome: 'broken', trouble: `嵌套超过 ${DEEPEST} 层` }
      return { ...none, outcome: 'accepted', opened, clear }
    } catch (error) {
      const trouble = error instanceof UpstreamError ? error.code : 'HUB_UPSTREAM_INVALID'
      const isAnswer = trouble === 'HUB_UPSTREAM_REFUSED'
      return { ...none, clear, outcome: isAnswer ? 'declined' : 'broken', trouble }
    }
  }

  return {
    async sign(outgoing, shiftMs = 0) {
      clock.shiftMs = shiftMs
      try {
        const request = await signer.sign(outgoing)
        if (outgoing.headers) request.headers = { ...outgoing.headers, ...request.headers }
        return request
      } finally {
        clock.shiftMs = 0
      }
    },
    async send(request) {
      const start = performance.now()
      try {
        const reply = await send(request)
        return { request, reply, ms: Math.round(performance.now() - start), ...judge(reply, request) }
      } catch (error) {
        const trouble = String((error as { code?: unknown }).code)
        const late = trouble === 'HUB_UPSTREAM_TIMEOUT' || trouble === 'UND_ERR_CONNECT_TIMEOUT'
        const outcome = late ? 'timeout' : trouble === 'HUB_UPSTREAM_INVALID' ? 'broken' : 'unreachable'
        return { request, reply: null, ms: Math.round(performance.now() - start), opened: null, clear: null, outcome, trouble }
      }
    },
  }
}

/** Deeper than anybody's records; what goes through them level by level would run out of stack. */
const DEEPEST = 64

function isDeep(rows: readonly unknown[]): boolean {
  let level = rows
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
  return false
}

/** The same client for requests that nothing signs. */
export async function withClient<T>(
  baseUrl: string,
  timeoutMs: number,
  work: (send: (request: SignedRequest) => Promise<RawReply>) => Promise<T>,
): Promise<T> {
  const found: { send?: (request: SignedRequest) => Promise<RawReply> } = {}
  const upstream = createUpstream({
    agency: '',
    baseUrl,
    maxConcurrent: 1,
    anonymous: 1,
    ownMs: timeoutMs,
    createSigner(send) {
      found.send = send
      return {
        sign: ({ method }) => ({ method, path: '/', headers: {}, body: null }),
        refused: () => false,
        renew: async () => {},
        probe: async () => {},
      }
    },
  })
  try {
    if (!found.send) throw new Error('no client')
    return await work(found.send)
  } finally {
    await upstream.close()
  }
}
