import { Cron } from 'croner'
import type { Database } from '../../core/base/database.ts'
import type { Log } from '../../core/base/log.ts'
import { isDue, takeLease } from './lease.ts'

/** Something that is done at set times. It may be cut off anywhere and is then done again: it must not matter. */
export interface Schedule {
  /** `<capability>.<what>`. */
  name: string
  /** In Chinese. */
  title: string
  /** Five fields of cron, Beijing time. */
  pattern: string
  run(): Promise<unknown>
}

/** How one stands; times are epoch milliseconds. */
export interface ScheduleView extends Pick<Schedule, 'name' | 'title' | 'pattern'> {
  dueAt: number
  running: boolean
  runs: number
  failures: number
  lastError: string | null
  endedAt: number | null
}

export interface Schedules {
  add(schedule: Schedule): void
  /** Writes down what has been added, where it is not there yet or has other times now. */
  begin(): Promise<void>
  due(limit: number): Promise<string[]>
  /** Does one that is due and that nobody else is at. → when it is due again, or null. */
  work(name: string): Promise<number | null>
  /** Has one done now, whenever it is due. False where there is none. */
  hasten(name: string): Promise<boolean>
  list(): Promise<ScheduleView[]>
}

interface Row {
  name: string
  pattern: string
  due_at: number
  lease_owner: string | null
  lease_until: number
  runs: number
  failures: number
  last_error: string | null
  started_at: number | null
  ended_at: number | null
}

/** A process that died at it keeps the others from it no longer than this; one that lives renews it. */
const LEASE_MS = 60_000
const FIRST_RETRY_MS = 60_000

export interface SchedulesOptions {
  database: Database
  log: Pick<Log, 'warn'>
  now?: () => number
  leaseMs?: number
}

/** Schedules as rows with leases, so that of several processes one does what is due, once; what was missed is done once, late. */
export function createSchedules({ database, log, now = Date.now, leaseMs = LEASE_MS }: SchedulesOptions): Schedules {
  const known = new Map<string, Schedule>()
  const rows = () => database('schedules')

  async function claim(name: string): Promise<string | null> {
    const at = now()
    return takeLease(rows().where({ name }).modify(isDue, at), at, leaseMs, { started_at: at })
  }

  async function run({ name, run: work }: Schedule, lease_owner: string): Promise<string | null> {
    const renewing = setInterval(
      () =>
        void rows()
          .where({ name, lease_owner })
          .update({ lease_until: now() + leaseMs })
          .catch(() => undefined),
      leaseMs / 3,
    ).unref()
    try {
      await work()
      return null
    } catch (error) {
      const { code, name: kind, message } = error as Error & { code?: unknown }
      log.warn({ schedule: name, error: String(code ?? message) }, '定时任务没有完成，稍后再试')
      return String(code ?? kind).slice(0, 64)
    } finally {
      clearInterval(renewing)
    }
  }

  return {
    add(schedule) {
      if (known.has(schedule.name)) throw new Error(`two schedules ${schedule.name}`)
      // Throws for a pattern that is none.
      nextOf(schedule.pattern, now())
      known.set(schedule.name, schedule)
    },
    async begin() {
      for (const { name, pattern } of known.values()) {
        const due_at = nextOf(pattern, now())
        await rows().insert({ name, pattern, due_at }).onConflict('name').ignore()
        await rows().where({ name }).whereNot({ pattern }).update({ pattern, due_at })
      }
    },
    async due(limit) {
      const at = now()
      const query = rows()
        .whereIn('name', [...known.keys()])
        .where('due_at', '<=', at)
        .where('lease_until', '<=', at)
      return (await query.orderBy('due_at').limit(limit).pluck('name')) as string[]
    },
    async work(name) {
      const schedule = known.get(name)
      const owner = schedule ? await claim(name) : null
      if (!schedule || owner === null) return null
      const error = await run(schedule, owner)
      const row = (await rows().where({ name, lease_owner: owner }).first()) as Row | undefined
      if (!row) return null
      const at = now()
      const failures = error === null ? 0 : row.failures + 1
      const next = nextOf(schedule.pattern, at)
      const due_at = error === null ? next : Math.min(next, at + FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10))
      const ended = { lease_owner: null, lease_until: 0, runs: row.runs + 1, failures, last_error: error, ended_at: at, due_at }
      await rows().where({ name, lease_owner: owner }).update(ended)
      return due_at
    },
    async hasten(name) {
      return known.has(name) && (await rows().where({ name }).update({ due_at: now() })) === 1
    },
    async list() {
      const at = now()
      const found = (await rows().orderBy('name')) as Row[]
      return found.flatMap((row) => {
        const schedule = known.get(row.name)
        if (!schedule) return []
        const { name, title, pattern } = schedule
        return {
          name,
          title,
          pattern,
          dueAt: Number(row.due_at),
          running: Number(row.lease_until) > at,
          runs: row.runs,
          failures: row.failures,
          lastError: row.last_error,
          endedAt: row.ended_at === null ? null : Number(row.ended_at),
        }
      })
    },
  }
}

function nextOf(pattern: string, after: number): number {
  const next = new Cron(pattern, { timezone: 'Asia/Shanghai' }).nextRun(new Date(after))
  if (!next) throw new RangeError(`the schedule ${pattern} has no next time`)
  return next.getTime()
}
