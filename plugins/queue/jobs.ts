import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'

/** How much there is of one type of work. */
export interface JobCounts {
  /** All that has a time at which it is due, now or later. */
  waiting: number
  /** Of it, what is due now and nobody is at. */
  due: number
  /** What somebody is at. */
  running: number
  /** What nobody will do before a person has looked. */
  failed: number
  /** Epoch milliseconds since which the oldest of the due ones has waited. */
  oldestDueAt: number | null
}

/** What came to nothing and waits for a person. */
export interface DeadLetter {
  id: string
  /** What it is about: a code or an id, never anybody's data. */
  about: string
  lastError: string | null
  attempts: number
  createdAt: number
  updatedAt: number
}

/** One type of background work, as whoever does it declares it. */
export interface JobType {
  /** `<table>`. */
  name: string
  /** In Chinese. */
  title: string
  table: string
  /** Column that says when a row is due. Default `due_at`. */
  dueColumn?: string
  /** Narrows to what is work at all. */
  live?(query: Knex.QueryBuilder): void
  /** States whose rows are counted one by one; not those in which all end up. */
  states?: readonly string[]
  /** Narrows to what waits for a person. */
  failed?(query: Knex.QueryBuilder): void
  /** Where it is one of these letters that staff may send again or give up; otherwise what failed has a place of its own. */
  letters?: {
    read(row: Readonly<Record<string, unknown>>): DeadLetter
    /** → whether there was such a letter. */
    replay(id: string): Promise<boolean>
    drop(id: string): Promise<boolean>
  }
}

export interface Jobs {
  add(type: JobType): void
  overview(): Promise<(JobCounts & Pick<JobType, 'name' | 'title'>)[]>
  /** How many rows there are in each state that a type has counted. */
  states(): Promise<{ type: string; state: string; count: number }[]>
  /** Dead letters of one type, or of all, the newest first. */
  dead(filter: { type?: string; page: number; pageSize: number }): Promise<{ rows: (DeadLetter & { type: string })[]; total: number }>
  /** Has a dead letter tried again, or gives it up for good. → its type, or null where there is no such letter. */
  replay(id: string): Promise<string | null>
  drop(id: string): Promise<string | null>
  /** Names of the types that have letters, with their titles. */
  letterTypes(): Readonly<Record<string, string>>
}

/** The work of all queues, counted where it stands: in the database, whatever becomes of Redis or a process. */
export function createJobs(database: Database, now: () => number = Date.now): Jobs {
  const types = new Map<string, JobType>()

  async function counts({ table, dueColumn = 'due_at', live, failed }: JobType): Promise<JobCounts> {
    const at = now()
    const rows = () => {
      const query = database(table)
      live?.(query)
      return query
    }
    const free = () => rows().where(dueColumn, '<=', at).where('lease_until', '<=', at)
    const oldest = (await free().min({ at: dueColumn }).first()) as { at: number | string | null } | undefined
    return {
      waiting: await count(rows().whereNotNull(dueColumn)),
      due: await count(free()),
      running: await count(rows().where('lease_until', '>', at)),
      failed: failed ? await count(database(table).modify(failed)) : 0,
      oldestDueAt: oldest?.at === null || oldest?.at === undefined ? null : Number(oldest.at),
    }
  }

  async function act(id: string, does: 'replay' | 'drop'): Promise<string | null> {
    for (const { name, letters } of types.values()) if (await letters?.[does](id)) return name
    return null
  }

  return {
    add(type) {
      types.set(type.name, type)
    },
    async overview() {
      const found = []
      for (const type of types.values()) found.push({ name: type.name, title: type.title, ...(await counts(type)) })
      return found
    },
    async states() {
      const found = []
      for (const { name, table, states = [] } of types.values()) {
        if (states.length === 0) continue
        const rows: { state: string; n: number | string }[] = await database(table)
          .whereIn('state', states)
          .groupBy('state')
          .select('state')
          .count({ n: '*' })
        const counts = new Map(rows.map(({ state, n }) => [state, Number(n)]))
        found.push(...states.map((state) => ({ type: name, state, count: counts.get(state) ?? 0 })))
      }
      return found
    },
    async dead({ type, page, pageSize }) {
      const rows: (DeadLetter & { type: string })[] = []
      let total = 0
      let skip = (page - 1) * pageSize
      for (const { name, table, failed, letters } of types.values()) {
        if (!letters || !failed || (type !== undefined && type !== name)) continue
        const all = await count(database(table).modify(failed))
        total += all
        const left = pageSize - rows.length
        if (left > 0 && skip < all) {
          const found = await database(table)
            .modify(failed)
            .orderBy([{ column: 'created_at', order: 'desc' }, 'id'])
            .offset(skip)
            .limit(left)
          rows.push(...found.map((row: Record<string, unknown>) => ({ type: name, ...letters.read(row) })))
        }
        skip = Math.max(0, skip - all)
      }
      return { rows, total }
    },
    replay: (id) => act(id, 'replay'),
    drop: (id) => act(id, 'drop'),
    letterTypes: () => Object.fromEntries([...types.values()].flatMap(({ name, title, letters }) => (letters ? [[name, title]] : []))),
  }
}

async function count(query: Knex.QueryBuilder): Promise<number> {
  const row = (await query.count({ n: '*' }).first()) as { n: number | string } | undefined
  return Number(row?.n ?? 0)
}
