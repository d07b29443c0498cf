import { createRequire } from 'node:module'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { Knex } from 'knex'

const require = createRequire(import.meta.url)
const BetterSqlite3 = require('knex/lib/dialects/better-sqlite3/index.js') as typeof Knex.Client

/** As one list (knex) or one by one (the audit log). Knex binds what is `undefined` as null (`useNullAsDefault`) and turns dates and booleans into numbers before it comes here. */
type Bindings = (SQLInputValue | readonly SQLInputValue[])[]

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

/** The part of better-sqlite3 that knex and the audit log call, over Node's own SQLite: nothing to compile or download. */
function open(filename: string) {
  const database = new DatabaseSync(filename)
  return {
    prepare(sql: string) {
      const statement = named(() => database.prepare(sql))
      const values = (bindings: Bindings) => bindings.flat() as SQLInputValue[]
      return {
        /** Whether rows come back (`select`, `returning`, some pragmas). */
        reader: statement.columns().length > 0,
        all: (...bindings: Bindings) => named(() => statement.all(...values(bindings))),
        run: (...bindings: Bindings) => named(() => statement.run(...values(bindings))),
      }
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
