import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type ErrorCode, errorTable, HubError, toProblem } from '../../core/base/errors.ts'
import { createBacklog } from './backlog.ts'
import type { AuditEntry } from './entry.ts'
import { type AuditLog, openAuditLog } from './log.ts'
import { createRefusals, type Refusals } from './refusals.ts'

/** What is known of a call so far; whoever learns something about it adds it. */
export interface CallEntry extends AuditEntry {
  /** Monotonic clock, milliseconds. */
  readonly started: number
  /** Whether the row has still to be written; false from the start outside /v1. */
  due: boolean
  /** Whether the answer waits for the row; one that only says that there are too many calls doesn't. */
  waits: boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    audit: AuditLog
    refusals: Refusals
  }
  interface FastifyRequest {
    /** There for every request, so that nobody has to ask; written for those under /v1. */
    audit: CallEntry
  }
}

/**
 * One audit row a call, committed before the answer leaves; if that fails, the answer stays here. A refusal for load
 * alone goes ahead of its row.
 * Register it before every plugin that adds an onRequest hook: what answers earlier has no row.
 */
export default fp(
  async (app) => {
    const { database, vault } = app
    const audit = await openAuditLog({ database, vault, log: app.log })
    const refusals = createRefusals(audit)
    const backlog = createBacklog(audit)
    app.addHook('onClose', async () => {
      await refusals.close()
      await backlog.flush()
      await audit.close()
    })
    app.decorate('audit', audit)
    app.decorate('refusals', refusals)
    app.decorateRequest('audit', null as unknown as CallEntry)

    app.addHook('onRequest', (request, _reply, done) => {
      request.audit = open(request)
      done()
    })

    // With a callback: an async hook would cost every call three promises more.
    app.addHook('onSend', (request, reply, payload, done) => {
      const entry = request.audit
      if (!entry?.due) return done(null, payload)
      // An error in a later hook sends a second time; the call keeps its one row.
      entry.due = false
      entry.status = reply.statusCode
      entry.durationMs = Math.round((performance.now() - entry.started) * 10) / 10
      entry.outcome = outcomeOf(entry)
      if (!entry.waits && backlog.add(entry)) return done(null, payload)
      const refuse = (error: unknown) => {
        discard(payload)
        done(null, withhold(request, reply, error))
      }
      audit.write(entry).then(() => done(null, payload), refuse)
    })
  },
  { name: 'audit', dependencies: ['database'] },
)

/** Written out: V8 is slow with objects that were spread and then added to, and every call makes one of these. */
function open(request: FastifyRequest): CallEntry {
  return {
    action: 'call',
    traceId: request.id,
    at: Date.now(),
    app: null,
    user: null,
    enterprise: null,
    connector: null,
    service: null,
    purpose: null,
    // Whoever has hung up already has no address any more, whatever the type says.
    clientIp: (request.ip as string | undefined) ?? null,
    method: request.method,
    outcome: '',
    status: 0,
    durationMs: 0,
    upstreamStatus: null,
    upstreamMs: null,
    fields: [],
    rows: null,
    started: performance.now(),
    due: isCall(request),
    waits: true,
  }
}

/** The router decodes before it matches: `/%76%31/…` is a call too, so the matched route decides as well. */
function isCall(request: FastifyRequest): boolean {
  return request.url.startsWith('/v1/') || (request.routeOptions.url?.startsWith('/v1/') ?? false)
}

function outcomeOf({ outcome, status }: CallEntry): string {
  if (status < 400) return 'ok'
  if (outcome !== '' && outcome !== 'ok') return outcome
  const codes = Object.keys(errorTable) as ErrorCode[]
  return codes.find((code) => errorTable[code][0] === status) ?? 'HUB_INTERNAL'
}

/** Headers that say nothing of the answer and that a browser needs to read the problem. */
const HARMLESS = /^(access-control-.*|vary|x-ratelimit-.*)$/

function withhold(request: FastifyRequest, reply: FastifyReply, error: unknown): string {
  for (const name of Object.keys(reply.getHeaders()).filter((name) => !HARMLESS.test(name))) {
    reply.removeHeader(name)
    reply.raw.removeHeader(name)
  }
  const problem = error instanceof HubError ? error : new HubError('HUB_AUDIT_UNAVAILABLE', {}, error)
  reply.code(problem.status).header('content-type', 'application/problem+json; charset=utf-8')
  return JSON.stringify(toProblem(problem, request.id))
}

/** A stream that is not sent would hold its source open. */
function discard(payload: unknown): void {
  const stream = payload as { destroy?(): void; cancel?(): Promise<void> } | null | undefined
  if (typeof stream !== 'object' || stream === null) return
  stream.destroy?.()
  stream.cancel?.().catch(() => {})
}
