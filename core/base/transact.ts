import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Database } from './database.ts'

const COLLISIONS = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT'])

/** A transaction, run again when it collided with another one and the database rolled it back whole. */
export async function transact<T>(database: Database, work: (transaction: Knex.Transaction) => Promise<T>): Promise<T> {
  for (let left = 5; ; left--) {
    try {
      return await database.transaction(work)
    } catch (error) {
      if (left === 0 || !COLLISIONS.has(codeOf(error))) throw error
      await sleep(Math.random() * 50)
    }
  }
}

/** Whether a unique index turned a row away. */
export function isDuplicate(error: unknown): boolean {
  return ['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'].includes(codeOf(error))
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code)
}
