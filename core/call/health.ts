import { systemsOf } from '../contract/systems.ts'
import type { ConnectorDeclaration } from '../contract/types.ts'
import type { BreakerState } from '../upstream/breaker.ts'
import type { CallSummary } from '../upstream/statistics.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { CompiledService } from './service.ts'

export type HealthState = 'pass' | 'warn' | 'fail'

/** Below this share of successful calls an agency counts as ailing. */
const HEALTHY_SHARE = 0.9

/** What real calls say about an agency; without calls it counts as well. */
export function stateOf(upstream: Pick<Upstream, 'state' | 'summary'> | undefined): HealthState {
  if (!upstream || upstream.state === 'open') return 'fail'
  const { successRate } = upstream.summary()
  return upstream.state === 'half-open' || (successRate !== null && successRate < HEALTHY_SHARE) ? 'warn' : 'pass'
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

export interface SystemHealth extends CallSummary {
  /** Key of the system: the connector's id, or `<connector>/<system>`. */
  system: string
  agency: string
  status: HealthState
  breaker: BreakerState
  probe: ProbeResult
}

/** How all systems of a connector are, its main one first: what real calls say and what a probe finds. */
export function createConnectorHealth(
  connector: ConnectorDeclaration,
  services: Iterable<CompiledService>,
  upstreams: ReadonlyMap<string, Upstream>,
): () => Promise<{ status: HealthState; systems: SystemHealth[] }> {
  const own = [...services].filter((service) => service.connector.id === connector.id)
  const systems = systemsOf(connector).map(([system, , declaration]) => {
    const upstream = upstreams.get(system)
    const service = own.find((each) => each.system === system && (system !== connector.id || each.contract.id === connector.health.service))
    if (!upstream || !service) throw new Error(`no health check for ${system}`)
    const probe = createProbe(upstream, service.sid, connector.health.intervalSeconds * 1000)
    return { system, agency: declaration.agency ?? connector.agency, upstream, probe }
  })

  return async () => {
    const found = await Promise.all(
      systems.map(async ({ system, agency, upstream, probe: { run } }) => {
        const probe = await run()
        const status = probe.ok ? stateOf(upstream) : 'fail'
        return { system, agency, status, breaker: upstream.state, ...upstream.summary(), probe }
      }),
    )
    return { status: worst(found.map(({ status }) => status)), systems: found }
  }
}

export function worst(states: readonly HealthState[]): HealthState {
  if (states.includes('fail')) return 'fail'
  return states.includes('warn') ? 'warn' : 'pass'
}
