import { beijing } from '../../core/base/time.ts'
import type { CompiledService } from '../../core/call/service.ts'
import { systemsOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import type { BreakerState } from '../../core/upstream/breaker.ts'
import type { CallSummary } from '../../core/upstream/statistics.ts'
import type { Upstream } from '../../core/upstream/upstream.ts'
import { questionOf } from './health-question.ts'
import { createStandings, type SystemState, stateFrom, systemStates } from './system-state.ts'

export type HealthState = 'pass' | 'warn' | 'fail'

/** Below this share of successful calls an agency counts as ailing. */
const HEALTHY_SHARE = 0.9

/** What real calls say about an agency; without calls it counts as well. */
export function stateOf(upstream: Pick<Upstream, 'state' | 'summary' | 'breakers'> | undefined): HealthState {
  if (!upstream || upstream.state === 'open') return 'fail'
  const breakers = [...upstream.breakers().values()]
  if (breakers.length > 0 && breakers.every((state) => state === 'open')) return 'fail'
  const isSound = upstream.state === 'closed' && breakers.every((state) => state === 'closed')
  return isSound && isWell(upstream.summary()) ? 'pass' : 'warn'
}

function isWell({ successRate }: CallSummary): boolean {
  return successRate === null || successRate >= HEALTHY_SHARE
}

export interface ProbeResult {
  ok: boolean
  /** RFC 3339. */
  at: string
  ms: number
  /** Error code of a failed probe. */
  code: string | null
  /** Whose word it is: the service's own, or only that of the gateway before it. */
  asked: 'service' | 'gateway'
}

const LIMIT_MS = 3000
const GOOD_MS = 2000
const BAD_MS = 30_000

/**
 * Asks an agency, not more often than its result stands, however many want to know it. A state changes only when a second
 * look finds the same: one lost packet is no news.
 */
function createProbe(upstream: Upstream, { sid, asksService }: Asked, intervalMs: number): { run(): Promise<ProbeResult> } {
  let last: ProbeResult | null = null
  let underWay: Promise<ProbeResult> | null = null
  let freshUntil = 0

  async function look(): Promise<ProbeResult> {
    const start = performance.now()
    const code = await upstream.probe(sid, LIMIT_MS).then(
      () => null,
      (error: { code?: string }) => error.code ?? 'HUB_INTERNAL',
    )
    const asked = asksService ? 'service' : 'gateway'
    return { ok: code === null, at: new Date().toISOString(), ms: Math.round(performance.now() - start), code, asked }
  }

  async function probe(): Promise<ProbeResult> {
    const first = await look()
    last = first.ok === (last?.ok ?? true) ? first : await look()
    freshUntil = performance.now() + (last.ok && asksService ? GOOD_MS : last.ok ? intervalMs : Math.min(intervalMs, BAD_MS))
    return last
  }

  return {
    run() {
      if (last && performance.now() < freshUntil) return Promise.resolve(last)
      underWay ??= probe().finally(() => {
        underWay = null
      })
      return underWay
    },
  }
}

interface Asked {
  sid: string
  /** Whether the service itself has a question, or only its gateway. */
  asksService: boolean
}

export interface ServiceHealth extends CallSummary {
  /** The service's id in the connector. */
  service: string
  status: HealthState
  breaker: BreakerState
}

/** The agency has said that it would not be there: no fault of its own, and none of the hub's. */
export interface PlannedClosing {
  reason: string
  /** RFC 3339. */
  until: string
}

export interface SystemHealth extends CallSummary {
  /** Key of the system: the connector's id, or `<connector>/<system>`. */
  system: string
  agency: string
  status: HealthState
  /** The same in more words; a state that only calls suggest stands once a second look finds it too. */
  state: SystemState
  stateName: string
  /** RFC 3339: since when it is so, as this process knows. */
  since: string
  /** What is wrong with the connector's own code; null where nothing is. */
  reason: string | null
  /** What exactly, as developers read it; null where nothing is. */
  cause: string | null
  /** RFC 3339: when the agency's certificate ends, as it was last seen; null without TLS. */
  certificateEnds: string | null
  /** The last day on which the hub's credentials are good, where the operator has said. */
  credentialsExpire: string | null
  /** Of the agency itself; each service has one of its own. */
  breaker: BreakerState
  /** Null while the system is closed by plan: then nobody asks. */
  probe: ProbeResult | null
  planned: PlannedClosing | null
  /** Those that were called. */
  services: ServiceHealth[]
  /** Ids of the services that are sick, by their calls or by the probe. */
  affected: string[]
}

/**
 * The service by which a system is asked how it is: the declared one of the main system, of a further one
 * any, first of all one that can be asked.
 */
export function healthServiceOf(connector: ConnectorDeclaration, services: Iterable<CompiledService>, system: string) {
  const candidates = [...services].filter(
    (each) =>
      each.connector.id === connector.id &&
      each.system === system &&
      (system !== connector.id || each.contract.id === connector.health.service),
  )
  return candidates.find((each) => questionOf(each) !== null) ?? candidates[0]
}

function servicesOf(upstream: Upstream, own: readonly CompiledService[]): ServiceHealth[] {
  const breakers = upstream.breakers()
  const summaries = upstream.services()
  return own.flatMap(({ sid, contract }) => {
    const summary = summaries.get(sid)
    if (!summary) return []
    const breaker = breakers.get(sid) ?? 'closed'
    return [{ service: contract.id, status: serviceStatus(breaker, summary), breaker, ...summary }]
  })
}

export function serviceStatus(breaker: BreakerState, summary: CallSummary): HealthState {
  return breaker === 'open' ? 'fail' : breaker === 'closed' && isWell(summary) ? 'pass' : 'warn'
}

export interface HealthOptions {
  /** What keeps a system from answering by plan. */
  plannedOf?: (system: string) => PlannedClosing | null
  /** The last day on which its credentials are good, YYYY-MM-DD, where the operator has said. */
  credentialsExpireOf?: (system: string) => string | null
}

/** How all systems of a connector are, its main one first: what real calls say and what a probe finds. */
export function createConnectorHealth(
  connector: ConnectorDeclaration,
  services: Iterable<CompiledService>,
  upstreams: ReadonlyMap<string, Upstream>,
  { plannedOf = () => null, credentialsExpireOf = () => null }: HealthOptions = {},
): () => Promise<{ status: HealthState; systems: SystemHealth[] }> {
  const all = [...services]
  const standings = createStandings()
  const systems = systemsOf(connector).map(([system, , declaration]) => {
    const upstream = upstreams.get(system)
    const service = healthServiceOf(connector, all, system)
    if (!upstream || !service) throw new Error(`no health check for ${system}`)
    const own = all.filter((each) => each.system === system)
    const asked = { sid: service.sid, asksService: questionOf(service) !== null }
    const probe = createProbe(upstream, asked, connector.health.intervalSeconds * 1000)
    return { system, agency: declaration.agency ?? connector.agency, upstream, own, probe, service: service.contract.id }
  })
  type System = (typeof systems)[number]

  async function look({ system, agency, upstream, own, probe: { run }, service }: System): Promise<SystemHealth> {
    const planned = plannedOf(system)
    // Whatever was found before, a system that said it would not be there is not asked.
    const probe = planned ? null : await run()
    const services = servicesOf(upstream, own)
    const isOnlyOne = probe !== null && !probe.ok && isSickAlone(upstream, services, service, probe)
    const byCalls = stateOf(upstream)
    const credentialsExpire = credentialsExpireOf(system)
    const state = stateFrom({
      ...{ planned: planned !== null, probe, isOnlyOne, isOpen: byCalls === 'fail', isWell: byCalls === 'pass' },
      ...{ summary: upstream.summary(), waitMs: upstream.expectedWait(), now: Date.now() },
      endsAt: earliest(upstream.certificateEnd, credentialsExpire === null ? null : Date.parse(`${credentialsExpire}T24:00:00+08:00`)),
    })
    // A breaker opens after many failures, a probe fails twice.
    const isSure = planned !== null || probe?.ok === false || byCalls === 'fail'
    const standing = standings.see(system, state, isSure)
    return {
      ...{ system, agency, breaker: upstream.state, ...upstream.summary(), probe, planned, services, credentialsExpire },
      status: planned ? 'pass' : probe?.ok ? byCalls : isOnlyOne ? 'warn' : 'fail',
      ...{ state: standing.state, stateName: systemStates[standing.state], since: beijing(standing.since), reason: null, cause: null },
      certificateEnds: upstream.certificateEnd === null ? null : beijing(upstream.certificateEnd),
      affected: planned ? own.map(({ contract }) => contract.id) : affectedBy(services, service, probe),
    }
  }

  return async () => {
    const found = await Promise.all(systems.map(look))
    return { status: worst(found.map(({ status }) => status)), systems: found }
  }
}

function affectedBy(services: readonly ServiceHealth[], asked: string, probe: ProbeResult | null): string[] {
  const sick = services.filter(({ status }) => status !== 'pass').map((each) => each.service)
  return [...new Set(probe === null || probe.ok || probe.asked === 'gateway' ? sick : [...sick, asked])]
}

function earliest(...moments: readonly (number | null)[]): number | null {
  const known = moments.filter((moment) => moment !== null)
  return known.length === 0 ? null : Math.min(...known)
}

/** Whether the service that was asked is sick alone: others have answered well, and the agency's own breaker is closed. */
function isSickAlone(upstream: Upstream, services: readonly ServiceHealth[], asked: string, probe: ProbeResult): boolean {
  const areWell = services.some(({ service, status, calls }) => service !== asked && status === 'pass' && calls > 0)
  return probe.asked === 'service' && upstream.state === 'closed' && areWell
}

export function worst(states: readonly HealthState[]): HealthState {
  if (states.includes('fail')) return 'fail'
  return states.includes('warn') ? 'warn' : 'pass'
}
