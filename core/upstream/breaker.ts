import { createSlidingWindow } from './sliding-window.ts'

/**
 * A circuit breaker as a state table. A ticket belongs to the period in which it was given: what is settled with one
 * of an earlier period changes nothing, so a late answer never decides a trial.
 *
 * | state     | what happens                                                    | becomes                                 |
 * |-----------|-----------------------------------------------------------------|-----------------------------------------|
 * | closed    | a success, or an outcome that says nothing                      | closed                                  |
 * | closed    | a failure: of the last `windowMs` at least `minCalls` calls, a share of `failureShare` failed, of `callers` distinct callers | open for `coolDownMs` |
 * | closed    | any other failure                                               | closed                                  |
 * | open      | cool-down not over                                              | open; refused                           |
 * | open      | cool-down over, asked by who had no part in the failures, or a second one over | half-open; this is the trial |
 * | half-open | any other call                                                  | half-open; refused                      |
 * | half-open | the trial succeeded                                             | closed; window and cool-down as at first |
 * | half-open | the trial failed                                                | open, cool-down doubled, up to `maxCoolDownMs`, from the trial's beginning |
 * | half-open | the trial said nothing                                          | open; the next may try at once          |
 * | any       | `open()`                                                        | open, unless it is already              |
 */
export interface BreakerOptions {
  windowMs: number
  minCalls: number
  failureShare: number
  /** Distinct callers whose calls must have failed: what one of them asks for is no verdict. */
  callers: number
  coolDownMs: number
  maxCoolDownMs: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** Told apart by identity alone. */
export type Ticket = Readonly<{ trial: boolean }>

export interface Breaker {
  readonly state: BreakerState
  /** Milliseconds until a trial may begin; 0 while closed. */
  readonly wait: number
  /** A ticket while closed, else null. */
  pass(): Ticket | null
  /** The ticket of a trial, if one is due; `caller`: whose call it would be, none for a question of the hub's own. */
  try(caller?: string): Ticket | null
  /** Every ticket ends in exactly one `settle`; `null` for an outcome that says nothing. → whether it opened a closed breaker. */
  settle(ticket: Ticket, succeeded: boolean | null, caller: string): boolean
  /** Opens for a reason that its own calls do not show. */
  open(): void
  /** Whether any call of the window went well. */
  readonly hasSuccess: boolean
}

export const breakerDefaults: BreakerOptions = {
  windowMs: 10_000,
  minCalls: 10,
  failureShare: 0.5,
  callers: 3,
  coolDownMs: 2_000,
  // An agency that is back is found out as soon as this; a trial so often costs a sick one nothing.
  maxCoolDownMs: 5_000,
}

export function createBreaker(options: BreakerOptions = breakerDefaults, now: () => number = () => performance.now()): Breaker {
  let window = createSlidingWindow(options.windowMs, now)
  let state: BreakerState = 'closed'
  let period: Ticket = { trial: false }
  let coolDown = options.coolDownMs
  let lastCoolDown = 0
  let openUntil = 0
  let tried = 0
  let culprits: ReadonlySet<string> = new Set()

  function open(since = now()) {
    if (state === 'closed') culprits = window.sum().callers
    state = 'open'
    period = { trial: false }
    openUntil = since + coolDown
    lastCoolDown = coolDown
    coolDown = Math.min(coolDown * 2, options.maxCoolDownMs)
  }

  function isIll(): boolean {
    const { calls, failures, callers } = window.sum()
    return calls >= options.minCalls && failures / calls >= options.failureShare && callers.size >= options.callers
  }

  function settleTrial(succeeded: boolean | null, caller: string) {
    state = succeeded ? 'closed' : 'open'
    if (succeeded === null) return
    if (succeeded) {
      period = { trial: false }
      coolDown = options.coolDownMs
      window = createSlidingWindow(options.windowMs, now)
      return
    }
    culprits = new Set(culprits).add(caller)
    open(tried)
  }

  return {
    get state() {
      return state
    },
    get wait() {
      return state === 'closed' ? 0 : Math.max(0, openUntil - now())
    },
    get hasSuccess() {
      const { calls, failures } = window.sum()
      return calls > failures
    },
    pass: () => (state === 'closed' ? period : null),
    try(caller) {
      if (state !== 'open') return null
      const isCulprit = caller !== undefined && culprits.has(caller)
      if (now() < openUntil + (isCulprit ? lastCoolDown : 0)) return null
      state = 'half-open'
      period = { trial: true }
      tried = now()
      return period
    },
    settle(ticket, succeeded, caller) {
      if (ticket !== period) return false
      if (ticket.trial) {
        settleTrial(succeeded, caller)
        return false
      }
      if (succeeded === null || state !== 'closed') return false
      window.add(succeeded, caller)
      if (succeeded || !isIll()) return false
      open()
      return true
    },
    open() {
      if (state === 'closed') open()
    },
  }
}
