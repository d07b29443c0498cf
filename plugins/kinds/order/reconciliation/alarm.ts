import type { Knex } from 'knex'
import { tellOperators } from '../../../users/tell-operators.ts'

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
  const detail = { connector, channel, day, state }
  await tellOperators(transaction, { topic: 'reconciliation', about: id, detail, once: `reconciliation:${id}:${state}` })
}
