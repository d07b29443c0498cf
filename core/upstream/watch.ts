import type { Log } from '../base/log.ts'
import type { UpstreamError } from './error.ts'
import { type CallStatistics, type CallSummary, createStatistics } from './statistics.ts'

/** What is known of the calls to one agency, of all and by service, and the alarm about what cannot be read. */
export interface Watch {
  succeeded(sid: string, ms: number): void
  failed(sid: string, ms: number, trouble: UpstreamError, isUnreadable: boolean): void
  summary(): CallSummary
  services(): ReadonlyMap<string, CallSummary>
}

/** At most one line in so long about each service. */
const ALARM_MS = 60_000
const SAMPLES_A_SERVICE = 256

export function createWatch(agency: string, log?: Pick<Log, 'warn'>): Watch {
  const all = createStatistics()
  const services = new Map<string, CallStatistics>()
  const alarms = new Map<string, { unreadable: number; next: number }>()

  function record(sid: string, ms: number, outcome: string): void {
    all.record(ms, outcome)
    let service = services.get(sid)
    if (!service) {
      service = createStatistics(SAMPLES_A_SERVICE)
      services.set(sid, service)
    }
    service.record(ms, outcome)
  }

  function alarm(sid: string, field: string | undefined): void {
    const known = alarms.get(sid) ?? { unreadable: 0, next: 0 }
    alarms.set(sid, known)
    known.unreadable++
    if (performance.now() < known.next) return
    log?.warn({ agency, sid, unreadable: known.unreadable, ...(field === undefined ? {} : { field }) }, '对方系统的答复无法识别')
    known.unreadable = 0
    known.next = performance.now() + ALARM_MS
  }

  return {
    succeeded: (sid, ms) => record(sid, ms, 'ok'),
    failed(sid, ms, { code, extras }, isUnreadable) {
      record(sid, ms, isUnreadable ? 'unreadable' : code)
      if (isUnreadable) alarm(sid, extras.field)
    },
    summary: () => all.summary(),
    services: () => new Map([...services].map(([sid, statistics]) => [sid, statistics.summary()])),
  }
}
