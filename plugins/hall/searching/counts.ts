import type { Knex } from 'knex'
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
const MOST_WAITING = 500
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
  searched(words: string, found: number): void
  clicked(words: string): void
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
  let writing = Promise.resolve()
  let timer: NodeJS.Timeout | null = null

  function note(typed: string, more: Partial<Count>): void {
    const words = halfWidth(typed).toLowerCase().replace(/\s+/g, ' ').trim().slice(0, LONGEST)
    if (words === '' || PERSONAL.test(words.replaceAll(' ', ''))) return
    const day = beijing(Date.now()).slice(0, 10)
    const key = `${day} ${words}`
    const row = waiting.get(key) ?? { day, words, searches: 0, empty: 0, clicks: 0 }
    if (!waiting.has(key) && waiting.size >= MOST_WAITING) return
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
    searched: (words, found) => note(words, { searches: 1, empty: found === 0 ? 1 : 0 }),
    clicked: (words) => note(words, { clicks: 1 }),
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
  await transaction('search_counts').insert({ day, words, searches: 0, empty: 0, clicks: 0 }).onConflict(['day', 'words']).ignore()
  await transaction('search_counts').where({ day, words }).increment({ searches, empty, clicks })
}
