import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { IDLE_MS } from '../sessions.ts'
import type { Ending, LogInKind } from './log-ins.ts'

export const logInStates = { present: '登录中', ended: '已结束' } as const
export type LogInState = keyof typeof logInStates

/** A log-in as its user sees it. Times are epoch milliseconds. */
export interface LogInView {
  id: string
  kind: LogInKind
  /** Client id of the application, and its name where it is registered; null for the hub's own pages. */
  application: { id: string; name: string | null } | null
  /** `id` is null where nothing but its `User-Agent` tells of the device. */
  device: { id: string | null; name: string | null; trusted: boolean }
  address: string | null
  proven: boolean
  signedOnAt: number
  seenAt: number
  state: LogInState
  endedAt: number | null
  endedHow: Ending | 'expired' | null
}

export interface LogInFilter {
  userId: string
  state?: LogInState | undefined
  page: number
  pageSize: number
}

interface Row {
  id: string
  kind: LogInKind
  application: string | null
  application_name: string | null
  device_id: string | null
  device_name: string | null
  known_name: string | null
  trusted_at: number | string | null
  address_sealed: string | null
  proven: number | boolean
  signed_on_at: number | string
  seen_at: number | string
  session_seen_at: number | string | null
  used_at: number | string | null
  expires_at: number | string
  ended_at: number | string | null
  ended_how: Ending | null
  is_present: number | boolean
}

/** Where a user is logged in and was, what lasts first, then by when it was last seen. */
export async function listLogIns(
  database: Database,
  vault: Vault,
  { userId, state, page, pageSize }: LogInFilter,
): Promise<{ rows: LogInView[]; total: number }> {
  const now = Date.now()
  const all = () =>
    joined(database)
      .where({ 'log_ins.user_id': userId })
      .modify((query) => void (state !== undefined && query.whereRaw(`${PRESENT} = ?`, [...presentAt(now), state === 'present' ? 1 : 0])))
  const counted: { total?: number | string } | undefined = await all().count({ total: '*' }).first()
  const rows: Row[] = await all()
    .select('log_ins.*', { known_name: 'devices.name', trusted_at: 'devices.trusted_at', application_name: 'oauth_clients.name' })
    .select({ session_seen_at: 'sessions.seen_at', used_at: 'oauth_grants.last_used_at' })
    .select(database.raw(`${PRESENT} as is_present`, presentAt(now)))
    .orderByRaw('is_present desc, log_ins.seen_at desc, log_ins.id')
    .limit(pageSize)
    .offset((page - 1) * pageSize)
  return { rows: rows.map((row) => shown(vault, row)), total: Number(counted?.total ?? 0) }
}

function joined(database: Database): Knex.QueryBuilder {
  return database('log_ins')
    .leftJoin('sessions', 'sessions.id_hash', 'log_ins.session_hash')
    .leftJoin('oauth_grants', 'oauth_grants.id', 'log_ins.grant_id')
    .leftJoin('devices', 'devices.id', 'log_ins.device_id')
    .leftJoin('oauth_clients', 'oauth_clients.id', 'log_ins.application')
}

/** What is over with its session or grant needs nobody who notes it. */
const PRESENT = `(case when log_ins.ended_at is not null or log_ins.expires_at <= ? then 0
  when log_ins.kind = 'browser' then (case when sessions.seen_at > ? then 1 else 0 end)
  when log_ins.kind = 'authorization' then (case when oauth_grants.id is not null and oauth_grants.revoked_at is null then 1 else 0 end)
  else 1 end)`
const presentAt = (now: number) => [now, now - IDLE_MS]

function shown(vault: Vault, row: Row): LogInView {
  const { id, kind, application, device_id: deviceId, address_sealed: address, ended_at: ended } = row
  const isPresent = Boolean(row.is_present)
  const seenAt = Math.max(Number(row.seen_at), Number(row.session_seen_at ?? 0), Number(row.used_at ?? 0))
  const over = kind === 'browser' ? Math.min(Number(row.expires_at), seenAt + IDLE_MS) : Number(row.expires_at)
  return {
    id,
    kind,
    application: application === null ? null : { id: application, name: row.application_name },
    // Forgotten, a device is none that anything could be said of.
    device: { id: row.known_name === null ? null : deviceId, name: row.known_name ?? row.device_name, trusted: row.trusted_at !== null },
    address: address === null ? null : vault.open(address, `log_ins.address:${id}`),
    proven: Boolean(row.proven),
    signedOnAt: Number(row.signed_on_at),
    seenAt,
    state: isPresent ? 'present' : 'ended',
    endedAt: isPresent ? null : Number(ended ?? over),
    endedHow: isPresent ? null : (row.ended_how ?? 'expired'),
  }
}
