/** What real calls to one agency looked like lately: the last `SAMPLES` calls, not older than `WINDOW_MS`. */
export interface CallStatistics {
  record(ms: number, outcome: 'ok' | string): void
  summary(): CallSummary
}

export interface CallSummary {
  /** Calls in the window. */
  calls: number
  /** Share of successful calls, null without calls. */
  successRate: number | null
  /** Milliseconds; null without calls. */
  latency: { p50: number; p95: number; p99: number } | null
  /** RFC 3339. */
  lastSuccess: string | null
  lastFailure: { at: string; code: string } | null
}

const SAMPLES = 1024
const WINDOW_MS = 300_000

export function createStatistics(): CallStatistics {
  const times = new Float64Array(SAMPLES)
  const durations = new Float64Array(SAMPLES)
  const successes = new Uint8Array(SAMPLES)
  let next = 0
  let lastSuccess = 0
  let lastFailure: { at: number; code: string } | null = null

  return {
    record(ms, outcome) {
      const at = Date.now()
      const index = next++ % SAMPLES
      times[index] = at
      durations[index] = ms
      successes[index] = outcome === 'ok' ? 1 : 0
      if (outcome === 'ok') lastSuccess = at
      else lastFailure = { at, code: outcome }
    },
    summary() {
      const since = Date.now() - WINDOW_MS
      const recent: number[] = []
      let succeeded = 0
      for (let index = 0; index < Math.min(next, SAMPLES); index++) {
        if ((times[index] ?? 0) < since) continue
        recent.push(durations[index] ?? 0)
        succeeded += successes[index] ?? 0
      }
      recent.sort((a, b) => a - b)
      const quantile = (share: number) => Math.round((recent[Math.ceil(share * recent.length) - 1] ?? 0) * 10) / 10
      return {
        calls: recent.length,
        successRate: recent.length === 0 ? null : Math.round((succeeded / recent.length) * 10_000) / 10_000,
        latency: recent.length === 0 ? null : { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) },
        lastSuccess: lastSuccess === 0 ? null : new Date(lastSuccess).toISOString(),
        lastFailure: lastFailure && { at: new Date(lastFailure.at).toISOString(), code: lastFailure.code },
      }
    },
  }
}
