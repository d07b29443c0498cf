import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from './database.ts'
import { sealContext } from './submissions/rows.ts'
import type { Vault } from './vault.ts'

/** A column of sealed text, found in the schema: its name ends in `_sealed`. */
export interface SealedColumn {
  table: string
  column: string
  /** The table's primary key. */
  key: string
}

export interface RotationProgress {
  table: string
  column: string
  /** Cells sealed anew so far. */
  done: number
}

export interface RotationReport {
  done: number
  /** `table.column id` of cells that no key opens; they are left as they are. */
  failed: string[]
}

export interface RotationOptions {
  database: Database
  vault: Vault
  batch?: number
  /** Opens every text and writes none: what would be done, and what could not. */
  dryRun?: boolean
  onProgress?(progress: RotationProgress): void
}

/** What a cell's text is bound to, where it isn't `<table>.<column without _sealed>:<id>`. */
const CONTEXTS: Readonly<Record<string, (id: string) => string>> = {
  'upstream_secrets.secret_sealed': (id) => id,
  'submissions.request_sealed': sealContext.request,
  'submissions.progress_sealed': sealContext.progress,
}

/** → what the text of a cell is bound to, by the id of its row. */
export function sealContextOf(table: string, column: string): (id: string) => string {
  return CONTEXTS[`${table}.${column}`] ?? ((id) => `${table}.${column.replace(/_sealed$/, '')}:${id}`)
}

/** A pass that finds nothing ends it; more than this many mean that somebody still seals with an old key. */
const MAX_PASSES = 10

/**
 * Seals every sealed cell of every table with the vault's current key, while the hub runs: readers open
 * texts of both keys, and a cell that changes meanwhile is left to whoever changed it (compare-and-set) and
 * looked at again in the next pass. What is done stays done, so an interrupted run is simply started again.
 */
export async function rotateKeys({ database, vault, batch = 200, dryRun = false, onProgress }: RotationOptions): Promise<RotationReport> {
  const columns = await findSealedColumns(database)
  const prefix = `v2.${vault.keyId}.`
  const failed = new Set<string>()
  let done = 0
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const before = done
    for (const column of columns) {
      const renewed = await rotateColumn(column)
      done += renewed
      if (renewed > 0) onProgress?.({ table: column.table, column: column.column, done: renewed })
    }
    if (done === before || dryRun) break
  }
  return { done, failed: [...failed] }

  async function rotateColumn({ table, column, key }: SealedColumn): Promise<number> {
    const contextOf = sealContextOf(table, column)
    let renewed = 0
    for (let after = ''; ; ) {
      const rows: Record<string, string>[] = await database(table)
        .where(key, '>', after)
        .whereNotNull(column)
        .andWhereRaw('substr(??, 1, ?) <> ?', [column, prefix.length, prefix])
        .orderBy(key)
        .limit(batch)
        .select(key, column)
      for (const row of rows) if (await rotateCell(String(row[key]), String(row[column]))) renewed++
      after = String(rows.at(-1)?.[key] ?? after)
      if (rows.length < batch) return renewed
    }

    async function rotateCell(id: string, sealed: string): Promise<boolean> {
      const place = `${table}.${column} ${id}`
      let fresh: string
      try {
        fresh = vault.seal(vault.open(sealed, contextOf(id)), contextOf(id))
      } catch {
        failed.add(place)
        return false
      }
      failed.delete(place)
      if (dryRun) return true
      return (
        (await patiently(() =>
          database(table)
            .where({ [key]: id, [column]: sealed })
            .update({ [column]: fresh }),
        )) === 1
      )
    }
  }
}

/** Every sealed column of the schema; throws for a table without a primary key of one column. */
export async function findSealedColumns(database: Database): Promise<SealedColumn[]> {
  const found = database.engine === 'mysql' ? await mysqlColumns(database) : await sqliteColumns(database)
  return found.map(({ table, column, keys }) => {
    const [key, ...more] = keys
    if (key === undefined || more.length > 0) throw new Error(`${table}: sealed columns need a primary key of one column`)
    return { table, column, key }
  })
}

interface FoundColumn {
  table: string
  column: string
  keys: string[]
}

async function mysqlColumns(database: Database): Promise<FoundColumn[]> {
  const [rows] = (await database.raw(
    'select table_name as t, column_name as c, column_key as k from information_schema.columns where table_schema = database() order by table_name, ordinal_position',
  )) as [{ t: string; c: string; k: string }[]]
  const keysOf = (table: string) => rows.filter(({ t, k }) => t === table && k === 'PRI').map(({ c }) => c)
  return rows.filter(({ c }) => c.endsWith('_sealed')).map(({ t, c }) => ({ table: t, column: c, keys: keysOf(t) }))
}

async function sqliteColumns(database: Database): Promise<FoundColumn[]> {
  const tables: string[] = await database('sqlite_master').where({ type: 'table' }).orderBy('name').pluck('name')
  const found: FoundColumn[] = []
  for (const table of tables) {
    const columns = (await database.raw('select name, pk from pragma_table_info(?)', [table])) as { name: string; pk: number }[]
    const keys = columns.filter(({ pk }) => pk > 0).map(({ name }) => name)
    for (const { name } of columns) if (name.endsWith('_sealed')) found.push({ table, column: name, keys })
  }
  return found
}

/** The hub's own work goes first: a row that is locked is asked for again. */
async function patiently<T>(work: () => PromiseLike<T>): Promise<T> {
  for (let left = 20; ; left--) {
    try {
      return await work()
    } catch (error) {
      const code = String((error as { code?: unknown }).code)
      if (left === 0 || !/LOCK|BUSY/.test(code)) throw error
      await sleep(50)
    }
  }
}
