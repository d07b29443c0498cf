import type { AlertReceiver } from '../../../config/alerts.ts'
import type { Database } from '../../../core/base/database.ts'
import type { Log } from '../../../core/base/log.ts'
import { transact } from '../../../core/base/transact.ts'
import { ChannelError } from '../../messages/channels/channel.ts'
import type { JobType } from '../../queue/jobs.ts'
import { backOff, claim, dueIds, RELEASED } from '../../queue/lease.ts'
import type { AlertChannel } from './channels/channel.ts'
import { OWN } from './readings.ts'
import { addDelivery, type Notification } from './tell.ts'

interface DeliveryRow {
  id: string
  receiver: string
  channel: number
  content: string
  attempts: number
}

export interface DeliverOptions {
  database: Database
  receivers: readonly AlertReceiver[]
  channels: ReadonlyMap<string, readonly AlertChannel[]>
  firstRetryMs: number
  now: () => number
  log: Pick<Log, 'error'>
}

/** Tries over one channel. */
const ATTEMPTS = 5

/** Hands over what is told. What one process is at no other is; what no channel took is a dead letter. */
export function createAlertDeliver({ database, receivers, channels, firstRetryMs, now, log }: DeliverOptions) {
  const rows = () => database('alert_deliveries')

  async function work(id: string): Promise<number | null> {
    const row = await claim<DeliveryRow>(database, 'alert_deliveries', id, now())
    if (!row) return null
    const attempts = row.attempts + 1
    const own = () => rows().where({ id, lease_owner: row.lease_owner })
    try {
      const channel = channels.get(row.receiver)?.[row.channel]
      if (!channel) throw new ChannelError('NO-CHANNEL', false)
      await channel.send(id, JSON.parse(row.content) as Notification)
    } catch (error) {
      const { code, passing } = error instanceof ChannelError ? error : new ChannelError('INTERNAL', true, error)
      const changes = { ...RELEASED, attempts, last_error: code, updated_at: now() }
      if (passing && attempts < ATTEMPTS) {
        const due_at = now() + backOff(attempts, firstRetryMs)
        await own().update({ ...changes, due_at })
        return due_at
      }
      await fail(row, changes)
      return null
    }
    await own().update({ ...RELEASED, attempts, last_error: null, state: 'sent', due_at: null, updated_at: now() })
    return null
  }

  async function fail(
    { id, receiver, channel, content, lease_owner }: DeliveryRow & { lease_owner: string },
    changes: { last_error: string },
  ) {
    log.error({ receiver, channel, code: changes.last_error }, '告警没有送出')
    const known = receivers.find(({ name }) => name === receiver)
    await transact(database, async (transaction) => {
      const failed = await transaction('alert_deliveries')
        .where({ id, lease_owner })
        .update({ ...changes, state: 'failed', due_at: null })
      const next = channel + 1
      if (failed === 1 && known?.mode === 'first' && next < known.channels.length)
        await addDelivery(transaction, { receiver, channel: next, content }, now())
    })
  }

  const change = async (id: string, to: object) =>
    (await rows()
      .where({ id, state: 'failed' })
      .update({ ...to, updated_at: now() })) === 1
  const job: JobType = {
    name: OWN,
    title: '告警的发送',
    table: 'alert_deliveries',
    failed: (query) => void query.where({ state: 'failed' }),
    letters: {
      read: (row) => ({
        id: String(row['id']),
        about: `${row['receiver']} ${row['channel']}`,
        lastError: row['last_error'] === null ? null : String(row['last_error']),
        attempts: Number(row['attempts']),
        createdAt: Number(row['created_at']),
        updatedAt: Number(row['updated_at']),
      }),
      replay: (id) => change(id, { state: 'waiting', attempts: 0, due_at: now() }),
      drop: (id) => change(id, { state: 'dropped' }),
    },
  }
  return { due: (limit: number) => dueIds(database, 'alert_deliveries', now(), limit), work, job }
}
