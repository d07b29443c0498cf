import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type ErrorCode, HubError, toProblem } from '../core/base/errors.ts'
import type { CompiledService } from '../core/call/service.ts'
import { agencyOf, systemOf } from '../core/contract/systems.ts'
import { CAPPED_SHARE } from './operations/tiers/index.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Answers a call that could not be answered in time anyway, before anything is spent on it; asked again once it is known who
     * calls, whose other calls come first. → whether it has.
     */
    refuse(request: FastifyRequest, reply: FastifyReply, service: CompiledService): boolean
  }
}

const SAMPLE_MS = 500
/** Part of what is measured, even of a loop that does nothing. */
const RESOLUTION_MS = 20
const REPORT_MS = 1000
/** Whoever is refused may ask again at once: of more refusals than so many a sample each is held back for so long. */
const MANY = 100
const HOLD_MS = 1000
/** Stands in a refusal made ready for where the trace id goes. */
const TRACE = '0'.repeat(32)

/**
 * Cheap refusals under load: where the agency's queue is longer than the service's time limit whoever asks, and where the
 * process itself is behind. No agency and no check of the hub's own health comes into it. A line a second says how many.
 */
export default fp(
  async (app) => {
    const limit = app.settings.OVERLOAD_DELAY_MS
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    let late = 0
    /** Share of the calls that is refused for the delay, and what is due of it. */
    let share = 0
    let due = 0
    let refused = 0
    /** Refusals of this sample and of the last. */
    let recent = 0
    let last = 0
    if (limit > 0) delay.enable()
    const sampler = setInterval(() => {
      late = Math.max(0, Math.round(delay.mean / 1e6) - RESOLUTION_MS)
      share = late > limit ? 1 - limit / late : 0
      delay.reset()
      last = recent
      recent = 0
    }, SAMPLE_MS).unref()
    const reporter = setInterval(() => {
      if (refused > 0) app.log.warn({ refused, delayMs: late }, '请求过多，部分请求已被拒绝')
      refused = 0
    }, REPORT_MS).unref()
    app.addHook('onClose', async () => {
      clearInterval(sampler)
      clearInterval(reporter)
      delay.disable()
    })

    app.addHook('onSend', (request, _reply, payload, done) => {
      if (request.audit?.waits !== false) return done(null, payload)
      refused++
      recent++
      if (Math.max(recent, last) <= MANY) done(null, payload)
      else setTimeout(done, HOLD_MS, null, payload)
    })

    const bodies = new Map<string, { bytes: Buffer; at: number }>()

    function bodyOf(code: ErrorCode, retryAfter: number, agency: string | undefined, traceId: string): Buffer {
      const key = `${code} ${retryAfter} ${agency}`
      let ready = bodies.get(key)
      if (!ready) {
        const extras = agency === undefined ? { retryAfter } : { agency, retryAfter }
        const bytes = Buffer.from(JSON.stringify(toProblem(new HubError(code, extras), TRACE)))
        ready = { bytes, at: bytes.indexOf(TRACE) }
        bodies.set(key, ready)
      }
      const body = Buffer.from(ready.bytes)
      body.write(traceId, ready.at, 'latin1')
      return body
    }

    function isShed(): boolean {
      if (limit === 0 || share === 0) return false
      due += share
      if (due < 1) return false
      due--
      return true
    }

    function answer(request: FastifyRequest, reply: FastifyReply, code: ErrorCode, waitMs: number, agency?: string): true {
      const retryAfter = Math.min(60, Math.max(1, Math.ceil(waitMs / 1000)))
      request.audit.outcome = code
      request.audit.waits = false
      reply
        .code(503)
        .header('retry-after', retryAfter)
        .header('content-type', 'application/problem+json; charset=utf-8')
        .send(bodyOf(code, retryAfter, agency, request.id))
      return true
    }

    /** Of a connector of low tier: what is under way at its agency, beyond which nobody else is let in. */
    function cappedPlaces({ connector, contract, system }: CompiledService): number {
      const own = app.connectorSettings[connector.id]
      const settings = system === connector.id ? own : own?.systems?.[system.slice(connector.id.length + 1)]
      return Math.ceil((settings?.maxConcurrent ?? systemOf(connector, contract).maxConcurrent) * CAPPED_SHARE)
    }

    app.decorate('refuse', (request, reply, service) => {
      const { caller } = request
      if (caller === null && isShed()) return answer(request, reply, 'HUB_OVERLOADED', SAMPLE_MS)
      const { timeoutMs, submission, cache } = service.contract
      // A filing is taken in now and sent later; a kept answer needs no agency.
      if (submission || cache) return false
      const upstream = app.upstreams.get(service.system)
      if (upstream && app.tiers.isCapped(service.connector.id) && upstream.load().underWay >= cappedPlaces(service))
        return answer(request, reply, 'HUB_UPSTREAM_BUSY', SAMPLE_MS, agencyOf(service.connector, service.contract))
      const waitMs = upstream?.expectedWait(caller ? (caller.guardian ?? caller.user.id) : undefined) ?? 0
      if (waitMs <= timeoutMs) return false
      return answer(request, reply, 'HUB_UPSTREAM_BUSY', waitMs - timeoutMs, agencyOf(service.connector, service.contract))
    })
  },
  { name: 'overload', dependencies: ['settings', 'audit', 'upstreams'] },
)
