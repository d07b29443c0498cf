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
const COLLISIONS = new Set(['ER_LOCK_DEADLOCK', 'ER_CHECKREAD'])
const TRIES = 5

/**
 * knex's mysql2 client. A statement that stands alone is run again where it collided with others: it is undone whole, and nobody sees
 * less than when it is said once. Within a transaction that is for whoever began it (core/base/transact.ts).
 */
class PatientMysql extends Mysql2 {
  override async _query(connection: Connection, query: unknown): Promise<unknown> {
    for (let left = TRIES; ; left--) {
      try {
        return await super._query(connection, query)
      } catch (error) {
        const { code } = error as { code?: unknown }
        if (left === 0 || connection.__knexTxId !== undefined || !COLLISIONS.has(String(code))) throw error
        await sleep(Math.random() * 20)
      }
    }
  }
}

/** As knex takes it: its types know nothing of what a client does inside. */
export const patientMysql = PatientMysql as unknown as typeof Knex.Client
