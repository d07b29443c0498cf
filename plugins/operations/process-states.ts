import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Oddity } from '../../core/call/oddities.ts'
import type { BreakerState } from '../../core/upstream/breaker.ts'
import type { CallSummary } from '../../core/upstream/statistics.ts'
import { type HealthState, stateOf } from './health.ts'
import { serviceNames } from './metrics/agencies.ts'
import { type SystemState, stateFrom } from './system-state.ts'

/** How one process finds one system, by its own calls of the last minutes. */
export interface SystemView {
  status: HealthState
  /** The same in more words, by calls alone. */
  state: SystemState
  breaker: BreakerState
  /** Services whose breaker is not closed. */
  services: Readonly<Record<string, BreakerState>>
  calls: number
  succeeded: number
  unreadable: number
  unauthorised: number
  /** Milliseconds; null without calls. */
  p95: number | null
  /** All of these figures, and those of each service that was called, by its id; absent of a process of a version before. */
  summary?: CallSummary
  called?: Readonly<Record<string, CallSummary>>
}

export interface Probed {
  status: HealthState
  state: SystemState
  at: number
}

/** How one process stands. */
export interface ProcessView {
  id: string
  startedAt: number
  seenAt: number
  /** Those that were called, or that are not well. */
  systems: Readonly<Record<string, SystemView>>
  /** What the last probe of a system said, where this process asked; epoch milliseconds. */
  probes: Readonly<Record<string, Probed>>
  /** What was odd in answers of `<connector>.<service>`; absent of a process of a version before. */
  oddities?: Readonly<Record<string, readonly Oddity[]>>
  auditWritable: boolean
  headsAgeMs: number | null
}

export interface Processes {
  /** Writes down how this process stands. */
  publish(): Promise<void>
  /** All that have been heard of lately. */
  live(): Promise<ProcessView[]>
  /** The same without this one, which knows better how it stands. */
  others(): Promise<ProcessView[]>
  probed(system: string, found: Omit<Probed, 'at'>): void
}

declare module 'fastify' {
  interface FastifyInstance {
    processes: Processes
  }
}

const EVERY_MS = 5000
const LIVE_MS = 20_000
/** A process that died says nothing any more; its row goes. */
const FORGET_MS = 3_600_000

/** What processes tell each other of the agencies and of themselves: a row each in `process_states`, from when they listen until they close. */
export default fp(
  async (app) => {
    const processes = createProcesses(app)
    app.decorate('processes', processes)
    let timer: NodeJS.Timeout | null = null
    let told = false
    const publish = () =>
      processes.publish().then(
        () => {
          told = false
        },
        (error: unknown) => {
          if (!told) app.log.warn({ err: error }, '本进程的状况未能写入')
          told = true
        },
      )
    app.addHook('onListen', async () => {
      timer = setInterval(() => void publish(), EVERY_MS).unref()
      await publish()
    })
    app.addHook('onClose', async () => {
      if (timer) clearInterval(timer)
      await processes.end().catch(() => undefined)
    })
  },
  { name: 'processes', dependencies: ['database', 'upstreams', 'audit', 'evidence'] },
)

/** How the breakers of a connector's systems stand in all processes: how many there are, and in how many which is not closed. */
export async function breakersOf(processes: Pick<Processes, 'live'>, connector: string) {
  const live = await processes.live()
  const counts = new Map<string, { system: string; service: string | null; open: number; halfOpen: number }>()
  const note = (system: string, service: string | null, state: BreakerState) => {
    if (state === 'closed') return
    const one = counts.get(`${system} ${service}`) ?? { system, service, open: 0, halfOpen: 0 }
    counts.set(`${system} ${service}`, one)
    one[state === 'open' ? 'open' : 'halfOpen']++
  }
  for (const { systems } of live)
    for (const [system, { breaker, services }] of Object.entries(systems)) {
      if (system !== connector && !system.startsWith(`${connector}/`)) continue
      note(system, null, breaker)
      for (const [service, state] of Object.entries(services)) note(system, service, state)
    }
  return { live: live.length, breakers: [...counts.values()] }
}

type Source = Pick<FastifyInstance, 'database' | 'upstreams' | 'services' | 'audit' | 'evidence'>

function createProcesses({ database, upstreams, services, audit, evidence }: Source): Processes & { end(): Promise<void> } {
  const id = randomUUID()
  const startedAt = Date.now()
  const probes: Record<string, Probed> = {}
  const nameOf = serviceNames(services.values())
  let isThere = false

  function systemsNow(): Record<string, SystemView> {
    const found: Record<string, SystemView> = {}
    for (const [system, upstream] of upstreams) {
      const status = stateOf(upstream)
      const summary = upstream.summary()
      const { calls, successRate, unreadable, unauthorised, latency } = summary
      if (calls === 0 && status === 'pass') continue
      const open = [...upstream.breakers()].filter(([, state]) => state !== 'closed')
      found[system] = {
        status,
        state: stateFrom({
          ...{ planned: false, probe: null, isOnlyOne: false, isOpen: status === 'fail', isWell: status === 'pass' },
          ...{ summary, waitMs: upstream.expectedWait(), endsAt: null, now: Date.now() },
        }),
        breaker: upstream.state,
        services: Object.fromEntries(open.map(([sid, state]) => [nameOf(system, sid), state])),
        calls,
        succeeded: Math.round(calls * (successRate ?? 1)),
        unreadable,
        unauthorised,
        p95: latency?.p95 ?? null,
        summary,
        called: Object.fromEntries([...upstream.services()].map(([sid, called]) => [nameOf(system, sid), called])),
      }
    }
    return found
  }

  function odditiesNow(): Record<string, readonly Oddity[]> {
    const found = [...services].map(([key, { oddities }]) => [key, oddities.list()] as const)
    return Object.fromEntries(found.filter(([, list]) => list.length > 0))
  }

  async function live(): Promise<ProcessView[]> {
    const rows: { id: string; started_at: number | string; seen_at: number | string; state: string }[] = await database('process_states')
      .where('seen_at', '>', Date.now() - LIVE_MS)
      .orderBy('started_at')
    return rows.map(({ id, started_at, seen_at, state }) => ({
      id,
      startedAt: Number(started_at),
      seenAt: Number(seen_at),
      ...(JSON.parse(state) as Omit<ProcessView, 'id' | 'startedAt' | 'seenAt'>),
    }))
  }

  return {
    live,
    others: async () => (await live()).filter((each) => each.id !== id),
    async publish() {
      const seen_at = Date.now()
      const { ageMs: headsAgeMs } = evidence.state
      const view = { systems: systemsNow(), probes, oddities: odditiesNow(), auditWritable: audit.healthy, headsAgeMs }
      const row = { seen_at, state: JSON.stringify(view satisfies Omit<ProcessView, 'id' | 'startedAt' | 'seenAt'>) }
      const known = isThere ? await database('process_states').where({ id }).update(row) : 0
      if (known === 0) await database('process_states').insert({ id, started_at: startedAt, ...row })
      isThere = true
      await database('process_states')
        .where('seen_at', '<', seen_at - FORGET_MS)
        .delete()
    },
    probed(system, found) {
      probes[system] = { ...found, at: Date.now() }
    },
    async end() {
      if (isThere) await database('process_states').where({ id }).delete()
    },
  }
}
