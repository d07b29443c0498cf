import type { FastifyInstance } from 'fastify'
import { type CompiledService, compileService } from '../../../core/call/service.ts'
import { systemsOf } from '../../../core/contract/systems.ts'
import type { ConnectorDeclaration, Kind } from '../../../core/contract/types.ts'
import { createUpstream, type Upstream } from '../../../core/upstream/upstream.ts'
import { addressOf } from '../../upstream-address.ts'
import { type DeclaredDifference, declaredDifferences } from './declared.ts'

/** Of the agency's places those that comparison may take beside all others. */
const SHADOW_SHARE = 0.25
/** Kinds that only read. */
const READS: ReadonlySet<Kind> = new Set(['query', 'list', 'status', 'catalog'])

/** A service in both versions, with the ways to its agency. */
export interface Pair {
  readonly running: CompiledService
  readonly candidate: CompiledService
  /** The running version's way out. */
  readonly upstream: Upstream
  /** For comparison: a few places of its own, a breaker of its own, nothing sent twice. */
  readonly shadow: Upstream
  /** For callers: among the places of the running version, a breaker of its own. */
  readonly answering: Upstream
  readonly shadowPlaces: number
  /** Of the agency altogether. */
  readonly places: number
}

/** A candidate version, opened beside the running one. */
export interface Candidate {
  readonly connector: string
  readonly version: string
  readonly running: ConnectorDeclaration
  readonly declared: readonly DeclaredDifference[]
  /** By the key of the service. */
  readonly pairs: ReadonlyMap<string, Pair>
  close(): Promise<void>
}

/** Opens a candidate with the addresses, credentials and service ids of the running version. Throws what keeps it from that. */
export function openCandidate(app: FastifyInstance, running: ConnectorDeclaration, candidate: ConnectorDeclaration): Candidate {
  const opened: Upstream[] = []
  const ways = new Map<string, Pick<Pair, 'upstream' | 'shadow' | 'answering' | 'shadowPlaces' | 'places'>>()
  for (const [key, name, system] of systemsOf(candidate)) {
    const upstream = app.upstreams.get(key)
    if (!upstream) throw new Error(`${key}: the running version has no such system`)
    const own = app.connectorSettings[candidate.id] ?? {}
    const settings = (name === undefined ? own : own.systems?.[name]) ?? {}
    const { baseUrl, credentials } = addressOf(key, system, settings, app.settings, app.sandbox)
    const places = settings.maxConcurrent ?? system.maxConcurrent
    const shadowPlaces = Math.max(1, Math.floor(places * SHADOW_SHARE))
    const agency = system.agency ?? candidate.agency
    const accounts = app.accounts.tokensOf(candidate.id)
    const budget = app.retryBudgets.get(key)
    const common = {
      agency,
      baseUrl,
      assertOpen: () => app.calendar.assertSystem(key, agency),
      createSigner(send: Parameters<Parameters<typeof createUpstream>[0]['createSigner']>[0]) {
        const { database, vault, log } = app
        const context = { baseUrl, credentials, database, vault, log, subjectOf: app.accounts.subjectOf(candidate), send }
        return app.traced(key, system.dialect.createSigner({ ...context, ...(accounts ? { accounts } : {}) }))
      },
    }
    const shadow = createUpstream({
      ...common,
      maxConcurrent: shadowPlaces,
      anonymous: shadowPlaces,
      retry: (error, _context, settle) => settle(error),
    })
    const answering = createUpstream({
      ...common,
      maxConcurrent: places,
      shared: upstream.places,
      ...(budget ? { retry: budget.decide, observe: () => budget.called() } : {}),
    })
    opened.push(shadow, answering)
    ways.set(key, { upstream, shadow, answering, shadowPlaces, places })
  }
  const pairs = new Map(
    candidate.services.flatMap((service) => {
      const found = app.services.get(`${candidate.id}.${service.contract.id}`)
      if (!found) return []
      const compiled = compileService(candidate, service, { sid: app.connectorSettings[candidate.id]?.sids?.[service.contract.id] })
      const way = ways.get(compiled.system)
      return way && isComparable(found, compiled) ? [[found.key, { running: found, candidate: compiled, ...way }] as const] : []
    }),
  )
  const close = async () => void (await Promise.all(opened.map((upstream) => upstream.close())))
  const { id: connector, version = '' } = candidate
  return { connector, version, running, declared: declaredDifferences(running, candidate), pairs, close }
}

/** Questions that change nothing at the agency, asked of both in the same way; one that is applied for is none. */
function isComparable(running: CompiledService, candidate: CompiledService): boolean {
  return [running, candidate].every(
    ({ contract: { kind, upstream, submission } }) =>
      READS.has(kind) && !submission && upstream?.async === undefined && !['PUT', 'DELETE'].includes(upstream?.method ?? 'POST'),
  )
}
