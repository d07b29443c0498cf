import { createRequire } from 'node:module'
import { DatabaseSync, type SQLInputValue, type StatementResultingChanges } from 'node:sqlite'
import type { Knex } from 'knex'

const require = createRequire(import.meta.url)
const BetterSqlite3 = require('knex/lib/dialects/better-sqlite3/index.js') as typeof Knex.Client

/** Knex binds what is `undefined` as null (`useNullAsDefault`) and turns dates and booleans into numbers before it comes here. */
type Bindings = readonly SQLInputValue[]

interface Prepared {
  /** Whether rows come back (`select`, `returning`, some pragmas). */
  reader: boolean
  all(bindings?: Bindings): unknown[]
  run(bindings?: Bindings): StatementResultingChanges
}

/** Names of the result codes that the hub tells apart (sqlite.org/rescode.html); Node gives only their numbers. */
const NAMES: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  517: 'SQLITE_BUSY_SNAPSHOT',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
}

function named<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const name = NAMES[Number((error as { errcode?: unknown }).errcode)]
    throw name ? Object.assign(error as Error, { code: name }) : error
  }
}

/** Statements kept ready a connection; what the hub says is far less. */
const MOST_STATEMENTS = 500

/** The part of better-sqlite3 that knex and the audit log call, over Node's own SQLite: nothing to compile or download. */
function open(filename: string) {
  const database = new DatabaseSync(filename)
  const ready = new Map<string, Prepared>()

  function prepare(sql: string): Prepared {
    const statement = named(() => database.prepare(sql))
    return {
      reader: statement.columns().length > 0,
      all: (bindings = []) => named(() => statement.all(...bindings)),
      run: (bindings = []) => named(() => statement.run(...bindings)),
    }
  }

  return {
    /** A statement is prepared once: SQLite itself prepares it anew when a table has changed. */
    prepare(sql: string): Prepared {
      const known = ready.get(sql)
      if (known) return known
      const fresh = prepare(sql)
      if (ready.size >= MOST_STATEMENTS) ready.clear()
      ready.set(sql, fresh)
      return fresh
    },
    exec: (sql: string) => named(() => database.exec(sql)),
    close: () => database.close(),
    get inTransaction() {
      return database.isTransaction
    },
  }
}

/** knex's better-sqlite3 client over `node:sqlite`. */
export class NodeSqlite extends BetterSqlite3 {
  _driver() {
    // knex calls it with `new`, which an arrow function would not bear.
    return function Connection(filename: string) {
      return open(filename)
    }
  }
}
