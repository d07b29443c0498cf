import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'

const require = createRequire(import.meta.url)
interface QueryClient {
  _query(connection: Connection, query: unknown): Promise<unknown>
}
const Mysql2 = require('knex/lib/dialects/mysql2/index.js') as new (config: Knex.Config) => QueryClient

interface Connection {
  /** While a transaction has it. */
  __knexTxId?: string
}

/** The statement met another one, and was undone whole (https://mariadb.com/kb/en/mariadb-error-codes/: 1213, 1020). */
const COLLISIONS: ReadonlySet<unknown> = new Set(['ER_LOCK_DEADLOCK', 'ER_CHECKREAD'])
const TRIES = 5

/** A change of the structure waits for whoever uses the table, and everybody else behind it. */
const STRUCTURE = /^\s*(alter|create|drop|rename)\s/i
const STRUCTURE_COLLISIONS: ReadonlySet<unknown> = new Set([...COLLISIONS, 'ER_LOCK_WAIT_TIMEOUT'])
const STRUCTURE_TRIES = 40
const SHORT_WAIT = 'set session lock_wait_timeout = 2, innodb_lock_wait_timeout = 2'
const USUAL_WAIT = 'set session lock_wait_timeout = default, innodb_lock_wait_timeout = default'

/**
 * knex's mysql2 client. A statement that stands alone is run again where it collided with others: it is undone whole, and nobody sees
 * less than when it is said once. Within a transaction that is for whoever began it (core/base/transact.ts).
 *
 * A change of the structure, which is a transaction of its own wherever it stands, steps aside every two seconds: hubs that go on serving
 * may wait for it while it waits for them, which neither engine notices before its limit of 50 seconds.
 */
class PatientMysql extends Mysql2 {
  override async _query(connection: Connection, query: { readonly sql?: string }): Promise<unknown> {
    if (STRUCTURE.test(query.sql ?? '')) return this.changeStructure(connection, query)
    const mayRepeat = connection.__knexTxId === undefined
    return repeatedly(() => super._query(connection, query), COLLISIONS, mayRepeat ? TRIES : 0, 20)
  }

  /** Not private by `#`: knex makes clients of transactions without this class's constructor. */
  async changeStructure(connection: Connection, query: object): Promise<unknown> {
    await super._query(connection, { sql: SHORT_WAIT, bindings: [] })
    try {
      return await repeatedly(() => super._query(connection, query), STRUCTURE_COLLISIONS, STRUCTURE_TRIES, 1000)
    } finally {
      await super._query(connection, { sql: USUAL_WAIT, bindings: [] }).catch(() => undefined)
    }
  }
}

async function repeatedly(run: () => Promise<unknown>, collisions: ReadonlySet<unknown>, tries: number, pauseMs: number): Promise<unknown> {
  for (let left = tries; ; left--) {
    try {
      return await run()
    } catch (error) {
      if (left === 0 || !collisions.has((error as { code?: unknown }).code)) throw error
      await sleep(Math.random() * pauseMs)
    }
  }
}

/** As knex takes it: its types know nothing of what a client does inside. */
export const patientMysql = PatientMysql as unknown as typeof Knex.Client
