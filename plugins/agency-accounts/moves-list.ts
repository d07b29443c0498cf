import type { Database } from '../../core/base/database.ts'
import { UNDO_MS } from './moves.ts'

/** A merge or split of users as it was written down. Times are epoch milliseconds. */
export interface Move {
  id: number
  kind: 'merge' | 'split'
  from: string
  to: string
  actor: string
  reason: string
  /** How many accounts it concerned. */
  accounts: number
  at: number
  undoneAt: number | null
  /** Until when it can be undone, as far as time goes. */
  undoUntil: number
}

interface Row {
  id: number
  kind: Move['kind']
  from_user: string
  to_user: string
  actor: string
  reason: string
  at: number | string
  undone_at: number | string | null
}

/** The newest first. */
export async function listMoves(database: Database, { page, pageSize }: { page: number; pageSize: number }) {
  const rows: Row[] = await database('account_moves')
    .orderBy('id', 'desc')
    .limit(pageSize)
    .offset((page - 1) * pageSize)
  const counted = await database('account_moves').count({ n: '*' }).first()
  return { rows: await withItems(database, rows), total: Number(counted?.['n'] ?? 0) }
}

export async function readMove(database: Database, id: number): Promise<Move | null> {
  const rows: Row[] = await database('account_moves').where({ id })
  return (await withItems(database, rows))[0] ?? null
}

async function withItems(database: Database, rows: readonly Row[]): Promise<Move[]> {
  const ids = rows.map(({ id }) => id)
  const counts: { move_id: number; n: number | string }[] = await database('account_move_items')
    .whereIn('move_id', ids)
    .groupBy('move_id')
    .select('move_id')
    .count({ n: '*' })
  const countOf = new Map(counts.map(({ move_id, n }) => [move_id, Number(n)]))
  return rows.map(({ id, kind, from_user, to_user, actor, reason, at, undone_at }) => ({
    id,
    kind,
    from: from_user,
    to: to_user,
    actor,
    reason,
    accounts: countOf.get(id) ?? 0,
    at: Number(at),
    undoneAt: undone_at === null ? null : Number(undone_at),
    undoUntil: Number(at) + UNDO_MS,
  }))
}
