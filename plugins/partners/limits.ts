import type { Knex } from 'knex'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'
import type { Database } from '../../core/base/database.ts'
import { transact } from '../../core/base/transact.ts'

/** How much an application may ask; null: as much as it likes. */
export interface Limit {
  perMinute: number | null
  perDay: number | null
  perMonth: number | null
}

/** By service; `*` is all of them together. */
export type ServiceLimits = Readonly<Record<string, Limit>>

export const ALL = '*'

export const testingLimits: ServiceLimits = { [ALL]: { perMinute: 60, perDay: 1000, perMonth: null } }
export const runningLimits: ServiceLimits = { [ALL]: { perMinute: 600, perDay: 100_000, perMonth: 2_000_000 } }

interface LimitRow {
  service: string
  per_minute: number | null
  per_day: number | null
  per_month: number | null
}

export interface Limits {
  read(clientId: string): Promise<ServiceLimits>
  /** As they stand, or stood some seconds ago: for the path of every call. */
  recent(clientId: string): ServiceLimits | Promise<ServiceLimits>
  /** In place of all that there were. */
  set(clientId: string, limits: ServiceLimits, transaction?: Knex.Transaction): Promise<void>
}

const BELIEVED_MS = 5000

export function createLimits(database: Database): Limits {
  const known = new LRUCache<string, ServiceLimits>({ ...atMost(1000), ttl: BELIEVED_MS })

  async function read(clientId: string): Promise<ServiceLimits> {
    const rows: LimitRow[] = await database('application_limits').where({ client_id: clientId }).orderBy('service')
    const found = rows.map(({ service, per_minute, per_day, per_month }) => {
      return [service, { perMinute: per_minute, perDay: per_day, perMonth: per_month }] as const
    })
    return Object.fromEntries(found)
  }

  async function remember(clientId: string): Promise<ServiceLimits> {
    const limits = await read(clientId)
    known.set(clientId, limits)
    return limits
  }

  async function write(transaction: Knex.Transaction, clientId: string, limits: ServiceLimits): Promise<void> {
    await transaction('application_limits').where({ client_id: clientId }).delete()
    const rows = Object.entries(limits).map(([service, { perMinute, perDay, perMonth }]) => {
      return { client_id: clientId, service, per_minute: perMinute, per_day: perDay, per_month: perMonth }
    })
    if (rows.length > 0) await transaction('application_limits').insert(rows)
  }

  return {
    read,
    recent: (clientId) => known.get(clientId) ?? remember(clientId),
    async set(clientId, limits, transaction) {
      if (transaction) await write(transaction, clientId, limits)
      else await transact(database, (own) => write(own, clientId, limits))
      known.delete(clientId)
    },
  }
}
