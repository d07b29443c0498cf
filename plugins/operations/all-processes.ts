import { beijing } from '../../core/base/time.ts'
import type { BreakerState } from '../../core/upstream/breaker.ts'
import type { CallSummary } from '../../core/upstream/statistics.ts'
import { type HealthState, type ServiceHealth, type SystemHealth, serviceStatus } from './health.ts'
import { joined } from './health-history/join.ts'
import type { Spell } from './health-history/rows.ts'
import type { SystemView } from './process-states.ts'
import { type SystemState, systemStates } from './system-state.ts'

/** What else is known of a system, beside how this process finds it. */
export interface Elsewhere {
  /** How other processes find it by their own calls. */
  views: readonly SystemView[]
  /** The state that is on record as lasting. */
  spell: Spell | undefined
  now: number
}

/**
 * A system as all processes together find it: an operator's calls go to any of them, and what he sees must not depend on which. Figures
 * add up, of durations those of the slowest process count; the state is that of the history, since when it lasts there.
 */
export function asAllFindIt(own: SystemHealth, { views, spell, now }: Elsewhere): SystemHealth {
  const summary = together([own, ...views.flatMap((view) => view.summary ?? [])])
  const services = servicesOf(own, views)
  const state = own.state === 'planned-maintenance' ? own.state : joined([own.state, ...views.flatMap((view) => voteOf(view.state))])
  const isOwn = state === null || state === own.state
  const sick = services.filter(({ status }) => status !== 'pass').map(({ service }) => service)
  return {
    ...own,
    ...summary,
    ...(isOwn ? {} : { state, stateName: systemStates[state], status: STATUSES[state] }),
    since: sinceOf(isOwn ? own : { state, since: beijing(now) }, spell),
    breaker: gravest([own.breaker, ...views.map(({ breaker }) => breaker)]),
    services,
    affected: own.planned ? own.affected : [...new Set([...own.affected, ...sick])],
  }
}

function voteOf(state: SystemState) {
  return state === 'planned-maintenance' ? [] : [state]
}

const STATUSES: Readonly<Record<SystemState, HealthState>> = {
  up: 'pass',
  'credential-expiring': 'pass',
  'planned-maintenance': 'pass',
  degraded: 'warn',
  congested: 'warn',
  'data-unreadable': 'warn',
  timeout: 'fail',
  unauthorised: 'fail',
  down: 'fail',
}

/** A process that began an hour ago knows no further back; the history does. */
function sinceOf({ state, since }: { state: SystemState; since: string }, spell: Spell | undefined): string {
  return spell?.state === state && spell.from < Date.parse(since) ? beijing(spell.from) : since
}

function servicesOf(own: SystemHealth, views: readonly SystemView[]): ServiceHealth[] {
  const known = new Map(own.services.map((each) => [each.service, each]))
  const names = new Set([...known.keys(), ...views.flatMap((view) => [...Object.keys(view.called ?? {}), ...Object.keys(view.services)])])
  return [...names].map((service) => {
    const here = known.get(service)
    const breaker = gravest([here?.breaker ?? 'closed', ...views.flatMap((view) => view.services[service] ?? [])])
    const summary = together([...(here ? [here] : []), ...views.flatMap((view) => view.called?.[service] ?? [])])
    return { service, status: serviceStatus(breaker, summary), breaker, ...summary }
  })
}

function gravest(states: readonly BreakerState[]): BreakerState {
  return states.find((state) => state === 'open') ?? states.find((state) => state === 'half-open') ?? 'closed'
}

/** Several processes' calls as those of one. */
export function together(summaries: readonly CallSummary[]): CallSummary {
  const sum = (of: (summary: CallSummary) => number) => summaries.reduce((total, summary) => total + of(summary), 0)
  const calls = sum((each) => each.calls)
  const succeeded = sum((each) => each.calls * (each.successRate ?? 0))
  const latencies = summaries.flatMap(({ latency }) => latency ?? [])
  const slowest = (of: (latency: NonNullable<CallSummary['latency']>) => number) => Math.max(...latencies.map(of))
  return {
    calls,
    successRate: calls === 0 ? null : Math.round((succeeded / calls) * 10_000) / 10_000,
    unreadable: sum((each) => each.unreadable),
    unauthorised: sum((each) => each.unauthorised),
    timedOut: sum((each) => each.timedOut),
    latency:
      latencies.length === 0 ? null : { p50: slowest(({ p50 }) => p50), p95: slowest(({ p95 }) => p95), p99: slowest(({ p99 }) => p99) },
    lastSuccess: latest(
      summaries.flatMap(({ lastSuccess }) => lastSuccess ?? []),
      (at) => at,
    ),
    lastFailure: latest(
      summaries.flatMap(({ lastFailure }) => lastFailure ?? []),
      ({ at }) => at,
    ),
  }
}

function latest<T>(found: readonly T[], at: (each: T) => string): T | null {
  return [...found].sort((a, b) => Number(at(a) < at(b)) - Number(at(a) > at(b)))[0] ?? null
}
