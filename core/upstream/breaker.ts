/**
 * A circuit breaker around one agency. Closed: calls pass. It opens when at least `minCalls` calls of
 * the last `windowMs` failed in a share of `failureShare` or more; open: calls are refused at once.
 * After `coolDownMs` one trial call passes (half-open): success closes it, failure opens it again with
 * a doubled cool-down, up to `maxCoolDownMs`.
 */
export interface BreakerOptions {
  windowMs: number
  minCalls: number
  failureShare: number
  coolDownMs: number
  maxCoolDownMs: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface Breaker {
  readonly state: BreakerState
  /** 0 when a call may pass, otherwise the milliseconds until a trial. Passing while half-open takes the trial. */
  admit(): number
  /** Every admitted call ends in exactly one `settle`; `null` for an outcome that says nothing about the agency. */
  settle(succeeded: boolean | null): void
}

export const breakerDefaults: BreakerOptions = {
  windowMs: 10_000,
  minCalls: 10,
  failureShare: 0.5,
  coolDownMs: 2_000,
  maxCoolDownMs: 60_000,
}

export function createBreaker(options: BreakerOptions = breakerDefaults, now: () => number = () => performance.now()): Breaker {
  let state: BreakerState = 'closed'
  let windowStart = now()
  let calls = 0
  let failures = 0
  let coolDown = options.coolDownMs
  let openUntil = 0

  function open() {
    state = 'open'
    openUntil = now() + coolDown
    coolDown = Math.min(coolDown * 2, options.maxCoolDownMs)
  }

  function close() {
    state = 'closed'
    coolDown = options.coolDownMs
    resetWindow()
  }

  function resetWindow() {
    windowStart = now()
    calls = 0
    failures = 0
  }

  return {
    get state() {
      return state
    },
    admit() {
      if (state === 'closed') return 0
      const wait = openUntil - now()
      // While the trial is under way everyone else goes on waiting.
      if (state === 'half-open' || wait > 0) return Math.max(wait, 1000)
      state = 'half-open'
      return 0
    },
    settle(succeeded) {
      if (state === 'half-open') {
        if (succeeded === true) close()
        else if (succeeded === false) open()
        // An undecided trial (the caller left, say) lets the next call try.
        else state = 'open'
        return
      }
      if (succeeded === null || state === 'open') return
      if (now() - windowStart > options.windowMs) resetWindow()
      calls++
      if (!succeeded) failures++
      if (!succeeded && calls >= options.minCalls && failures / calls >= options.failureShare) open()
    },
  }
}
