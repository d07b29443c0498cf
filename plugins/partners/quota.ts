import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import { ALL, type Limit, type Limits } from './limits.ts'

/** How much applications have asked, counted in the store: by all processes together. */
export interface Quota {
  /** Counts one call. Throws HUB_RATE_LIMITED, with when to ask again, where one of the application's limits is reached. */
  spend(clientId: string, service: string): Promise<void>
  /** What was used of each limit that is counted now. */
  used(clientId: string): Promise<{ service: string; period: keyof Limit; used: number }[]>
  purge(): Promise<void>
}

interface Period {
  name: keyof Limit
  /** How it is kept: the beginning of a time in Beijing. */
  length: number
  words: string
}

const PERIODS: readonly Period[] = [
  { name: 'perMinute', length: 16, words: '本分钟' },
  { name: 'perDay', length: 10, words: '今日' },
  { name: 'perMonth', length: 7, words: '本月' },
]

/** Of a large limit a process takes so much at a time: one call in so many writes, and so much of it at most stays unused. */
const SHARE = 100
const MOST_AT_ONCE = 100
const KEPT_MS = 100 * 86_400_000

interface Counter {
  client_id: string
  service: string
  period: string
}

export function createQuota(database: Database, limits: Limits, now: () => number = Date.now): Quota {
  // What this process took and has not used yet.
  const left = new LRUCache<string, number>(atMost(10_000))
  const keyOf = ({ client_id, service, period }: Counter) => `${client_id} ${service} ${period}`
  const give = (key: string, calls: number) => left.set(key, (left.get(key) ?? 0) + calls)

  /** Adds as much as is left below the limit, in one statement: of two processes neither goes beyond it. */
  const add = async (counter: Counter, calls: number, limit: number): Promise<boolean> =>
    (await database('application_usage')
      .where(counter)
      .andWhere('used', '<=', limit - calls)
      .increment('used', calls)) === 1

  async function take(counter: Counter, calls: number, limit: number): Promise<boolean> {
    if (calls > limit) return false
    if (await add(counter, calls, limit)) return true
    await database('application_usage')
      .insert({ ...counter, used: 0 })
      .onConflict(['client_id', 'service', 'period'])
      .ignore()
    return add(counter, calls, limit)
  }

  async function spendOne(counter: Counter, limit: number): Promise<boolean> {
    const key = keyOf(counter)
    const held = left.get(key) ?? 0
    if (held > 0) {
      left.set(key, held - 1)
      return true
    }
    const share = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(limit / SHARE)))
    if (share > 1 && (await take(counter, share, limit))) {
      give(key, share - 1)
      return true
    }
    return take(counter, 1, limit)
  }

  return {
    async spend(clientId, service) {
      const at = now()
      const recent = limits.recent(clientId)
      const all = recent instanceof Promise ? await recent : recent
      const spent: string[] = []
      for (const scope of [service, ALL]) {
        const limit = all[scope]
        for (const { name, length, words } of limit ? PERIODS : []) {
          const most = limit?.[name] ?? null
          if (most === null) continue
          const counter = { client_id: clientId, service: scope, period: beijing(at).slice(0, length) }
          if (await spendOne(counter, most)) {
            spent.push(keyOf(counter))
            continue
          }
          // What another limit had already counted was not used.
          for (const key of spent) give(key, 1)
          const what = scope === ALL ? '应用' : '应用对这项服务'
          const retryAfter = Math.max(1, Math.ceil((endOf(name, at) - at) / 1000))
          throw new HubError('HUB_RATE_LIMITED', { detail: `${what}${words}的调用次数已达上限（${most} 次）。`, retryAfter })
        }
      }
    },
    async used(clientId) {
      const at = beijing(now())
      const periods = new Map(PERIODS.map(({ name, length }) => [at.slice(0, length), name]))
      const rows: { service: string; period: string; used: number | string }[] = await database('application_usage')
        .where({ client_id: clientId })
        .whereIn('period', [...periods.keys()])
        .orderBy(['service', 'period'])
      return rows.map(({ service, period, used }) => ({ service, period: periods.get(period) ?? 'perDay', used: Number(used) }))
    },
    async purge() {
      // Minutes are longer than days, and both are in the order of time.
      const [minute, day] = [beijing(now() - 3_600_000).slice(0, 16), beijing(now() - KEPT_MS).slice(0, 10)]
      await database('application_usage')
        .where('period', '<', day)
        .orWhere((either) => either.where('period', 'like', '%T%').andWhere('period', '<', minute))
        .delete()
    },
  }
}

/** When the period ends in which a moment lies, Beijing time. */
function endOf(period: keyof Limit, at: number): number {
  if (period === 'perMinute') return Math.floor(at / 60_000) * 60_000 + 60_000
  const [year = 0, month = 1, day = 1] = beijing(at).slice(0, 10).split('-').map(Number)
  const next = period === 'perDay' ? Date.UTC(year, month - 1, day + 1) : Date.UTC(year, month, 1)
  return next - 8 * 3_600_000
}
