import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../../core/base/database.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { SealedColumn } from '../store/personal-data.ts'

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
  columns: readonly SealedColumn[]
  batch?: number
  /** Opens every text and writes none: what would be done, and what could not. */
  dryRun?: boolean
  onProgress?(progress: RotationProgress): void
}

/** A pass that finds nothing ends it; more than this many mean that somebody still seals with an old key. */
const MAX_PASSES = 10

/**
 * Seals every cell of the columns with the vault's current key, while the hub runs: readers open
 * texts of both keys, and a cell that changes meanwhile is left to whoever changed it (compare-and-set) and
 * looked at again in the next pass. What is done stays done, so an interrupted run is simply started again.
 */
export async function rotateKeys({
  database,
  vault,
  columns,
  batch = 200,
  dryRun = false,
  onProgress,
}: RotationOptions): Promise<RotationReport> {
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

  async function rotateColumn({ table, column, key, context }: SealedColumn): Promise<number> {
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
        fresh = vault.seal(vault.open(sealed, context(id)), context(id))
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

/** The hub's own work goes first: a row that is locked is asked for again. */
export async function patiently<T>(work: () => PromiseLike<T>): Promise<T> {
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
