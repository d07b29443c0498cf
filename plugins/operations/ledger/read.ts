import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import type { AuditEntry } from '../../audit/entry.ts'
import { monthAfter, startOf } from '../../audit/months.ts'
import type { UseKind } from './uses.ts'

export interface LedgerFilter {
  /** Pseudonym of the person first, and `enterprise:<id>` of those he is the legal representative of. */
  subjects: readonly string[]
  /** Epoch milliseconds, both inclusive. */
  from?: number | undefined
  to?: number | undefined
  app?: string | undefined
  connector?: string | undefined
  service?: string | undefined
  use?: UseKind | undefined
  /** Without what the person did himself. */
  others?: boolean | undefined
  /** What is withheld too, for those who look after it. */
  withheld?: boolean
  /** Where the page before ended. */
  after?: string | undefined
  limit: number
}

/** One use of a person's data, with the row of the audit log that says so. */
export interface LedgerEntry {
  /** `<chain>_<seq>` */
  id: string
  subject: string
  at: number
  use: UseKind
  /** Epoch milliseconds; later than `at` for one that was withheld for a time. */
  shownAt: number
  row: Pick<AuditEntry, 'app' | 'user' | 'enterprise' | 'connector' | 'service' | 'purpose' | 'outcome' | 'fields' | 'traceId'> &
    Pick<AuditEntry, 'role' | 'rows'>
}

export interface EntryKey {
  chain: string
  seq: number
}

export const ENTRY_ID = '^[0-9a-f-]{36}_[1-9]\\d{0,15}$'
export const PLACE = '^\\d{1,16}_[0-9a-f-]{36}_\\d{1,16}$'

export function entryKey(id: string): EntryKey {
  const [chain = '', seq = ''] = id.split('_')
  return { chain, seq: Number(seq) }
}

interface UseRow {
  subject: string
  at: number | string
  chain: string
  seq: number | string
  use: UseKind
  shown_at: number | string
}

const ORDER = [
  { column: 'at', order: 'desc' },
  { column: 'chain', order: 'desc' },
  { column: 'seq', order: 'desc' },
] as const

/** Uses of a person's data that may be shown now, the newest first. What is withheld leaves no trace, not in `next` either. */
export async function readLedger(database: Database, filter: LedgerFilter): Promise<{ entries: LedgerEntry[]; next: string | null }> {
  const { limit } = filter
  const found: UseRow[] = await entriesOf(database, filter)
    .modify(narrow, filter)
    .orderBy([...ORDER])
    .limit(limit + 1)
  const rows = found.slice(0, limit)
  const last = found.length > limit ? rows.at(-1) : undefined
  const entries = await withEvidence(database, rows)
  // What he did for his enterprise stands there as his own as well.
  const [self] = filter.subjects
  return {
    entries: entries.filter(({ use, row }) => use !== 'agent' || row.user !== self),
    next: last ? `${last.at}_${last.chain}_${last.seq}` : null,
  }
}

/** One of these subjects' entries that may be shown now; null for any other. */
export async function findEntry(database: Database, subjects: readonly string[], { chain, seq }: EntryKey): Promise<LedgerEntry | null> {
  const rows: UseRow[] = await entriesOf(database, { subjects }).where({ chain, seq }).limit(1)
  return (await withEvidence(database, rows))[0] ?? null
}

/** An entry as those who answer for it see it, withheld or not. */
export async function anyEntry(database: Database, { chain, seq }: EntryKey): Promise<LedgerEntry | null> {
  const rows: UseRow[] = await database('data_uses').where({ chain, seq }).limit(1)
  return (await withEvidence(database, rows))[0] ?? null
}

/** → the last month whose rows were moved into an archive; null where there is none. */
export async function archivedUpTo(database: Database): Promise<string | null> {
  const row = (await database('audit_archives').max({ month: 'month' }).first()) as { month: string | null } | undefined
  return row?.month ?? null
}

/** Forgets uses whose evidence was archived. */
export async function dropArchived(database: Database): Promise<void> {
  const month = await archivedUpTo(database)
  if (month !== null)
    await database('data_uses')
      .where('at', '<', startOf(monthAfter(month)))
      .delete()
}

function entriesOf(database: Database, { subjects, withheld = false }: Pick<LedgerFilter, 'subjects' | 'withheld'>): Knex.QueryBuilder {
  const all = database('data_uses').whereIn('subject', subjects)
  return withheld ? all : all.where('shown_at', '<=', Date.now())
}

function narrow(query: Knex.QueryBuilder, { from, to, app, connector, service, use, others, after }: LedgerFilter): void {
  if (from !== undefined) query.where('at', '>=', from)
  if (to !== undefined) query.where('at', '<=', to)
  for (const [column, value] of Object.entries({ app, connector, service, use })) if (value !== undefined) query.where(column, value)
  if (others) query.whereNotIn('use', ['own', 'platform'])
  if (after === undefined) return
  const [at = '', chain = '', seq = ''] = after.split('_')
  query.whereRaw('(at, chain, seq) < (?, ?, ?)', [Number(at), chain, Number(seq)])
}

async function withEvidence(database: Database, rows: readonly UseRow[]): Promise<LedgerEntry[]> {
  const chains = Map.groupBy(rows, ({ chain }) => chain)
  const found = new Map<string, LedgerEntry['row']>()
  for (const [chain, of] of chains) {
    const seqs = of.map(({ seq }) => Number(seq))
    const records: { seq: number | string; record: string }[] = await database('audit_rows')
      .where({ chain })
      .whereIn('seq', seqs)
      .select('seq', 'record')
    for (const { seq, record } of records) found.set(`${chain}_${seq}`, JSON.parse(record))
  }
  return rows.flatMap(({ subject, at, chain, seq, use, shown_at }) => {
    const row = found.get(`${chain}_${seq}`)
    return row ? [{ id: `${chain}_${seq}`, subject, at: Number(at), use, shownAt: Number(shown_at), row }] : []
  })
}
