/** What real calls looked like lately: the last `samples` calls, not older than `WINDOW_MS`. */
export interface CallStatistics {
  record(ms: number, outcome: 'ok' | string): void
  summary(): CallSummary
}

export interface CallSummary {
  /** Calls in the window. */
  calls: number
  /** Share of successful calls, null without calls. */
  successRate: number | null
  /** Of these calls: answers that could not be read, refusals of the hub's own credentials, and those without an answer in time. */
  unreadable: number
  unauthorised: number
  timedOut: number
  /** Milliseconds; null without calls. */
  latency: { p50: number; p95: number; p99: number } | null
  /** RFC 3339. */
  lastSuccess: string | null
  lastFailure: { at: string; code: string } | null
}

const WINDOW_MS = 300_000

const OK = 1
const UNREADABLE = 2
const UNAUTHORISED = 3
const TIMED_OUT = 4
const KINDS: Readonly<Record<string, number>> = {
  ok: OK,
  unreadable: UNREADABLE,
  HUB_UPSTREAM_CREDENTIAL: UNAUTHORISED,
  HUB_UPSTREAM_TIMEOUT: TIMED_OUT,
}

export function createStatistics(samples = 1024): CallStatistics {
  const times = new Float64Array(samples)
  const durations = new Float64Array(samples)
  const kinds = new Uint8Array(samples)
  let next = 0
  let lastSuccess = 0
  let lastFailure: { at: number; code: string } | null = null

  return {
    record(ms, outcome) {
      const at = Date.now()
      const index = next++ % samples
      times[index] = at
      durations[index] = ms
      kinds[index] = KINDS[outcome] ?? 0
      if (outcome === 'ok') lastSuccess = at
      else lastFailure = { at, code: outcome === 'unreadable' ? 'HUB_UPSTREAM_INVALID' : outcome }
    },
    summary() {
      const since = Date.now() - WINDOW_MS
      const recent: number[] = []
      const counts = [0, 0, 0, 0, 0]
      for (let index = 0; index < Math.min(next, samples); index++) {
        if ((times[index] ?? 0) < since) continue
        recent.push(durations[index] ?? 0)
        const kind = kinds[index] ?? 0
        counts[kind] = (counts[kind] ?? 0) + 1
      }
      recent.sort((a, b) => a - b)
      const quantile = (share: number) => Math.round((recent[Math.ceil(share * recent.length) - 1] ?? 0) * 10) / 10
      return {
        calls: recent.length,
        successRate: recent.length === 0 ? null : Math.round(((counts[OK] ?? 0) / recent.length) * 10_000) / 10_000,
        unreadable: counts[UNREADABLE] ?? 0,
        unauthorised: counts[UNAUTHORISED] ?? 0,
        timedOut: counts[TIMED_OUT] ?? 0,
        latency: recent.length === 0 ? null : { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) },
        lastSuccess: lastSuccess === 0 ? null : new Date(lastSuccess).toISOString(),
        lastFailure: lastFailure && { at: new Date(lastFailure.at).toISOString(), code: lastFailure.code },
      }
    },
  }
}
