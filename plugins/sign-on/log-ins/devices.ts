import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { post } from '../../outbox/outbox.ts'

export interface Device {
  id: string
  name: string
  firstSeenAt: number
  seenAt: number
  /** Null for one that its user has not said to trust. */
  trustedAt: number | null
}

export interface Devices {
  /** A user's, the last seen first. */
  list(userId: string, page: { page: number; pageSize: number }): Promise<{ rows: Device[]; total: number }>
  /** → false where the user has no such device. */
  trust(userId: string, id: string): Promise<boolean>
  /** → false where the user has no such device. */
  forget(userId: string, id: string): Promise<boolean>
}

interface DeviceRow {
  id: string
  name: string
  first_seen_at: number | string
  seen_at: number | string
  trusted_at: number | string | null
}

export function createDevices(database: Database): Devices {
  const of = (userId: string) => database('devices').where({ user_id: userId })
  return {
    async list(userId, { page, pageSize }) {
      const counted: { total?: number | string } | undefined = await of(userId).count({ total: '*' }).first()
      const rows: DeviceRow[] = await of(userId)
        .orderBy([{ column: 'seen_at', order: 'desc' }, { column: 'id' }])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      return { rows: rows.map(shown), total: Number(counted?.total ?? 0) }
    },
    async trust(userId, id) {
      if (!(await of(userId).where({ id }).first('id'))) return false
      await of(userId).where({ id }).whereNull('trusted_at').update({ trusted_at: Date.now() })
      return true
    },
    forget: async (userId, id) => (await of(userId).where({ id }).delete()) > 0,
  }
}

/**
 * Part of the transaction that notes a log-in. Of a device that was never seen its user is told, except of his first: that is the one
 * in his hand.
 */
export async function noteDevice(
  transaction: Knex,
  userId: string,
  { id, name }: { id: string; name: string },
  now: number,
): Promise<void> {
  if ((await transaction('devices').where({ id }).update({ seen_at: now })) > 0) return
  const other = await transaction('devices').where({ user_id: userId }).first('id')
  const row = { id, user_id: userId, name, first_seen_at: now, seen_at: now, trusted_at: null }
  await transaction('devices').insert(row).onConflict('id').ignore()
  // Two processes may see it first at one moment; it is told once.
  if (other) await post(transaction, { topic: 'device', userId, about: id, detail: {}, once: `device ${id} ${dayOf(now)}`, at: now })
}

/** A device that was forgotten is new once more; of one that comes and goes its user is told once a day. */
const dayOf = (at: number) => Math.floor(at / 86_400_000)

const shown = ({ id, name, first_seen_at, seen_at, trusted_at }: DeviceRow): Device => ({
  id,
  name,
  firstSeenAt: Number(first_seen_at),
  seenAt: Number(seen_at),
  trustedAt: trusted_at === null ? null : Number(trusted_at),
})
