import type { Knex } from 'knex'

/** A user and all who were merged into him, through others as well. */
export async function withMerged(transaction: Knex, userId: string): Promise<string[]> {
  const found = [userId]
  for (const id of found) {
    const merged: string[] = await transaction('account_moves')
      .where({ kind: 'merge', to_user: id })
      .whereNull('undone_at')
      .pluck('from_user')
    found.push(...merged.filter((other) => !found.includes(other)))
  }
  return found
}
