import type { Knex } from 'knex'
import type { Database } from '../core/base/database.ts'
import { migrationsIn } from './folder.ts'

/** By name, which is the order in which they run, whoever brings one. */
export const migrations: Readonly<Record<string, Knex.Migration>> = await migrationsIn()

const TABLE = 'knex_migrations'

/** The store has been changed by a newer version in a way that this one cannot live with; the message is for an operator to read. */
export class SchemaError extends Error {}

/**
 * Brings the schema up to date, or to what `only` names; several processes may call it at once. A store that a newer version has
 * added to is taken as it is (docs/deployment.md); one from which something was taken away is refused with a {@link SchemaError}.
 */
export async function migrate(database: Database, only: readonly string[] = Object.keys(migrations)): Promise<string[]> {
  const { applied, pending } = await migrationStatus(database)
  assertExpanded(applied)
  if (!pending.some((name) => only.includes(name))) return []
  const work = async () => {
    const [, names] = await database.migrate.latest({
      tableName: TABLE,
      migrationSource: migrationSource(only),
      disableMigrationsListValidation: true,
    })
    return names as string[]
  }
  return lighter(database, () => alone(database, work))
}

/** A newer version only adds; what takes something away has `contract` in its name, and comes when no version in use needs it any more. */
function assertExpanded(applied: readonly string[]): void {
  const taken = applied.filter((name) => !migrations[name] && /^\d+-contract-/.test(name))
  if (taken.length > 0)
    throw new SchemaError(`数据库已由更新的版本去掉了本版本还要用的部分（${taken.join('、')}）：请改用那个版本，或恢复升级之前的备份`)
}

const LOCK = "concat('hub-migrate-', md5(database()))"
const LOCK_SECONDS = 600

/**
 * One process at a time: the others wait, and then find nothing left to do. The server frees the lock with the connection of whoever died;
 * knex's own stays behind him, in a row. The embedded store is changed in one transaction, which needs neither.
 */
async function alone<T>(database: Database, work: () => Promise<T>): Promise<T> {
  if (database.engine === 'sqlite') return work()
  return database.transaction(async (connection) => {
    const [[{ held }]] = (await connection.raw(`select get_lock(${LOCK}, ${LOCK_SECONDS}) held`)) as [[{ held: number | null }]]
    if (Number(held) !== 1) throw new SchemaError(`另一个进程正在升级数据库，等了 ${LOCK_SECONDS} 秒还没有完：请看它的日志`)
    try {
      await database.migrate.forceFreeMigrationsLock()
      return await work()
    } finally {
      await connection.raw(`do release_lock(${LOCK})`)
    }
  })
}

/**
 * The embedded store waits for the disk once, not at every statement: after a power cut the last migrations may be gone,
 * each with the note that it ran, and are run again. They take most of the first start otherwise.
 */
async function lighter<T>(database: Database, work: () => Promise<T>): Promise<T> {
  if (database.engine !== 'sqlite') return work()
  await database.raw('pragma synchronous = normal')
  try {
    return await work()
  } finally {
    await database.raw('pragma synchronous = full')
  }
}

/** → the migrations that the store has had, also those of a newer version, and those that {@link migrate} would apply. */
export async function migrationStatus(database: Database): Promise<{ applied: string[]; pending: string[] }> {
  // Not knex's own list: it makes the table, which of two processes that start together one must do.
  const applied: string[] = (await database.schema.hasTable(TABLE)) ? await database(TABLE).orderBy('id').pluck('name') : []
  return { applied, pending: Object.keys(migrations).filter((name) => !applied.includes(name)) }
}

function migrationSource(only: readonly string[] = Object.keys(migrations)): Knex.MigrationSource<string> {
  return {
    getMigrations: async () => Object.keys(migrations).filter((name) => only.includes(name)),
    getMigrationName: (name) => name,
    getMigration: async (name) => {
      const migration = migrations[name]
      if (!migration) throw new Error(`unknown migration ${name}`)
      return migration
    },
  }
}
