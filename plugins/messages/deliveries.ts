import type { Database } from '../../core/base/database.ts'
import { beijing } from '../../core/base/time.ts'
import type { DeliveryRow } from './deliver.ts'
import { assertDeliveryMove, type DeliveryState, deliveryStates } from './delivery-states.ts'
import { type Channel, channels, type MessageTopic, topics } from './topics.ts'

export interface DeliveryFilter {
  state?: DeliveryState
  channel?: Channel
  user?: string
  page: number
  pageSize: number
}

/** What an operator sees of a delivery: neither to which number it went nor what it says. */
export interface DeliveryView {
  id: string
  messageId: string
  userId: string | null
  kind: MessageTopic
  kindName: string
  channel: Channel
  channelName: string
  state: DeliveryState
  stateName: string
  attempts: number
  lastError: string | null
  dueAt: string | null
  createdAt: string
  updatedAt: string
}

export interface Deliveries {
  /** Newest first. */
  find(filter: DeliveryFilter): Promise<{ rows: DeliveryView[]; total: number }>
  /** Has one that failed, or was held back, tried again. → null where there is none in such a state. */
  replay(id: string): Promise<DeliveryView | null>
  /** Gives one up that failed, or was held back. → whether there was one in such a state. */
  drop(id: string): Promise<boolean>
}

const REPLAYABLE = ['failed', 'limited'] as const satisfies readonly DeliveryState[]

type Joined = DeliveryRow & { topic: MessageTopic }

export function createDeliveries(database: Database, now: () => number): Deliveries {
  const joined = () => database('message_deliveries').join('messages', 'messages.id', 'message_deliveries.message_id')

  async function read(id: string): Promise<Joined | undefined> {
    return joined().where({ 'message_deliveries.id': id }).first('message_deliveries.*', 'messages.topic')
  }

  return {
    async find({ state, channel, user, page, pageSize }) {
      const where = {
        ...(state === undefined ? {} : { 'message_deliveries.state': state }),
        ...(channel === undefined ? {} : { 'message_deliveries.channel': channel }),
        ...(user === undefined ? {} : { 'message_deliveries.user_id': user }),
      }
      const counted = await joined().where(where).count({ n: '*' }).first()
      const rows: Joined[] = await joined()
        .where(where)
        .orderBy([
          { column: 'message_deliveries.created_at', order: 'desc' },
          { column: 'message_deliveries.id', order: 'desc' },
        ])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
        .select('message_deliveries.*', 'messages.topic')
      return { rows: rows.map(view), total: Number(counted?.['n'] ?? 0) }
    },
    async replay(id) {
      const at = now()
      let moved = 0
      for (const state of REPLAYABLE) {
        assertDeliveryMove(state, 'waiting')
        // Of one that failed, the channels after it have had their turn: this one is tried again for itself.
        const fresh = { state: 'waiting', attempts: 0, due_at: at, updated_at: at, ...(state === 'failed' ? { fallback: '' } : {}) }
        if (moved === 0) moved = await database('message_deliveries').where({ id, state }).update(fresh)
      }
      const row = moved === 1 ? await read(id) : undefined
      return row ? view(row) : null
    },
    async drop(id) {
      for (const state of REPLAYABLE) assertDeliveryMove(state, 'dropped')
      const of = database('message_deliveries')
        .where({ id })
        .whereIn('state', [...REPLAYABLE])
      return (await of.update({ state: 'dropped', due_at: null, updated_at: now() })) === 1
    },
  }
}

function view(row: Joined): DeliveryView {
  return {
    id: row.id,
    messageId: row.message_id,
    userId: row.user_id,
    kind: row.topic,
    kindName: topics[row.topic].title,
    channel: row.channel,
    channelName: channels[row.channel],
    state: row.state,
    stateName: deliveryStates[row.state].title,
    attempts: row.attempts,
    lastError: row.last_error,
    dueAt: row.due_at === null ? null : beijing(Number(row.due_at)),
    createdAt: beijing(Number(row.created_at)),
    updatedAt: beijing(Number(row.updated_at)),
  }
}
