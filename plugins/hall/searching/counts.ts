import type { Knex } from 'knex'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../../core/base/bounded.ts'
import type { Database } from '../../../core/base/database.ts'
import { halfWidth } from '../../../core/base/half-width.ts'
import type { Log } from '../../../core/base/log.ts'
import { beijing } from '../../../core/base/time.ts'
import { transact } from '../../../core/base/transact.ts'

/** Of words so seldom looked for that they might be somebody's, nothing is told. */
export const LEAST_TOLD = 3
const KEPT_DAYS = 180
const DAY_MS = 86_400_000
const WRITE_MS = 5000
/** Beyond it nothing is counted until it has been written. */
const MOST_WAITING = 100
/** Words that nobody looked for that day, of one address in an hour: whoever makes words up fills no table. */
const MOST_OF_ADDRESS = 60
const HOUR_MS = 3_600_000
/** Within which words are looked for often enough to be told, or dropped. */
const RARE_DAYS = 7
const LONGEST = 40
/** Numbers of people, papers and telephones, and addresses: not kept. */
const PERSONAL = /\d{6}|@/

export interface Count {
  words: string
  searches: number
  /** Without a result. */
  empty: number
  /** Results that were opened. */
  clicks: number
}

export interface Counts {
  searched(words: string, found: number, address: string): void
  /** Counts only where the same was searched, and found, that day. */
  clicked(words: string, address: string): void
  /** Of days, both inclusive; the most looked for first. */
  ask(from: string, to: string, onlyEmpty: boolean): Promise<Count[]>
  purge(): Promise<void>
  start(): void
  stop(): Promise<void>
}

type Row = Count & { day: string }

/** Counts what is looked for: words and numbers, of nobody. */
export function createCounts(database: Database, log: Pick<Log, 'warn'>): Counts {
  let waiting = new Map<string, Row>()
  const spent = new LRUCache<string, number>({ ...atMost(10_000), ttl: HOUR_MS, noUpdateTTL: true })
  // Many people share one address: what this process has counted that day costs them nothing.
  const familiar = new LRUCache<string, true>(atMost(10_000))
  let writing = Promise.resolve()
  let timer: NodeJS.Timeout | null = null

  function note(typed: string, more: Partial<Count>, address: string): void {
    const words = halfWidth(typed).toLowerCase().replace(/\s+/g, ' ').trim().slice(0, LONGEST)
    if (words === '' || PERSONAL.test(words.replaceAll(' ', ''))) return
    const day = beijing(Date.now()).slice(0, 10)
    const key = `${day} ${words}`
    const row = waiting.get(key) ?? { day, words, searches: 0, empty: 0, clicks: 0 }
    if (!waiting.has(key) && waiting.size >= MOST_WAITING) return
    if (!familiar.has(key)) {
      const used = spent.get(address) ?? 0
      if (used >= MOST_OF_ADDRESS) return
      spent.set(address, used + 1)
      familiar.set(key, true)
    }
    const { searches = 0, empty = 0, clicks = 0 } = more
    waiting.set(key, { ...row, searches: row.searches + searches, empty: row.empty + empty, clicks: row.clicks + clicks })
  }

  async function write(): Promise<void> {
    const rows = [...waiting.values()]
    waiting = new Map()
    await transact(database, async (transaction) => {
      for (const row of rows) await add(transaction, row)
    })
  }

  function flush(): Promise<void> {
    if (waiting.size === 0) return writing
    writing = writing.then(write).catch((error: Error) => log.warn({ error: error.name }, '搜索次数没有记下'))
    return writing
  }

  return {
    searched: (words, found, address) => note(words, { searches: 1, empty: found === 0 ? 1 : 0 }, address),
    clicked: (words, address) => note(words, { clicks: 1 }, address),
    async ask(from, to, onlyEmpty) {
      await flush()
      const rows: Record<keyof Count, string | number>[] = await database('search_counts')
        .whereBetween('day', [from, to])
        .groupBy('words')
        .havingRaw('sum(searches) >= ?', [LEAST_TOLD])
        .modify((query) => void (onlyEmpty && query.havingRaw('sum(empty) > 0')))
        .select('words')
        .sum({ searches: 'searches', empty: 'empty', clicks: 'clicks' })
      const counts = rows.map((row) => ({
        ...{ words: String(row.words), searches: Number(row.searches), empty: Number(row.empty), clicks: Number(row.clicks) },
      }))
      return counts.sort((one, other) => other.searches - one.searches || (one.words < other.words ? -1 : 1))
    },
    async purge() {
      const before = beijing(Date.now() - KEPT_DAYS * DAY_MS).slice(0, 10)
      await database('search_counts').where('day', '<', before).delete()
      const often = database('search_counts').groupBy('words').havingRaw('sum(searches) >= ?', [LEAST_TOLD]).select('words')
      const recently = beijing(Date.now() - RARE_DAYS * DAY_MS).slice(0, 10)
      // MySQL reads no table that it deletes from, but what was read of it.
      await database('search_counts')
        .where('day', '<', recently)
        .whereNotIn('words', database.select('words').from(often.as('often')))
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

async function add(transaction: Knex.Transaction, { day, words, searches, empty, clicks }: Row): Promise<void> {
  const row = () => transaction('search_counts').where({ day, words })
  if (searches > 0) {
    await transaction('search_counts').insert({ day, words, searches: 0, empty: 0, clicks: 0 }).onConflict(['day', 'words']).ignore()
    await row().increment({ searches, empty })
  }
  if (clicks > 0) await row().whereRaw('searches > empty').increment({ clicks })
}
