import { type BreakerOptions, type BreakerState, breakerDefaults, createBreaker, type Ticket } from './breaker.ts'

/**
 * What a call said of those it was for. `unreachable`: no connection came about, which no caller can bring about;
 * `unreadable`: the agency answered, with something that cannot be read; `none`: nothing was learnt.
 */
export type Verdict = 'well' | 'ill' | 'unreachable' | 'unreadable' | 'none'

/** A call that was let through. */
export type Pass = Readonly<{ sid: string; caller: string; agency: Ticket; service: Ticket }>

/**
 * A breaker for the agency and one for each of its services. A failure counts against its service, the missing
 * connection against the agency. Unreadable answers count against nobody.
 *
 * The agency's opens when connections fail, when a second service opens and none has answered well lately, or when a
 * service opens and the agency's own health question is not answered either. Its trial is that question, asked by the
 * hub once the cool-down is over. So is the first trial of a service that has a question of its own; where it has none,
 * or that question failed, the trial is a call, of another caller than those that failed.
 */
export interface Guard {
  /** Asks for a pass; a number: refused, milliseconds until a trial. */
  admit(sid: string, caller: string): Pass | number
  /** Every pass ends in exactly one `settle`. */
  settle(pass: Pass, verdict: Verdict): void
  readonly state: BreakerState
  /** Of the services that were called, by their id at the agency. */
  services(): ReadonlyMap<string, BreakerState>
  close(): void
}

export interface GuardOptions {
  /** Asks the agency's health question: was it reached? Null where there is none: then the trial is a call. */
  ask: (() => Promise<boolean>) | null
  /** Asks a service's own question: was it answered? Null where it has none. */
  askService?: (sid: string) => (() => Promise<boolean>) | null
  breaker?: Partial<BreakerOptions> | undefined
  now?: () => number
}

export function createGuard({ ask, askService = () => null, breaker = {}, now = () => performance.now() }: GuardOptions): Guard {
  const options = { ...breakerDefaults, ...breaker }
  const agency = createBreaker({ ...options, callers: 1 }, now)
  const services = new Map<string, ReturnType<typeof createBreaker>>()
  let trial: NodeJS.Timeout | null = null
  const inquiries = new Map<string, NodeJS.Timeout>()
  let asking = false

  function serviceOf(sid: string) {
    const service = services.get(sid) ?? createBreaker(options, now)
    services.set(sid, service)
    return service
  }

  function openAgency() {
    agency.open()
    scheduleTrial()
  }

  function scheduleTrial() {
    if (!ask || trial || agency.state !== 'open') return
    trial = setTimeout(runTrial, agency.wait).unref()
  }

  function runTrial() {
    trial = null
    const ticket = agency.try()
    if (!ticket) return scheduleTrial()
    void ask?.().then((isReached) => {
      agency.settle(ticket, isReached, '')
      scheduleTrial()
    })
  }

  function scheduleInquiry(sid: string, service: ReturnType<typeof createBreaker>) {
    const question = askService(sid)
    if (!question || inquiries.has(sid) || service.state !== 'open') return
    const run = () => {
      inquiries.delete(sid)
      const ticket = agency.state === 'closed' ? service.try() : null
      if (ticket) void question().then((isAnswered) => service.settle(ticket, isAnswered, ''))
    }
    // A timer may be early by a part of a millisecond.
    inquiries.set(sid, setTimeout(run, Math.ceil(service.wait) + 1).unref())
  }

  /** One sick service may be the first sign of a sick agency. */
  function noteOpened(sid: string) {
    const others = [...services].filter(([id]) => id !== sid).map(([, service]) => service)
    if (others.some(({ state }) => state !== 'closed') && !others.some(({ hasSuccess }) => hasSuccess)) return openAgency()
    if (!ask || asking || agency.state !== 'closed') return
    asking = true
    void ask().then((isReached) => {
      asking = false
      if (!isReached) openAgency()
    })
  }

  return {
    admit(sid, caller) {
      const byAgency = agency.pass() ?? (ask ? null : agency.try(caller))
      if (!byAgency) return Math.max(agency.wait, 1)
      const service = serviceOf(sid)
      const byService = service.pass() ?? service.try(caller)
      if (byService) return { sid, caller, agency: byAgency, service: byService }
      // A trial of the agency that the service doesn't let through is none.
      agency.settle(byAgency, null, caller)
      return Math.max(service.wait, 1)
    },
    settle({ sid, caller, agency: byAgency, service: byService }, verdict) {
      agency.settle(byAgency, verdict === 'none' ? null : verdict !== 'unreachable', caller)
      const service = serviceOf(sid)
      // Whoever answers a trial is back, whatever the answer is worth.
      const succeeded = verdict === 'well' || (verdict === 'unreadable' && byService.trial) ? true : verdict === 'ill' ? false : null
      const opened = service.settle(byService, succeeded, caller)
      if (opened) noteOpened(sid)
      if (opened || byService.trial) scheduleInquiry(sid, service)
      scheduleTrial()
    },
    get state() {
      return agency.state
    },
    services: () => new Map([...services].map(([sid, { state }]) => [sid, state])),
    close() {
      if (trial) clearTimeout(trial)
      trial = null
      ask = null
      for (const inquiry of inquiries.values()) clearTimeout(inquiry)
      askService = () => null
    },
  }
}
