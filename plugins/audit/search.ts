import type { Database } from '../../core/base/database.ts'

export interface AuditFilter {
  /** Pseudonym. */
  user?: string
  connector?: string
  service?: string
  outcome?: string
  traceId?: string
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

/** Rows of the audit log in the order of time, read-only. `next` leads to the following page; null on the last one. */
export async function searchAudit(
  database: Database,
  filter: AuditFilter,
): Promise<{ rows: Record<string, unknown>[]; next: string | null }> {
  const { from, to, after, limit, traceId, ...columns } = filter
  const cursor = after === undefined ? null : PLACE.exec(after)
  const rows: Stored[] = await database('audit_rows')
    .where('at', '>=', from)
    .andWhere('at', '<=', to)
    .modify((query) => {
      const wanted = { ...columns, ...(traceId === undefined ? {} : { trace_id: traceId }) }
      for (const [column, value] of Object.entries(wanted)) if (value !== undefined) query.where(column, value)
      if (cursor) query.whereRaw('(at, chain, seq) > (?, ?, ?)', [Number(cursor[1]), cursor[2] ?? '', Number(cursor[3])])
    })
    .orderBy(['at', 'chain', 'seq'])
    .limit(limit + 1)
    .select('chain', 'seq', 'at', 'record')
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    rows: page.map(({ record }) => JSON.parse(record) as Record<string, unknown>),
    next: last ? `${last.at}_${last.chain}_${last.seq}` : null,
  }
}
