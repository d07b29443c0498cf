import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'

/** How long a worker may take over one row. */
export const LEASE_MS = 60_000

/** Rows whose time has come and that nobody holds. A lease further off than any is of a clock that has been put back since. */
export function free(query: Knex.QueryBuilder, now: number): void {
  query.where('due_at', '<=', now).andWhere((either) => either.where('lease_until', '<=', now).orWhere('lease_until', '>', now + LEASE_MS))
}

export async function dueIds(database: Knex, table: string, now: number, limit: number): Promise<string[]> {
  return (await database(table).modify(free, now).orderBy('due_at').limit(limit).pluck('id')) as string[]
}

/** Rows whose time has come and that nobody holds, for so long as it may be. */
export function isDue(query: Knex.QueryBuilder, now: number): void {
  query.where('due_at', '<=', now).andWhere('lease_until', '<=', now)
}

/** Takes the row that is asked for: a compare-and-set, so that of two processes one has it. → the owner that is noted, or null. */
export async function takeLease(row: Knex.QueryBuilder, now: number, leaseMs: number, changes: object = {}): Promise<string | null> {
  const lease_owner = randomUUID()
  const taken: number = await row.update({ ...changes, lease_owner, lease_until: now + leaseMs })
  return taken === 1 ? lease_owner : null
}

/** Takes a row that is due and free. → the row with its lease, or null. */
export async function claim<R extends object>(
  database: Knex,
  table: string,
  id: string,
  now: number,
): Promise<(R & { lease_owner: string }) | null> {
  const lease_owner = await takeLease(database(table).where({ id }).modify(free, now), now, LEASE_MS)
  if (lease_owner === null) return null
  return ((await database(table).where({ id, lease_owner }).first()) as (R & { lease_owner: string }) | undefined) ?? null
}

export const RELEASED = { lease_owner: null, lease_until: 0 } as const

/** From `firstMs`, doubled with every failure, an hour at most. */
export function backOff(failures: number, firstMs: number): number {
  return Math.min(3_600_000, firstMs * 2 ** Math.min(20, failures - 1))
}
