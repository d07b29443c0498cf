import type { Database } from '../../core/base/database.ts'
import { openDatabase } from '../store/open.ts'
import type { HeadsPlace, Seen } from './heads-place.ts'
import { within } from './store.ts'

const TABLE = 'audit_heads'
const PAGE = 1000
/** Lines that a process looks at to find the last one in good order. */
const FIRST_LOOK = 20

interface Row {
  id: number | string
  line: string
}
interface Pool {
  acquireConnection(): Promise<unknown>
  releaseConnection(connection: unknown): Promise<void>
}

/** A table of lines in a database of its own. Its user needs SELECT and INSERT there, once the table is. */
export function openHeadsDatabase(url: string): HeadsPlace {
  const { hostname, pathname } = new URL(url)
  const database = openDatabase({ url, dataDir: '' })
  // The last line seen; null before this process has looked.
  let last: number | null = null
  let there = false

  async function prepare(): Promise<void> {
    if (!there && !(await database.schema.hasTable(TABLE))) await create(database)
    there = true
  }

  async function look(connection: unknown): Promise<Seen> {
    const rows = () => database(TABLE).connection(connection).select('id', 'line')
    const latest: Row[] = await rows().orderBy('id', 'desc').limit(FIRST_LOOK)
    const end = Number(latest[0]?.id ?? 0)
    const shrunk = last !== null && end < last
    const news: Row[] = last === null || shrunk ? latest.reverse() : await rows().where('id', '>', last).orderBy('id')
    last = end
    return { lines: news.map(({ line }) => line), shrunk }
  }

  return {
    name: `mysql://${hostname}${pathname}`,
    async append(next) {
      await within(prepare())
      const pool = database.client as Pool
      const connection = await within(pool.acquireConnection())
      const ask = (sql: string) => within(database.raw(sql, [`${TABLE} ${pathname}`.slice(0, 64)]).connection(connection))
      try {
        const [[{ got }]] = await ask('select get_lock(?, 4) as got')
        if (got !== 1) throw new Error('another process holds the place')
        const made = next(await within(look(connection)))
        if (made) [last = null] = await within(database(TABLE).connection(connection).insert({ line: made }))
      } finally {
        await ask('do release_lock(?)').catch(() => {})
        await pool.releaseConnection(connection)
      }
    },
    async *lines() {
      await within(prepare())
      for (let from = 0, full = true; full; ) {
        const rows: Row[] = await within(database(TABLE).where('id', '>', from).orderBy('id').limit(PAGE).select('id', 'line'))
        for (const { line } of rows) yield line
        from = Number(rows.at(-1)?.id ?? 0)
        full = rows.length === PAGE
      }
    },
    close: () => database.destroy(),
  }
}

async function create(database: Database): Promise<void> {
  const made = database.schema.createTable(TABLE, (table) => {
    table.bigIncrements('id')
    table.text('line', 'longtext').notNullable()
  })
  await made.catch(async (error: unknown) => {
    // Another process was faster.
    if (!(await database.schema.hasTable(TABLE))) throw error
  })
}
