import type { Database } from '../../core/base/database.ts'
import { isDuplicate } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { beginFilling, endFilling, readIndexes } from '../store/indexes.ts'
import type { IndexedRows } from '../store/personal-data.ts'
import { patiently, type RotationProgress, type RotationReport } from './rotation.ts'

export interface ReindexOptions {
  database: Database
  vault: Vault
  rows: readonly IndexedRows[]
  batch?: number
  onProgress?(progress: RotationProgress): void
}

type Row = Readonly<Record<string, string | null>>

/** A pass that finds nothing ends it; more than this many mean that somebody still writes under the key of before. */
const MAX_PASSES = 10

/**
 * Replaces the key of the hashes by which rows are found, while the hub runs: a new key is made, under which everything is written
 * from then on and beside which the one before is looked under, until every row is hashed anew. A row that changes meanwhile is left to
 * whoever changed it (compare-and-set) and looked at again in the next pass. What is done stays done, so an interrupted run is
 * simply started again: it goes on with the key that it has. With rows that failed, both keys stay.
 */
export async function reindex({
  database,
  vault,
  rows,
  batch = 200,
  onProgress,
}: ReindexOptions): Promise<RotationReport & { id: string }> {
  const id = await beginFilling(database, vault)
  const { now: key } = await readIndexes(database, vault)
  const failed = new Set<string>()
  let done = 0
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const before = done
    for (const table of rows) {
      const renewed = await renewTable(table)
      done += renewed
      if (renewed > 0) onProgress?.({ table: table.table, column: table.columns[0], done: renewed })
    }
    if (done !== before) continue
    if (failed.size === 0) await endFilling(database, id)
    break
  }
  return { id, done, failed: [...failed] }

  async function renewTable(table: IndexedRows): Promise<number> {
    const columns = [...new Set([table.key, table.sealed, ...table.columns, ...(table.needs ?? [])])]
    let renewed = 0
    for (let after = ''; ; ) {
      const found: Row[] = await database(table.table)
        .where(table.key, '>', after)
        .whereNotNull(table.sealed)
        .whereNotNull(table.columns[0])
        .orderBy(table.key)
        .limit(batch)
        .select(columns)
      for (const row of found) if (await renewRow(table, row)) renewed++
      after = String(found.at(-1)?.[table.key] ?? after)
      if (found.length < batch) return renewed
    }
  }

  async function renewRow({ table, key: primary, sealed, columns, context, hash }: IndexedRows, row: Row): Promise<boolean> {
    const id = String(row[primary])
    const place = `${table}.${columns[0]} ${id}`
    let fresh: Readonly<Record<string, string | null>>
    try {
      fresh = hash(key, vault.open(String(row[sealed]), context(id)), row, vault)
    } catch {
      failed.add(place)
      return false
    }
    failed.delete(place)
    if (fresh[columns[0]] === row[columns[0]]) return false
    const unchanged = Object.fromEntries([primary, sealed, ...columns].map((column) => [column, row[column]]))
    try {
      return (await patiently(() => database(table).where(unchanged).update(fresh))) === 1
    } catch (error) {
      // Two rows that claim the same: for a person to look at.
      if (!isDuplicate(error)) throw error
      failed.add(place)
      return false
    }
  }
}
