import type { Database } from '../../../core/base/database.ts'
import type { Log } from '../../../core/base/log.ts'

export const MOST_RECENT = 12
/** What was not used for so long is forgotten. */
export const KEPT_MS = 90 * 86_400_000
const WRITE_MS = 5000
/** Beyond it nothing is noted until it has been written: this is no evidence. */
const MOST_WAITING = 10_000
/** Rows of one statement: SQLite takes so many values. */
const AT_ONCE = 200

export interface Recents {
  /** For the hot path: written together with others, a few seconds later. */
  note(userId: string, service: string): void
  /** Keys of services, the last one first. */
  list(userId: string): Promise<string[]>
  forget(userId: string): Promise<void>
  /** Deletes what is older than {@link KEPT_MS}. */
  purge(): Promise<void>
  start(): void
  stop(): Promise<void>
}

export function createRecents(database: Database, log: Pick<Log, 'warn'>): Recents {
  const table = 'recent_services'
  let waiting = new Map<string, { user_id: string; service: string; used_at: number }>()
  let writing = Promise.resolve()
  let timer: NodeJS.Timeout | null = null

  async function write(): Promise<void> {
    const rows = [...waiting.values()]
    waiting = new Map()
    for (let from = 0; from < rows.length; from += AT_ONCE)
      await database(table)
        .insert(rows.slice(from, from + AT_ONCE))
        .onConflict(['user_id', 'service'])
        .merge(['used_at'])
  }

  function flush(): Promise<void> {
    if (waiting.size === 0) return writing
    const work = writing.then(write)
    writing = work.catch((error: Error) => log.warn({ error: error.name }, '最近使用的服务没有记下'))
    return writing
  }

  return {
    note(userId, service) {
      if (waiting.size < MOST_WAITING) waiting.set(`${userId} ${service}`, { user_id: userId, service, used_at: Date.now() })
    },
    async list(userId) {
      await flush()
      return database(table)
        .where({ user_id: userId })
        .where('used_at', '>', Date.now() - KEPT_MS)
        .orderBy([{ column: 'used_at', order: 'desc' }, 'service'])
        .limit(MOST_RECENT)
        .pluck('service')
    },
    async forget(userId) {
      await flush()
      await database(table).where({ user_id: userId }).delete()
    },
    async purge() {
      await database(table)
        .where('used_at', '<', Date.now() - KEPT_MS)
        .delete()
    },
    start() {
      timer = setInterval(() => void flush(), WRITE_MS)
      timer.unref()
    },
    async stop() {
      if (timer) clearInterval(timer)
      await flush()
    },
  }
}
