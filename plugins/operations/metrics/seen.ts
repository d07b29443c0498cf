import { createCounts, createHistogram } from './histogram.ts'
import type { Metric } from './metric.ts'

/** What calls were like: rate, errors, duration, of those that come in and of those that go out. */
export interface Seen {
  /** A call of the hub's, answered. Names are of declarations and routes, never a caller's words. */
  request(connector: string, service: string, outcome: string, ms: number): void
  /** A call to an agency that got a place. */
  upstream(system: string, service: string, outcome: string, ms: number, waitedMs: number): void
  /** A short-lived credential was fetched, or could not be: the agency's own, or a user's there. */
  renewal(system: string, of: 'agency' | 'user', outcome: string): void
  readonly metrics: readonly Metric[]
}

export function createSeen(): Seen {
  const requests = createCounts('hub_requests_total', 'Calls answered, by connector, service and outcome (ok or an error code)')
  const durations = createHistogram('hub_request_duration_seconds', 'Time until a call was answered')
  const calls = createCounts('hub_upstream_calls_total', 'Calls to agencies that got a place, by system, service and outcome')
  const upstreamDurations = createHistogram('hub_upstream_duration_seconds', 'Time until an agency had answered, waiting apart')
  const waits = createHistogram('hub_upstream_wait_seconds', 'Time that calls waited for a place at an agency')
  const renewals = createCounts(
    'hub_credential_renewals_total',
    'Secrets and tokens of agencies fetched, by system, whose they are and outcome',
  )
  return {
    request(connector, service, outcome, ms) {
      const key = `${connector} ${service}`
      requests.add(`${key} ${outcome}`, () => ({ connector, service, outcome }))
      durations.observe(key, () => ({ connector, service }), ms)
    },
    upstream(system, service, outcome, ms, waitedMs) {
      const key = `${system} ${service}`
      calls.add(`${key} ${outcome}`, () => ({ system, service, outcome }))
      upstreamDurations.observe(key, () => ({ system, service }), ms)
      waits.observe(system, () => ({ system }), waitedMs)
    },
    renewal: (system, of, outcome) => renewals.add(`${system} ${of} ${outcome}`, () => ({ system, of, outcome })),
    metrics: [requests, durations, calls, upstreamDurations, waits, renewals],
  }
}
