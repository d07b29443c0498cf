import type { Database } from '../../core/base/database.ts'

export interface AuditFilter {
  /** Pseudonym. */
  user?: string
  connector?: string
  service?: string
  outcome?: string
  traceId?: string
  /** Client id of the application. */
  app?: string
  /** The latest first. */
  newest?: boolean
  /** Epoch milliseconds, both inclusive. */
  from: number
  to: number
  /** Where the page before ended. */
  after?: string
  limit: number
}

/** Where a page ends: time, chain and number of its last row. */
export const AUDIT_PLACE = '^(\\d{1,16})_([0-9a-f-]{36})_(\\d{1,16})$'
const PLACE = new RegExp(AUDIT_PLACE)

interface Stored {
  chain: string
  seq: number | string
  at: number | string
  record: string
}

/** Rows that one search looks at, at most: each has to be fetched before it is known whether it fits. */
const SCAN = 10_000
/** After every row of its moment, and before every one. */
const END_OF_MOMENT = 'ffffffff-ffff-ffff-ffff-ffffffffffff_0'
const START_OF_MOMENT = '00000000-0000-0000-0000-000000000000_0'

/**
 * Rows of the audit log in the order of time, or against it, read-only. `next` leads to the following page; null on the last one. A search costs
 * the same however many rows there are: it goes on by the index of time from where the page before ended, and where few rows
 * fit, a page may hold fewer than its limit, even none, and lead on all the same.
 */
export async function searchAudit(
  database: Database,
  filter: AuditFilter,
  scan = SCAN,
): Promise<{ rows: Record<string, unknown>[]; next: string | null }> {
  const { from, to, after, limit, traceId, app, newest = false, ...columns } = filter
  const [beyond, order] = newest ? (['<', 'desc'] as const) : (['>', 'asc'] as const)
  const cursor = after === undefined ? null : PLACE.exec(after)
  const at = cursor ? Number(cursor[1]) : newest ? to : from
  const [low, high] = newest ? [from, Math.min(to, at)] : [Math.max(from, at), to]
  const wanted = Object.entries({ ...columns, trace_id: traceId }).filter(([, value]) => value !== undefined)
  // A trace has an index of its own, and without any wish every row fits.
  const sparse = (wanted.length > 0 || app !== undefined) && traceId === undefined
  const bound = sparse ? await momentBeyond(database, [low, high], order, scan) : null
  const rows: Stored[] = await database('audit_rows')
    .where('at', '>=', newest ? (bound ?? low) : low)
    .andWhere('at', '<=', newest ? high : (bound ?? high))
    .modify((query) => {
      for (const [column, value] of wanted) query.where(column, value)
      // Not a column of its own; what is alike but for a sign is let go below.
      if (app !== undefined) query.where('record', 'like', ofApp(app))
      if (cursor) query.whereRaw(`(at, chain, seq) ${beyond} (?, ?, ?)`, [Number(cursor[1]), cursor[2] ?? '', Number(cursor[3])])
    })
    .orderBy(['at', 'chain', 'seq'].map((column) => ({ column, order })))
    .limit(limit + 1)
    .select('chain', 'seq', 'at', 'record')
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  const onward = bound === null ? null : `${bound}_${newest ? START_OF_MOMENT : END_OF_MOMENT}`
  const records = page.map(({ record }) => JSON.parse(record) as Record<string, unknown>)
  return {
    rows: app === undefined ? records : records.filter((record) => record['app'] === app),
    next: last ? `${last.at}_${last.chain}_${last.seq}` : onward,
  }
}

/** → the moment up to which so many rows lie, by the index alone; null when fewer are left. */
async function momentBeyond(
  database: Database,
  [low, high]: readonly [number, number],
  order: 'asc' | 'desc',
  rows: number,
): Promise<number | null> {
  const row = await database('audit_rows').where('at', '>=', low).andWhere('at', '<=', high).orderBy('at', order).offset(rows).first('at')
  return row ? Number(row.at) : null
}

const ofApp = (id: string) => `%"app":"${id}"%`

export interface LatestFilter extends Omit<AuditFilter, 'after' | 'limit' | 'newest'> {
  limit: number
  /** Rows before those. */
  skip: number
}

/** Rows of the audit log with the newest first, for the person at the machine: a look at what happened, not a way through all of it. */
export async function latestAudit(
  database: Database,
  { from, to, limit, skip, traceId, app, ...columns }: LatestFilter,
): Promise<Record<string, unknown>[]> {
  const wanted = Object.entries({ ...columns, trace_id: traceId }).filter(([, value]) => value !== undefined)
  const rows: Pick<Stored, 'record'>[] = await database('audit_rows')
    .where('at', '>=', from)
    .andWhere('at', '<=', to)
    .modify((query) => {
      for (const [column, value] of wanted) query.where(column, value)
      if (app !== undefined) query.where('record', 'like', ofApp(app))
    })
    .orderBy([{ column: 'at', order: 'desc' }, { column: 'chain' }, { column: 'seq', order: 'desc' }])
    .offset(skip)
    .limit(limit)
    .select('record')
  const records = rows.map(({ record }) => JSON.parse(record) as Record<string, unknown>)
  // A sign of the id may stand for any other in the pattern.
  return app === undefined ? records : records.filter((record) => record['app'] === app)
}
