import type { FastifyInstance } from 'fastify'
import type { CompiledService } from '../../../core/call/service.ts'
import type { BreakerState } from '../../../core/upstream/breaker.ts'
import { counter, gauge, type Metric, type Sample, sample } from './metric.ts'

/** What stands behind a number of `hub_breaker_state`. */
export const BREAKER_VALUES: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 }

type Source = Pick<FastifyInstance, 'upstreams' | 'platforms' | 'services' | 'retryBudgets'>

/** The ways out: who waits, which breakers are open, what could not be read. Read from what each keeps of itself. */
export function agencyMetrics({ upstreams, platforms, services, retryBudgets }: Source): Metric[] {
  const nameOf = serviceNames(services.values())
  const systems = (read: (system: string, upstream: NonNullable<ReturnType<typeof upstreams.get>>) => readonly Sample[]) => () =>
    [...upstreams].flatMap(([system, upstream]) => read(system, upstream))
  const retries = (name: 'sent' | 'denied') => () => [...retryBudgets].map(([system, budget]) => sample(budget[name], { system }))

  return [
    gauge(
      'hub_upstream_calls_under_way',
      'Calls under way at an agency',
      systems((system, { load }) => [sample(load().underWay, { system })]),
    ),
    gauge(
      'hub_upstream_calls_waiting',
      'Calls that wait for a place at an agency',
      systems((system, { load }) => [sample(load().waiting, { system })]),
    ),
    gauge(
      'hub_upstream_expected_wait_seconds',
      'Time after which a call that came now would be answered, while others wait',
      systems((system, upstream) => [sample(upstream.expectedWait() / 1000, { system })]),
    ),
    gauge('hub_breaker_state', 'Breakers of systems (no service) and of services that were called: 0 closed, 1 half-open, 2 open', () => [
      ...[...upstreams, ...[...platforms].map(([id, { upstream }]) => [id, upstream] as const)].flatMap(([system, upstream]) => [
        sample(BREAKER_VALUES[upstream.state], { system, service: '' }),
        ...[...upstream.breakers()].map(([sid, state]) => sample(BREAKER_VALUES[state], { system, service: nameOf(system, sid) })),
      ]),
    ]),
    counter('hub_upstream_retries_total', 'Sends beyond the first of a call', retries('sent')),
    counter('hub_upstream_retries_denied_total', 'Sends that the retry budget did not allow', retries('denied')),
    counter('hub_answer_oddities_total', 'Fields that could not be read (unreadable) and codes that no list knows (unknown-code)', () =>
      [...services.values()].flatMap(({ connector, contract, oddities }) =>
        oddities.list().map(({ kind, field, count }) => sample(count, { connector: connector.id, service: contract.id, kind, field })),
      ),
    ),
  ]
}

/** → the id of a service by its system and its id at the agency; further ids of a service stand for themselves. */
export function serviceNames(services: Iterable<CompiledService>): (system: string, sid: string) => string {
  const names = new Map([...services].map(({ system, sid, contract }) => [`${system} ${sid}`, contract.id]))
  return (system, sid) => names.get(`${system} ${sid}`) ?? sid
}
