import type { Knex } from 'knex'
import { post } from '../../../outbox/outbox.ts'
import type { AdminRole } from '../../../users/roles.ts'

/** Who may do something about it. */
const TOLD: readonly AdminRole[] = ['admin', 'operator']

/** The day that ended, and how. */
interface Ended {
  id: string
  connector: string
  channel: string
  day: string
  state: string
}

/** Tells those who have to look at a day, once for each way in which it ended, in the transaction that ends it. */
export async function alarm(transaction: Knex, { id, connector, channel, day, state }: Ended): Promise<void> {
  const people = (await transaction('administrators')
    .whereIn('role', [...TOLD])
    .pluck('user_id')) as string[]
  const detail = { connector, channel, day, state }
  for (const userId of people)
    await post(transaction, { topic: 'reconciliation', userId, about: id, detail, once: `reconciliation:${id}:${state}:${userId}` })
}
