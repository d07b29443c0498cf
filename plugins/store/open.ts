import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join, resolve } from 'node:path'
import knex, { type Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { patientMysql } from './mysql.ts'
import { NodeSqlite } from './node-sqlite.ts'

/**
 * knex would print connection troubles, statement and values included, to the console; callers hear of them as
 * errors, which name the statement without its values.
 */
const quiet = { warn: () => undefined, error: () => undefined, debug: () => undefined, deprecate: () => undefined }

export interface DatabaseOptions {
  /** `mysql://…`; empty for the embedded SQLite file. */
  url: string
  dataDir: string
}

export function openDatabase({ url, dataDir }: DatabaseOptions): Database {
  const database = url === '' ? openSqlite(dataDir) : openMysql(url)
  return Object.assign(database, { engine: url === '' ? ('sqlite' as const) : ('mysql' as const) })
}

function openSqlite(dataDir: string): Knex {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const filename = join(dataDir, 'hub.sqlite')
  // For nobody else's eyes; SQLite gives the files beside it the same mode.
  closeSync(openSync(filename, 'a', 0o600))
  return knex({
    client: NodeSqlite,
    log: quiet,
    compileSqlOnError: false,
    connection: { filename },
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
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const database = knex({
    client: patientMysql,
    log: quiet,
    compileSqlOnError: false,
    connection: {
      host: hostname,
      port: Number(port || 3306),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
      charset: 'utf8mb4',
      supportBigNumbers: true,
      connectTimeout: 5000,
      // Against the system's authorities and those of NODE_EXTRA_CA_CERTS.
      ...(searchParams.get('tls') === 'on' ? { ssl: { minVersion: 'TLSv1.2', rejectUnauthorized: true } } : {}),
    },
    pool: { min: 0, max: 10 },
    acquireConnectionTimeout: 5000,
  })
  // For tables made from here on: ids and keys are compared by their bytes. Inherited and not enumerable, so that the driver,
  // which knows no such option, does not see it, and knex's copies of the settings for migrations keep it.
  const { connectionSettings } = database.client
  Object.setPrototypeOf(connectionSettings, Object.create(Object.prototype, { collate: { value: 'utf8mb4_bin' } }))
  return database
}

/** Tells hubs apart that share a Redis: by their database, or by the folder of the embedded one. */
export function storeName(databaseUrl: string, dataDir: string): string {
  if (databaseUrl) return new URL(databaseUrl).pathname.slice(1)
  return `sqlite-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12)}`
}
