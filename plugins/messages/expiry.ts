import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { post } from '../outbox/outbox.ts'

const DAY_MS = 86_400_000
/** How long before its end somebody is told of it. */
const NOTICE_MS = 7 * DAY_MS
/** What never lived longer than that needs no reminder. */
const SHORTEST_MS = 14 * DAY_MS
const BATCH = 200

/**
 * Puts into the outbox what ends within a week: printed documents and mandates. What was told before is told once
 * (its key), so that it does not matter how often and in how many processes this runs.
 */
export async function noticeExpiries(database: Database, now: number): Promise<void> {
  await each(database, 'issued_documents', 'expires_at', 'issued_at', now, (query) => query.whereNull('revoked_at'), 'document')
  const held = (query: Knex.QueryBuilder) => query.where({ status: 'active' }).whereNotNull('user_id')
  await each(database, 'mandates', 'ends_at', 'starts_at', now, held, 'mandate')
}

async function each(
  database: Database,
  table: string,
  end: string,
  start: string,
  now: number,
  narrow: (query: Knex.QueryBuilder) => Knex.QueryBuilder,
  what: 'document' | 'mandate',
): Promise<void> {
  for (let after = ''; ; ) {
    const rows: Record<string, string | number | null>[] = await narrow(database(table))
      .where(end, '>', now)
      .andWhere(end, '<=', now + NOTICE_MS)
      .andWhereRaw('?? - ?? >= ?', [end, start, SHORTEST_MS])
      .andWhere('id', '>', after)
      .orderBy('id')
      .limit(BATCH)
    for (const row of rows) await notice(database, row, what, Number(row[end]))
    after = String(rows.at(-1)?.['id'] ?? after)
    if (rows.length < BATCH) return
  }
}

async function notice(
  database: Database,
  row: Record<string, string | number | null>,
  what: 'document' | 'mandate',
  at: number,
): Promise<void> {
  const about = String(row['id'])
  const once = `expiry:${about}:${at}`
  // Told already: the outbox has forgotten it, the messages have not.
  if (await database('messages').where('once_key', 'like', `${once}:%`).first('id')) return
  const userId = row['user_id'] === null ? null : String(row['user_id'])
  const principal = typeof row['principal'] === 'string' ? row['principal'] : 'self'
  await post(database, { topic: 'expiry', userId, principal, about, detail: { what, at }, once })
}
