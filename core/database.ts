import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import knex, { type Knex } from 'knex'
import { migrations } from '../migrations/index.ts'

const require = createRequire(import.meta.url)
const BetterSqlite3 = require('knex/lib/dialects/better-sqlite3/index.js') as typeof Knex.Client

/** knex's better-sqlite3 client over `libsql`: the same API, with its binary inside the npm package. */
class Libsql extends BetterSqlite3 {
  _driver() {
    return require('libsql')
  }
}

/** knex would print connection troubles, statement and values included, to the console; callers hear of them as errors. */
const quiet = { warn: () => undefined, error: () => undefined, debug: () => undefined, deprecate: () => undefined }

export interface DatabaseOptions {
  /** `mysql://…`; empty for the embedded SQLite file. */
  url: string
  dataDir: string
}

export type Database = Knex & { readonly engine: 'mysql' | 'sqlite' }

export function openDatabase({ url, dataDir }: DatabaseOptions): Database {
  const database = url === '' ? openSqlite(dataDir) : openMysql(url)
  return Object.assign(database, { engine: url === '' ? ('sqlite' as const) : ('mysql' as const) })
}

function openSqlite(dataDir: string): Knex {
  mkdirSync(dataDir, { recursive: true })
  return knex({
    client: Libsql,
    log: quiet,
    connection: { filename: join(dataDir, 'hub.sqlite') },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate(connection: { exec(sql: string): void }, done: (error?: Error) => void) {
        // FULL: a commit is on the disk before it is acknowledged, power cut included.
        connection.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 10000')
        done()
      },
    },
  })
}

function openMysql(url: string): Knex {
  const { hostname, port, username, password, pathname } = new URL(url)
  return knex({
    client: 'mysql2',
    log: quiet,
    connection: {
      host: hostname,
      port: Number(port || 3306),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
      charset: 'utf8mb4',
      supportBigNumbers: true,
      connectTimeout: 5000,
    },
    pool: { min: 0, max: 10 },
    acquireConnectionTimeout: 5000,
  })
}

/** Brings the schema up to date; several processes may call it at once (knex takes a lock). */
export async function migrate(database: Database): Promise<string[]> {
  const [, names] = await database.migrate.latest({ migrationSource: migrationSource() })
  return names as string[]
}

/** → the migrations that the store has had, and those that {@link migrate} would apply. */
export async function migrationStatus(database: Database): Promise<{ applied: string[]; pending: string[] }> {
  const [applied] = (await database.migrate.list({ migrationSource: migrationSource() })) as [{ name: string }[]]
  const names = applied.map(({ name }) => name)
  return { applied: names, pending: Object.keys(migrations).filter((name) => !names.includes(name)) }
}

function migrationSource(): Knex.MigrationSource<string> {
  return {
    getMigrations: async () => Object.keys(migrations).sort(),
    getMigrationName: (name) => name,
    getMigration: async (name) => {
      const migration = migrations[name]
      if (!migration) throw new Error(`unknown migration ${name}`)
      return migration
    },
  }
}

/** Tells hubs apart that share a Redis: by their database, or by the folder of the embedded one. */
export function storeName(databaseUrl: string, dataDir: string): string {
  if (databaseUrl) return new URL(databaseUrl).pathname.slice(1)
  return `sqlite-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12)}`
}
