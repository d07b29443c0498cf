import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Vault } from '../../core/base/vault.ts'
import type { Addresses } from './addresses.ts'
import { isOff, type Preferences } from './preferences.ts'
import { afterQuiet } from './quiet-hours.ts'
import type { Channel, MessageTopic } from './topics.ts'

export interface Planned {
  /** Id of the message. */
  id: string
  userId: string | null
  about: string
  topic: MessageTopic
  urgent: boolean
}

/** Decides, in the transaction that writes a message, whether, when and over which channels it leaves the hub. */
export type Planner = (transaction: Knex.Transaction, message: Planned) => Promise<void>

export interface PlanOptions {
  vault: Vault
  /** Channels that there are, in the order in which they are tried. */
  order: readonly Channel[]
  addresses: Addresses
  preferences: Preferences
  /** Deliveries an hour for one person. */
  hourly: number
  now: () => number
}

const HOUR_MS = 3_600_000
/** Somebody whom the hub does not know has no way to make it stop. */
const STRANGER = { max: 3, perMs: 24 * HOUR_MS }

export function createPlanner({ vault, order, addresses, preferences, hourly, now }: PlanOptions): Planner {
  return async (transaction, { id, userId, about, topic, urgent }) => {
    const own = userId === null ? null : await preferences.read(transaction, userId)
    const wanted = order.filter((channel) => own === null || !isOff(own, topic, channel))
    const reachable: Channel[] = []
    for (const channel of wanted) if ((await addresses.find(transaction, channel, { userId, about })) !== null) reachable.push(channel)
    const [channel, ...fallback] = reachable
    if (channel === undefined) return
    const at = now()
    const recipient =
      userId ?? vault.fingerprint((await addresses.find(transaction, channel, { userId, about })) ?? '', 'messages.recipient')
    const limit = userId === null ? STRANGER : { max: hourly, perMs: HOUR_MS }
    // What is urgent has as much again: somebody may bring it about on purpose, too.
    const free = (await sentTo(transaction, recipient, at - limit.perMs)) < (urgent ? 2 : 1) * limit.max
    await transaction('message_deliveries').insert({
      id: randomUUID(),
      message_id: id,
      user_id: userId,
      recipient,
      channel,
      fallback: fallback.join(' '),
      state: free ? 'waiting' : 'limited',
      due_at: free ? (urgent ? at : afterQuiet(at, preferences.quietHours(own))) : null,
      created_at: at,
      updated_at: at,
    })
  }
}

/** What a broken agency brings about, one person does not get on his telephone. */
async function sentTo(transaction: Knex.Transaction, recipient: string, since: number): Promise<number> {
  const row = await transaction('message_deliveries')
    .where({ recipient })
    .andWhere('created_at', '>', since)
    .whereNot({ state: 'limited' })
    .count({ n: '*' })
    .first()
  return Number(row?.['n'] ?? 0)
}
