import type { FastifyInstance } from 'fastify'
import type { ProcessView, SystemView } from '../process-states.ts'
import type { Signal } from './rules.ts'

/** One value of a signal. */
export interface Reading {
  signal: Signal
  /** A system's key, a type of work, a host …: what the alert is about. */
  target: string
  /** Chinese name of it, where it has one. */
  name: string
  /** Whose system it is, by which planned windows are looked up. */
  connector: string | null
  value: number
}

export interface Readings {
  readings: readonly Reading[]
  /** Signals that could not be read: of these nothing new is known. */
  unknown: ReadonlySet<Signal>
}

const DAY_MS = 86_400_000
/** Share and speed of fewer calls say nothing. */
const LEAST_CALLS = 20
/** Agencies are asked every five minutes. */
const PROBE_MS = 15 * 60_000
const STATES = { pass: 0, warn: 1, fail: 2 } as const

type Source = Pick<FastifyInstance, 'processes' | 'connectors' | 'expiries' | 'jobs' | 'schedules' | 'candidates'>

/** Reads all signals of the hub, each source for itself: where one fails, the others still say what they say. */
export function createReadings(app: Source, now: () => number): () => Promise<Readings> {
  const names = new Map(app.connectors.map(({ id, name }) => [id, name]))

  function bySystem(signal: Signal, system: string, value: number): Reading {
    const [connector = system, ...rest] = system.split('/')
    const name = [names.get(connector) ?? connector, ...rest].join('：')
    return { signal, target: system, name, connector, value }
  }

  const plain = (signal: Signal, target: string, name: string, value: number): Reading => ({ signal, target, name, connector: null, value })

  async function ofProcesses(): Promise<Reading[]> {
    await app.processes.publish()
    const live = await app.processes.live()
    const lost = live.filter(({ auditWritable }) => !auditWritable).length
    const ages = live.map(({ headsAgeMs }) => headsAgeMs).filter((age) => age !== null)
    return [
      ...systemsOf(live, now()).flatMap(([system, views, probe]) => ofSystem(system, views, probe)),
      plain('audit-lost', 'audit', '审计日志', lost),
      ...(ages.length > 0 ? [plain('heads-age', 'evidence', '审计检查点', Math.min(...ages) / 1000)] : []),
    ]
  }

  function ofSystem(system: string, views: readonly SystemView[], probe: number): Reading[] {
    const sum = (count: (view: SystemView) => number) => views.reduce((total, view) => total + count(view), 0)
    const calls = sum((view) => view.calls)
    const state = Math.max(probe, ...views.map(({ status }) => STATES[status]))
    const slowest = Math.max(0, ...views.map(({ p95 }) => p95 ?? 0))
    return [
      bySystem('system-state', system, state),
      bySystem(
        'unreadable',
        system,
        sum((view) => view.unreadable),
      ),
      bySystem(
        'unauthorised',
        system,
        sum((view) => view.unauthorised),
      ),
      ...(calls < LEAST_CALLS
        ? []
        : [bySystem('success-rate', system, (sum((view) => view.succeeded) / calls) * 100), bySystem('latency', system, slowest / 1000)]),
    ]
  }

  async function ofExpiries(): Promise<Reading[]> {
    return (await app.expiries()).map(({ kind, subject, at }) => {
      const days = (at - now()) / DAY_MS
      return kind === 'certificate' ? plain('certificate-days', subject, subject, days) : bySystem('credential-days', subject, days)
    })
  }

  async function ofWork(): Promise<Reading[]> {
    const lettered = app.jobs.letterTypes()
    const types = (await app.jobs.overview()).filter(({ name }) => name !== OWN)
    return types.flatMap(({ name, title, failed, oldestDueAt }) => [
      plain('queue-age', name, title, oldestDueAt === null ? 0 : Math.max(0, (now() - oldestDueAt) / 1000)),
      plain(name in lettered ? 'dead-letters' : 'attention', name, title, failed),
    ])
  }

  async function ofReconciliation(): Promise<Reading[]> {
    const states = (await app.jobs.states()).filter(
      ({ type, state }) => type === 'reconciliations' && ['differing', 'failed'].includes(state),
    )
    return [
      plain(
        'reconciliation',
        'reconciliations',
        '每日对账',
        states.reduce((sum, { count }) => sum + count, 0),
      ),
    ]
  }

  async function ofSchedules(): Promise<Reading[]> {
    return (await app.schedules.list()).map(({ name, title, failures }) => plain('schedule-failures', name, title, failures))
  }

  /** Until somebody has said anew how it is used. */
  async function ofCandidates(): Promise<Reading[]> {
    return app.candidates.list.map((candidate) => {
      const isTakenBack = (app.candidates.modeOf(candidate)?.reason ?? null) !== null
      return bySystem('candidate', candidate.connector, isTakenBack ? 1 : 0)
    })
  }

  const sources: readonly [readonly Signal[], () => Promise<Reading[]>][] = [
    [['system-state', 'success-rate', 'latency', 'unreadable', 'unauthorised', 'audit-lost', 'heads-age'], ofProcesses],
    [['certificate-days', 'credential-days'], ofExpiries],
    [['queue-age', 'dead-letters', 'attention'], ofWork],
    [['reconciliation'], ofReconciliation],
    [['schedule-failures'], ofSchedules],
    [['candidate'], ofCandidates],
  ]

  return async () => {
    const readings: Reading[] = []
    const unknown = new Set<Signal>()
    for (const [signals, read] of sources)
      try {
        readings.push(...(await read()))
      } catch {
        for (const signal of signals) unknown.add(signal)
      }
    return { readings, unknown }
  }
}

/** The alerts' own deliveries: that one cannot be sent is no news that could be sent. */
export const OWN = 'alert-deliveries'

/** Each system with what all processes say of it, and what the newest probe found. */
function systemsOf(live: readonly ProcessView[], now: number): [string, SystemView[], number][] {
  const systems = new Set(live.flatMap(({ systems, probes }) => [...Object.keys(systems), ...Object.keys(probes)]))
  return [...systems].map((system) => {
    const [latest] = live
      .flatMap(({ probes }) => probes[system] ?? [])
      .filter(({ at }) => at > now - PROBE_MS)
      .sort((a, b) => b.at - a.at)
    return [system, live.flatMap(({ systems }) => systems[system] ?? []), latest ? STATES[latest.status] : 0]
  })
}
