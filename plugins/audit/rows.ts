import type { Database } from '../../core/base/database.ts'
import { GENESIS, hashRecord } from './chain.ts'
import type { Head } from './entry.ts'
import { parse } from './signed.ts'

/** A row as exports and archives write it, one JSON object a line: `{"chain":…,"hash":…,"previous":…,"record":…,"seq":…}`. */
export interface RowLine extends Head {
  /** Hash of the row before; the hash is the SHA-256 of it and the record (plugins/audit/chain.ts). */
  readonly previous: string
  readonly record: string
}

const PAGE = 1000

/** Rows `first` to `last` of a chain, read page by page; `before` is the hash of the row before the first. */
export async function* readRows(database: Database, chain: string, first: number, last: number, before: string): AsyncGenerator<RowLine> {
  let previous = before
  for (let seq = first - 1, full = true; full; ) {
    const rows: { seq: number | string; record: string; hash: string }[] = await database('audit_rows')
      .where({ chain })
      .where('seq', '>', seq)
      .where('seq', '<=', last)
      .orderBy('seq')
      .limit(PAGE)
      .select('seq', 'record', 'hash')
    for (const { record, hash, ...row } of rows) {
      seq = Number(row.seq)
      yield { chain, hash, previous, record, seq }
      previous = hash
    }
    full = rows.length === PAGE
  }
}

/** Hash of a row that is in the database, or else `end`, where an archive ends. */
export async function hashAt(database: Database, chain: string, seq: number, end?: Head): Promise<string | null> {
  if (seq === (end?.seq ?? 0)) return end?.hash ?? GENESIS
  const row = await database('audit_rows').where({ chain, seq }).first('hash')
  return row?.hash ?? null
}

/** Of one chain, what a file holds without a gap. */
export interface Stretch extends Head {
  first: number
  before: string
}

export interface WalkOptions {
  accuse(chain: string, seq: number, kind: 'altered' | 'missing' | 'order', detail: string): void
  /** Told of every row. */
  visit?(row: RowLine): void
}

/** Recomputes every row of an export or archive with nothing but SHA-256. What is no row goes to `other`. */
export async function walkRows(
  lines: AsyncIterable<string>,
  { accuse, visit }: WalkOptions,
  other?: (line: unknown) => void,
): Promise<{ stretches: Map<string, Stretch>; rows: number }> {
  const stretches = new Map<string, Stretch>()
  let rows = 0
  for await (const line of lines) {
    const row = parse(line) as RowLine | null
    if (typeof row?.record !== 'string') {
      other?.(row)
      continue
    }
    rows++
    const { chain, seq, hash, previous } = row
    const inside = parse(row.record) as { chain?: unknown; seq?: unknown } | null
    if (inside?.chain !== chain || inside.seq !== seq) accuse(chain, seq, 'order', `此处是链 ${inside?.chain} 的第 ${inside?.seq} 条记录`)
    else if (hashRecord(previous, row.record) !== hash) accuse(chain, seq, 'altered', '记录或其摘要被改动')
    const before = stretches.get(chain)
    if (before && seq !== before.seq + 1) accuse(chain, before.seq + 1, 'missing', `第 ${before.seq} 与 ${seq} 条记录之间有缺`)
    else if (before && previous !== before.hash) accuse(chain, seq, 'altered', '记录不接着前一条')
    stretches.set(chain, { chain, seq, hash, first: before?.first ?? seq, before: before?.before ?? previous })
    visit?.(row)
  }
  return { stretches, rows }
}
