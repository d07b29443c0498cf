import { randomUUID } from 'node:crypto'
import type { Database } from './database.ts'
import { HubError } from './errors.ts'

/**
 * Leases on the rows of a table with the columns `lease_owner`, `lease_until`, `failures` and `retry_at`.
 * Every statement stands alone, so it behaves the same on SQLite and on MySQL at any isolation level; a
 * lease is a compare-and-set on its end. All reject with HUB_STORE_UNAVAILABLE.
 */
export interface Leases<R> {
  find(id: string): Promise<R | undefined>
  /** → the lease's owner, or null where somebody else holds it. Times are epoch milliseconds. */
  lease(id: string, now: number, until: number): Promise<string | null>
  /** → whether the lease was still `owner`'s; otherwise nothing was written. */
  write(id: string, owner: string, values: object): Promise<boolean>
  release(id: string, owner: string, values?: object): Promise<boolean>
  fail(id: string, owner: string, failures: number, retryAt: number): Promise<void>
}

const FREE = { lease_owner: null, lease_until: 0 }

export function createLeases<R extends object>(database: Database, table: string, key = 'id'): Leases<R> {
  const rows = () => database(table)
  const write = async (id: string, owner: string, values: object) =>
    (await guarded(
      rows()
        .where({ [key]: id, lease_owner: owner })
        .update(values),
    )) === 1
  const release = (id: string, owner: string, values: object = {}) => write(id, owner, { ...values, ...FREE })

  return {
    find: (id) =>
      guarded(
        rows()
          .where({ [key]: id })
          .first(),
      ),
    async lease(id, now, until) {
      const owner = randomUUID()
      const free = rows()
        .where({ [key]: id })
        .andWhere('lease_until', '<=', now)
      return (await guarded(free.update({ lease_owner: owner, lease_until: until }))) === 1 ? owner : null
    },
    write,
    release,
    async fail(id, owner, failures, retryAt) {
      await release(id, owner, { failures, retry_at: retryAt })
    },
  }
}

/** Trouble of the database has a code of its own. */
export async function guarded<T>(work: PromiseLike<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new HubError('HUB_STORE_UNAVAILABLE', {}, error)
  }
}
