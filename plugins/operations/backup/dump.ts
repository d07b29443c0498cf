import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import { version } from '../../../config/version.ts'
import type { Database } from '../../../core/base/database.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { migrationStatus } from '../../../migrations/index.ts'
import { inOrder, readSchema } from '../../store/schema.ts'
import { type EndLine, FORMAT, FORMAT_VERSION, type Manifest, type SumLine, type TableLine } from './format.ts'
import { signatureOf } from './signature.ts'

/** Rows read at once. */
const PAGE = 500

/**
 * → the lines of a backup, each with its end. All of it is one moment of the store: one transaction that only reads, while hubs go on
 * writing. Memory stays bounded, however many rows there are. Its end proves that whoever made it has this hub's keys.
 */
export async function* dumpStore(
  database: Database,
  vault: Vault,
  onTable: (table: string, rows: number) => void = () => {},
): AsyncGenerator<string> {
  const { applied } = await migrationStatus(database)
  const columns = await readSchema(database)
  const tables = Object.fromEntries(
    inOrder(columns).map((table) => [table, columns.filter((column) => column.table === table).map(({ column }) => column)]),
  )
  const manifest: Manifest = {
    ...{ format: FORMAT, version: FORMAT_VERSION, hub: version, at: new Date().toISOString() },
    ...{ engine: database.engine, migrations: applied, tables },
  }
  const all = createHash('sha256')
  const told = (line: string) => {
    all.update(line)
    return line
  }
  yield told(lineOf(manifest))

  const moment = await beginReading(database)
  try {
    let total = 0
    for (const [table, names] of Object.entries(tables)) {
      yield told(lineOf({ table } satisfies TableLine))
      const sum: SumLine = { rows: 0, sha256: '' }
      const hash = createHash('sha256')
      const rows = database.engine === 'mysql' ? streamed(moment, table, names) : paged(moment, table, names)
      for await (const row of rows) {
        const line = lineOf(names.map((name) => row[name]))
        hash.update(line)
        sum.rows++
        yield told(line)
      }
      yield told(lineOf({ ...sum, sha256: hash.digest('hex') }))
      total += sum.rows
      onTable(table, sum.rows)
    }
    const end: EndLine = { end: true, rows: total, heads: await headsOf(moment), files: await filesOf(moment) }
    yield lineOf({ ...end, mac: signatureOf(vault, all, end) })
  } finally {
    await moment.commit()
  }
}

type Row = Record<string, unknown>

/** The first read fixes the moment: InnoDB's snapshot, or SQLite's in its write-ahead log. */
async function beginReading(database: Database): Promise<Knex.Transaction> {
  return database.transaction(undefined, database.engine === 'mysql' ? { isolationLevel: 'repeatable read' } : {})
}

async function* streamed(moment: Knex.Transaction, table: string, columns: readonly string[]): AsyncGenerator<Row> {
  yield* moment(table).select(columns).stream({ highWaterMark: PAGE }) as AsyncIterable<Row>
}

/** The driver of the embedded store has no streams; its rows have numbers by which it goes on where it was. */
async function* paged(moment: Knex.Transaction, table: string, columns: readonly string[]): AsyncGenerator<Row> {
  for (let last = -1, full = true; full; ) {
    const page: Row[] = await moment(table)
      .select(columns)
      .select(moment.raw('rowid as hub_rowid'))
      .where('rowid', '>', last)
      .orderBy('rowid')
      .limit(PAGE)
    yield* page
    last = Number(page.at(-1)?.['hub_rowid'])
    full = page.length === PAGE
  }
}

export async function headsOf(database: Knex): Promise<EndLine['heads']> {
  const rows: Row[] = await database('audit_chains').orderBy('id').select({ chain: 'id', seq: 'head_seq', hash: 'head_hash' })
  return rows.map(({ chain, seq, hash }) => ({ chain: String(chain), seq: Number(seq), hash: String(hash) }))
}

async function filesOf(database: Knex): Promise<EndLine['files']> {
  const row = await database('files').where('pieces', '>', 0).count({ count: '*' }).sum({ bytes: 'received' }).first<Row>()
  return { count: Number(row?.['count']), bytes: Number(row?.['bytes'] ?? 0) }
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
