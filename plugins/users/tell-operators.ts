import type { Knex } from 'knex'
import { type Notice, post, type Topic } from '../outbox/outbox.ts'
import type { AdminRole } from './roles.ts'

/** Who may do something about what ails the hub. */
const TOLD: readonly AdminRole[] = ['admin', 'operator']

/** Has administrators and operators told, each once for one key. */
export async function tellOperators<T extends Topic>(
  transaction: Knex,
  { once, ...notice }: Omit<Notice<T>, 'userId' | 'once'> & { once: string },
): Promise<void> {
  const people = (await transaction('administrators')
    .whereIn('role', [...TOLD])
    .pluck('user_id')) as string[]
  for (const userId of people) await post(transaction, { ...notice, userId, once: `${once}:${userId}` })
}
