import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import type { Log } from '../../core/base/log.ts'
import type { Spell } from './closings.ts'

/** A closing that an agency has told, and an administrator has entered. Times are epoch milliseconds. */
export interface AnnouncedClosing {
  id: string
  /** Key among the hub's upstreams: the connector's id, or `<connector>/<system>`. */
  system: string
  /** Why, in words for citizens. */
  title: string
  from: number
  to: number
  createdBy: string
  createdAt: number
  /** When an administrator took it back, or let it end early. */
  endedAt: number | null
}

export interface Announced {
  /** Those of a system that are not over, as every process knows them within {@link FRESH_MS} of their being entered. */
  of(system: string): readonly Spell[]
  add(closing: Pick<AnnouncedClosing, 'system' | 'title' | 'from' | 'to' | 'createdBy'>): Promise<AnnouncedClosing>
  /** → false where there is none, or it is over. */
  end(id: string, by: string): Promise<boolean>
  /** What was entered, of one connector's systems or of all, the latest first. */
  list(filter: { page: number; pageSize: number; connector?: string }): Promise<{ rows: AnnouncedClosing[]; total: number }>
  /** Reads them now. */
  load(): Promise<void>
  /** Goes on reading them, until {@link stop}. */
  start(): void
  stop(): void
}

const FRESH_MS = 2000

interface Row {
  id: string
  system: string
  title: string
  from_at: number | string
  to_at: number | string
  created_by: string
  created_at: number | string
  ended_at: number | string | null
}

export function createAnnounced(database: Database, now: () => number, log: Pick<Log, 'warn'>): Announced {
  let known: ReadonlyMap<string, readonly Spell[]> = new Map()
  let timer: NodeJS.Timeout | null = null
  // One after the other, so that what was read earlier never replaces what was read later.
  let reading = Promise.resolve()

  async function read(): Promise<void> {
    const rows: Row[] = await database('agency_closings').whereNull('ended_at').where('to_at', '>', now()).orderBy('from_at')
    const next = new Map<string, Spell[]>()
    for (const { system, title, from_at, to_at } of rows)
      next.set(system, [...(next.get(system) ?? []), { why: 'maintenance', title, from: Number(from_at), to: Number(to_at) }])
    known = next
  }

  function load(): Promise<void> {
    const work = reading.then(read)
    reading = work.catch(() => undefined)
    return work
  }

  return {
    of: (system) => known.get(system) ?? [],
    async add({ system, title, from, to, createdBy }) {
      const row = {
        id: randomUUID(),
        system,
        title,
        from_at: from,
        to_at: to,
        created_by: createdBy,
        created_at: Date.now(),
        ended_at: null,
      }
      await database('agency_closings').insert(row)
      await load()
      return toClosing(row)
    },
    async end(id, by) {
      const changes = { ended_at: Date.now(), ended_by: by }
      const ended = await database('agency_closings').where({ id, ended_at: null }).where('to_at', '>', now()).update(changes)
      await load()
      return ended === 1
    },
    async list({ page, pageSize, connector }) {
      // Ids know neither % nor _.
      const ofConnector = (query: Knex.QueryBuilder) =>
        connector === undefined ? query : query.where({ system: connector }).orWhere('system', 'like', `${connector}/%`)
      const counted = (await database('agency_closings').where(ofConnector).count({ n: '*' }).first()) as { n: number | string }
      const newestFirst = ['created_at', 'id'].map((column) => ({ column, order: 'desc' }))
      const rows: Row[] = await database('agency_closings')
        .where(ofConnector)
        .orderBy(newestFirst)
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      return { rows: rows.map(toClosing), total: Number(counted.n) }
    },
    load,
    start() {
      timer = setInterval(() => {
        // What is known goes on until the store is back.
        load().catch((error: Error) => log.warn({ error: error.name }, '停机安排读取失败'))
      }, FRESH_MS)
      timer.unref()
    },
    stop() {
      if (timer) clearInterval(timer)
    },
  }
}

function toClosing({ id, system, title, from_at, to_at, created_by, created_at, ended_at }: Row): AnnouncedClosing {
  return {
    ...{ id, system, title, from: Number(from_at), to: Number(to_at), createdBy: created_by, createdAt: Number(created_at) },
    endedAt: ended_at === null ? null : Number(ended_at),
  }
}
