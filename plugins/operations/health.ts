import type { CompiledService } from '../../core/call/service.ts'
import { systemsOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import type { BreakerState } from '../../core/upstream/breaker.ts'
import type { CallSummary } from '../../core/upstream/statistics.ts'
import type { Upstream } from '../../core/upstream/upstream.ts'

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
}

/** Asks an agency the dialect's cheap question, not more often than every `intervalMs` however many ask for the result. */
function createProbe(
  upstream: Upstream,
  sid: string,
  intervalMs: number,
): { run(): Promise<ProbeResult>; readonly last: ProbeResult | null } {
  let last: ProbeResult | null = null
  let underWay: Promise<ProbeResult> | null = null
  let freshUntil = 0

  async function probe(): Promise<ProbeResult> {
    const start = performance.now()
    const code = await upstream.probe(sid, 3000).then(
      () => null,
      (error: { code?: string }) => error.code ?? 'HUB_INTERNAL',
    )
    last = { ok: code === null, at: new Date().toISOString(), ms: Math.round(performance.now() - start), code }
    freshUntil = performance.now() + intervalMs
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
    get last() {
      return last
    },
  }
}

export interface ServiceHealth extends CallSummary {
  /** The service's id in the connector. */
  service: string
  status: HealthState
  breaker: BreakerState
}

export interface SystemHealth extends CallSummary {
  /** Key of the system: the connector's id, or `<connector>/<system>`. */
  system: string
  agency: string
  status: HealthState
  /** Of the agency itself; each service has one of its own. */
  breaker: BreakerState
  probe: ProbeResult
  /** Those that were called. */
  services: ServiceHealth[]
}

/** The service by which a system is asked how it is: the declared one of the main system, any of a further one. */
export function healthServiceOf(connector: ConnectorDeclaration, services: Iterable<CompiledService>, system: string) {
  return [...services].find(
    (each) =>
      each.connector.id === connector.id &&
      each.system === system &&
      (system !== connector.id || each.contract.id === connector.health.service),
  )
}

function servicesOf(upstream: Upstream, own: readonly CompiledService[]): ServiceHealth[] {
  const breakers = upstream.breakers()
  const summaries = upstream.services()
  return own.flatMap(({ sid, contract }) => {
    const summary = summaries.get(sid)
    if (!summary) return []
    const breaker = breakers.get(sid) ?? 'closed'
    const status = breaker === 'open' ? 'fail' : breaker === 'closed' && isWell(summary) ? 'pass' : 'warn'
    return [{ service: contract.id, status, breaker, ...summary }]
  })
}

/** How all systems of a connector are, its main one first: what real calls say and what a probe finds. */
export function createConnectorHealth(
  connector: ConnectorDeclaration,
  services: Iterable<CompiledService>,
  upstreams: ReadonlyMap<string, Upstream>,
): () => Promise<{ status: HealthState; systems: SystemHealth[] }> {
  const all = [...services]
  const systems = systemsOf(connector).map(([system, , declaration]) => {
    const upstream = upstreams.get(system)
    const service = healthServiceOf(connector, all, system)
    if (!upstream || !service) throw new Error(`no health check for ${system}`)
    const own = all.filter((each) => each.system === system)
    const probe = createProbe(upstream, service.sid, connector.health.intervalSeconds * 1000)
    return { system, agency: declaration.agency ?? connector.agency, upstream, own, probe }
  })

  return async () => {
    const found = await Promise.all(
      systems.map(async ({ system, agency, upstream, own, probe: { run } }) => {
        const probe = await run()
        const status = probe.ok ? stateOf(upstream) : 'fail'
        return { system, agency, status, breaker: upstream.state, ...upstream.summary(), probe, services: servicesOf(upstream, own) }
      }),
    )
    return { status: worst(found.map(({ status }) => status)), systems: found }
  }
}

export function worst(states: readonly HealthState[]): HealthState {
  if (states.includes('fail')) return 'fail'
  return states.includes('warn') ? 'warn' : 'pass'
}
