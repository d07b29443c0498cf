import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { backOff, claim, dueIds, RELEASED } from '../queue/lease.ts'
import type { Addresses } from './addresses.ts'
import { ChannelError } from './channels/channel.ts'
import type { Transports } from './channels/index.ts'
import { assertDeliveryMove, type DeliveryState } from './delivery-states.ts'
import { type Content, contentContext } from './fan-out.ts'
import type { Preferences } from './preferences.ts'
import { afterQuiet } from './quiet-hours.ts'
import { readableBy } from './recipients.ts'
import type { Channel } from './topics.ts'

/** One row of `message_deliveries`. */
export interface DeliveryRow {
  id: string
  message_id: string
  user_id: string | null
  recipient: string
  channel: Channel
  fallback: string
  state: DeliveryState
  attempts: number
  last_error: string | null
  due_at: number | string | null
  created_at: number | string
  updated_at: number | string
}

interface MessageRow {
  id: string
  about: string
  urgent: number | boolean
  content_sealed: string | null
  read_at: number | string | null
}

export interface Deliver {
  due(limit: number): Promise<string[]>
  /** Tries one delivery once. → when it is to be tried again, or null. */
  work(id: string): Promise<number | null>
}

export interface DeliverOptions {
  database: Database
  vault: Vault
  transports: Transports
  addresses: Addresses
  preferences: Preferences
  firstRetryMs: number
  now: () => number
}

/** Tries over one channel before the next one's turn. */
const ATTEMPTS = 5

type Held = DeliveryRow & { lease_owner: string }

/** Hands over what is to leave the hub: over one channel after the other, until one has taken it. */
export function createDeliver({ database, vault, transports, addresses, preferences, firstRetryMs, now }: DeliverOptions): Deliver {
  async function move(
    row: Held,
    to: DeliveryState,
    changes: object,
    also?: (transaction: Knex.Transaction) => Promise<void>,
  ): Promise<void> {
    assertDeliveryMove(row.state, to)
    await transact(database, async (transaction) => {
      const columns = { ...RELEASED, due_at: null, ...changes, state: to, updated_at: now() }
      const moved = await transaction('message_deliveries').where({ id: row.id, lease_owner: row.lease_owner }).update(columns)
      if (moved === 1) await also?.(transaction)
    })
  }

  /** The next channel's turn, in the transaction that ends this one's. */
  async function next(transaction: Knex.Transaction, { message_id, user_id, recipient, fallback }: Held): Promise<void> {
    const [channel, ...rest] = fallback.split(' ')
    if (!channel) return
    const fresh = { id: randomUUID(), message_id, user_id, recipient, channel, fallback: rest.join(' '), state: 'waiting' }
    const at = now()
    await transaction('message_deliveries').insert({ ...fresh, due_at: at, created_at: at, updated_at: at })
  }

  /** The message, where whoever it is for may still know it and has not read it. */
  async function stillDue({ message_id, user_id }: Held): Promise<MessageRow | null> {
    const query = database('messages').where({ 'messages.id': message_id })
    if (user_id !== null) query.modify(await readableBy(database, user_id))
    const message: MessageRow | undefined = await query.first('messages.*')
    return message && message.content_sealed !== null && message.read_at === null ? message : null
  }

  async function hand(row: Held, message: MessageRow, to: string): Promise<number | null> {
    const { title, short } = JSON.parse(vault.open(String(message.content_sealed), contentContext(message.id))) as Content
    const transport = transports.get(row.channel)
    try {
      if (!transport) throw new ChannelError('NO-CHANNEL', false)
      await transport.send({ id: row.id, to, title, text: short, urgent: Boolean(message.urgent) })
    } catch (error) {
      const attempts = row.attempts + 1
      const { code, passing } = error instanceof ChannelError ? error : new ChannelError('INTERNAL', true, error)
      if (!passing || attempts >= ATTEMPTS) {
        await move(row, 'failed', { attempts, last_error: code }, (transaction) => next(transaction, row))
        return row.fallback === '' ? null : now()
      }
      return again(row, { attempts, last_error: code }, now() + backOff(attempts, firstRetryMs))
    }
    await move(row, 'sent', { attempts: row.attempts + 1, last_error: null })
    return null
  }

  async function again(row: Held, changes: object, at: number): Promise<number> {
    await database('message_deliveries')
      .where({ id: row.id, lease_owner: row.lease_owner })
      .update({ ...RELEASED, ...changes, due_at: at, updated_at: now() })
    return at
  }

  return {
    due: (limit) => dueIds(database, 'message_deliveries', now(), limit),
    async work(id) {
      const row = await claim<DeliveryRow>(database, 'message_deliveries', id, now())
      if (!row) return null
      const message = await stillDue(row)
      if (!message) {
        await move(row, 'dropped', {})
        return null
      }
      const own = row.user_id === null ? null : await preferences.read(database, row.user_id)
      const allowed = message.urgent ? now() : afterQuiet(now(), preferences.quietHours(own))
      if (allowed > now()) return again(row, {}, allowed)
      const to = await addresses.find(database, row.channel, { userId: row.user_id, about: message.about })
      if (to !== null) return hand(row, message, to)
      await move(row, 'dropped', { last_error: 'NO-ADDRESS' }, (transaction) => next(transaction, row))
      return row.fallback === '' ? null : now()
    },
  }
}
