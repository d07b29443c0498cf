import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'
import type { Database } from '../../core/base/database.ts'

/** Which log-ins come from a device that is not known to be its user's. */
export interface StrangeDevices {
  /**
   * Whether the device of a log-in is strange: not the first that its user was seen with, and none that he trusts (which takes his
   * face). A log-in that names no device says nothing of it. Without a promise for one that is known not to be.
   */
  isStrange(logIn: string): false | Promise<boolean>
}

const MOST = 20_000

interface DeviceRow {
  id: string
  user_id: string
  trusted_at: number | string | null
  first_seen_at: number | string
}

export function createStrangeDevices(database: Database): StrangeDevices {
  /** A device that was forgotten takes its log-ins along: what is no stranger stays none. */
  const familiar = new LRUCache<string, true>(atMost(MOST))

  async function look(logIn: string): Promise<boolean> {
    const device: DeviceRow | undefined = await database('log_ins')
      .join('devices', 'devices.id', 'log_ins.device_id')
      .where('log_ins.id', logIn)
      .first('devices.id', 'devices.user_id', 'devices.trusted_at', 'devices.first_seen_at')
    const isStrange = device !== undefined && device.trusted_at === null && (await hasEarlier(device))
    if (!isStrange) familiar.set(logIn, true)
    return isStrange
  }

  /** By the log-ins, which stay when a device is forgotten: whoever has a strange one does not make it the first by that. */
  async function hasEarlier({ id, user_id, first_seen_at }: DeviceRow): Promise<boolean> {
    const others = database('log_ins').where({ user_id }).whereNotNull('device_id').whereNot({ device_id: id })
    return (await others.where('first_seen_at', '<=', first_seen_at).first('id')) !== undefined
  }

  return { isStrange: (logIn) => (familiar.has(logIn) ? false : look(logIn)) }
}
