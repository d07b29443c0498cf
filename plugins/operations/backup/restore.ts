import { createHash, type Hash } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { isSameText } from '../../../core/base/hmac.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { migrate, migrationStatus, migrations } from '../../../migrations/index.ts'
import { verifyAudit } from '../../audit/verify.ts'
import { readSchema } from '../../store/schema.ts'
import { assertKeys } from '../key-check.ts'
import { headsOf } from './dump.ts'
import { BackupError, type Cell, type EndLine, FORMAT, FORMAT_VERSION, type Manifest, type SumLine, type TableLine } from './format.ts'
import { signatureOf } from './signature.ts'

/** Rows and values in one statement: SQLite takes 500 and 32,766. */
const MOST_ROWS = 500
const MOST_VALUES = 10_000

export interface Restored {
  manifest: Manifest
  end: EndLine
  /** Chains of evidence, and their rows, that were found whole. */
  chains: number
  audited: number
}

export interface RestoreOptions {
  database: Database
  vault: Vault
  /** A backup of before they were signed is taken; one that somebody else signed never is. */
  allowUnsigned?: boolean
  onTable?: (table: string, rows: number) => void
}

/**
 * Puts a backup into an empty store, made by either engine, in one transaction: all of it or nothing. The store gets the structure that
 * the backup had, and after it whatever this version adds. Before it counts, the keys must be those that it was made with, and its chains
 * of evidence whole. Throws a {@link BackupError}, KeyError.
 */
export async function restoreStore(
  { database, vault, allowUnsigned = false, onTable = () => {} }: RestoreOptions,
  lines: AsyncIterable<string>,
): Promise<Restored> {
  const reader = lines[Symbol.asyncIterator]()
  const all = createHash('sha256')
  // All but the last line that was read: the end is looked at by itself.
  let before = ''
  const next = async (): Promise<unknown> => {
    const { value, done } = await reader.next()
    if (done) throw new BackupError('备份不完整：没有结尾')
    all.update(before)
    before = `${value}\n`
    return parse(value)
  }
  try {
    const manifest = readManifest(await next())
    await prepare(database, manifest)
    const restored = await database.transaction(async (store) => {
      for (const table of Object.keys(manifest.tables)) onTable(table, await fill(store, table, manifest.tables[table] ?? [], next))
      const last = readEnd(await next())
      if (JSON.stringify(await headsOf(store)) !== JSON.stringify(last.heads)) throw new BackupError('审计链的表头与备份结尾所记的不同')
      // Whatever was altered is found at the end of the file at the latest, before anything of it counts.
      if (!(await reader.next()).done) throw new BackupError('备份的结尾之后还有内容')
      // What came out of the backup is there and whole; from here on the keys of the settings count.
      const within: Database = Object.assign(store, { engine: database.engine })
      await assertKeys(within, vault)
      assertOurs(last, signatureOf(vault, all, last), allowUnsigned)
      const { faults, chains, rows } = await verifyAudit({ database: within, vault })
      const [fault] = faults
      if (fault)
        throw new BackupError(`备份里的审计链有 ${faults.length} 处问题，没有恢复：链 ${fault.chain} 第 ${fault.seq} 行：${fault.detail}`)
      return { end: last, chains, audited: rows }
    })
    await migrate(database)
    return { manifest, ...restored }
  } finally {
    await reader.return?.()
  }
}

function assertOurs({ mac }: EndLine, expected: string, allowUnsigned: boolean): void {
  if (mac === undefined && !allowUnsigned)
    throw new BackupError('备份没有签名，不能证明是本平台做的；确知是旧版本做的备份，请加 --allow-unsigned')
  if (mac !== undefined && !isSameText(mac, expected)) throw new BackupError('备份的签名不对：不是本平台做的，或者做好之后改动过')
}

const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((each) => typeof each === 'string')

function areTables(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(areTexts)
}

function readManifest(value: unknown): Manifest {
  const manifest = value as Partial<Manifest> | null
  if (manifest?.format !== FORMAT || !areTexts(manifest.migrations) || !areTables(manifest.tables))
    throw new BackupError('这不是中枢的备份')
  if (manifest.version !== FORMAT_VERSION)
    throw new BackupError(`备份的格式是第 ${manifest.version} 版，本版本只认识第 ${FORMAT_VERSION} 版`)
  const unknown = manifest.migrations.filter((name) => !migrations[name])
  if (unknown.length > 0)
    throw new BackupError(`备份来自更新的版本（${manifest.hub}），本版本没有它的结构（${unknown.join('、')}）：请用那个版本恢复`)
  return manifest as Manifest
}

/** The store has no row, and gets the structure of the backup. */
async function prepare(database: Database, { migrations: wanted, tables }: Manifest): Promise<void> {
  for (const table of new Set((await readSchema(database)).map(({ table }) => table)))
    if (await database(table).first(database.raw('1'))) throw new BackupError(`目标库不是空的（表 ${table} 里有数据）：请给一个新建的空库`)
  const further = (await migrationStatus(database)).applied.filter((name) => !wanted.includes(name))
  if (further.length > 0) throw new BackupError(`目标库的结构比备份新（${further.join('、')}）：请给一个新建的空库`)
  await migrate(database, wanted)
  const columns = new Set((await readSchema(database)).map(({ table, column }) => `${table}.${column}`))
  const strange = Object.entries(tables).flatMap(([table, names]) =>
    names.map((name) => `${table}.${name}`).filter((name) => !columns.has(name)),
  )
  if (strange.length > 0) throw new BackupError(`备份里有本版本没有的列：${strange.slice(0, 5).join('、')}`)
}

/** → how many rows the table has got. */
async function fill(store: Knex.Transaction, table: string, columns: readonly string[], next: () => Promise<unknown>): Promise<number> {
  const begin = (await next()) as Partial<TableLine> | null
  if (begin?.table !== table) throw new BackupError(`备份里该是表 ${table}，却不是`)
  const hash = createHash('sha256')
  const most = Math.min(MOST_ROWS, Math.floor(MOST_VALUES / columns.length))
  let rows = 0
  let batch: Record<string, Cell>[] = []
  const flush = async () => {
    if (batch.length > 0) await store(table).insert(batch)
    batch = []
  }
  for (;;) {
    const line = await next()
    if (!Array.isArray(line)) {
      await flush()
      assertSum(table, line as SumLine, rows, hash)
      return rows
    }
    if (line.length !== columns.length) throw new BackupError(`表 ${table} 有一行的列数不对`)
    if (line.some((cell) => cell !== null && typeof cell === 'object')) throw new BackupError(`表 ${table} 有一格不是文字或数字`)
    hash.update(`${JSON.stringify(line)}\n`)
    rows++
    batch.push(Object.fromEntries(columns.map((name, index) => [name, line[index] as Cell])))
    if (batch.length === most) await flush()
  }
}

function assertSum(table: string, sum: Partial<SumLine> | null, rows: number, hash: Hash): void {
  if (sum?.rows !== rows || sum.sha256 !== hash.digest('hex')) throw new BackupError(`表 ${table} 的行数或摘要与备份所记的不同`)
}

function readEnd(value: unknown): EndLine {
  const end = value as Partial<EndLine> | null
  if (end?.end !== true || !Array.isArray(end.heads)) throw new BackupError('备份不完整：没有结尾')
  return end as EndLine
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new BackupError('备份里有一行不是 JSON')
  }
}
