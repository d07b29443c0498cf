import type { Database } from '../core/base/database.ts'
import { HubError } from '../core/base/errors.ts'
import { isId } from '../core/base/ids.ts'
import { createVault } from '../core/base/vault.ts'
import { migrate, migrationStatus } from '../migrations/index.ts'
import { assertKeys } from '../plugins/operations/key-check.ts'
import { openDatabase } from '../plugins/store/open.ts'
import { type Act, createAct, type Store } from './act.ts'
import type { Io } from './io.ts'
import { plainLines } from './plain.ts'
import { DeclinedError, UsageError } from './usage.ts'

const CLOSING_MS = 5000

/** The hub's own store, closed again whatever becomes of the work. */
export async function withDatabase<T>(io: Io, work: (database: Database) => Promise<T>): Promise<T> {
  const { DATABASE_URL, DATA_DIR } = io.settings()
  const database = openDatabase({ url: DATABASE_URL, dataDir: DATA_DIR })
  try {
    return await work(database)
  } finally {
    await closed(database)
  }
}

/** A server that has fallen silent takes no leave either: what was found is told all the same. */
async function closed(database: Database): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSING_MS)
  })
  await Promise.race([database.destroy(), late]).finally(() => clearTimeout(timer))
}

/**
 * The same, brought up to date and with keys that fit: with others, what is written could never be read again.
 * `need`: whether the work is about look-up hashes alone.
 */
export function withStore<T>(io: Io, work: (store: Store) => Promise<T>, need: 'both' | 'lookup' = 'both'): Promise<T> {
  const vault = createVault(io.settings().keys)
  return withDatabase(io, async (database) => {
    await migrated(io, database, createAct(io, 'migrate', { what: '升级数据库（随命令）', reason: 'optional' }, ''))
    await assertKeys(database, vault, need)
    return work({ database, vault })
  })
}

/** Brings the schema up to date, and says so in the log that is there from then on. → what was done. */
export async function migrated(io: Io, database: Database, act: Act): Promise<string[]> {
  // Only where there is something to do: it takes a lock that another command may hold.
  if ((await migrationStatus(database)).pending.length === 0) return []
  const applied = await migrate(database)
  const vault = createVault(io.settings().keys)
  await assertKeys(database, vault)
  if (applied.length > 0) await act({ database, vault }, applied.at(-1) ?? '', `${applied.length} 项`)
  return applied
}

/** → an id that was typed. Throws HUB_NO_RECORD for what no id can be; `what`: whose. */
export function typedId(text: string, what: string): string {
  if (isId(text)) return text
  const hint = isId(text.trim().toLowerCase()) ? '（编号照原样写，字母用小写）' : ''
  throw new HubError('HUB_NO_RECORD', { detail: `没有这个${what}：${text}${hint}` })
}

/** Before what cannot be undone. A script has to say so beforehand. */
export async function confirm(io: Io, given: boolean, what: string): Promise<void> {
  if (given) return
  if (!io.ask) throw new UsageError(`${what}：这不能撤销，又没有人可以询问。确要执行，请加 --yes`)
  if (!(await io.ask(`${what}，这不能撤销。确要执行吗？`))) throw new DeclinedError()
}

/** → how long work says how far it is: on stderr, to whoever watches. */
export function reporter(io: Io, wanted: boolean): (line: string) => void {
  return wanted || io.watched ? io.err : () => undefined
}

/** The result for machines or for people; nothing else goes to stdout. */
export function present(io: Io, json: boolean, value: unknown, lines: readonly string[]): void {
  // In JSON only what stands in a text can be one of them, and is the same written out.
  if (json) io.out(plainLines(JSON.stringify(value)))
  else for (const line of lines) io.out(plainLines(line))
}
