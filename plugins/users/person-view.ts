import { createHash } from 'node:crypto'
import { beijing } from '../../core/base/time.ts'
import type { Vault } from '../../core/base/vault.ts'
import { masks } from '../../core/contract/masks.ts'
import type { UserKind } from './service-access.ts'
import { type UserStatus, userStates } from './states.ts'
import type { UserLevel } from './users.ts'

/** Status → its Chinese name. */
export const userStatuses = Object.fromEntries(Object.entries(userStates).map(([status, { title }]) => [status, title])) as Readonly<
  Record<UserStatus, string>
>

export interface PersonRow {
  id: string
  status: UserStatus
  level: UserLevel
  kind: UserKind
  name_sealed: string | null
  id_type: string | null
  id_number_sealed: string | null
  phone_sealed: string | null
  nickname_sealed: string | null
  avatar_sealed: string | null
  auth_methods: string
  last_login_at: number | string | null
  locked_until: number | string | null
  created_at: number | string
}

/** A sign of an account's data as somebody saw them: another one once any of them is changed. */
export function versionOf(row: PersonRow): string {
  const { status, level, kind, name_sealed, id_number_sealed, phone_sealed, nickname_sealed, avatar_sealed, locked_until } = row
  const seen = [status, level, kind, name_sealed, id_number_sealed, phone_sealed, nickname_sealed, avatar_sealed, String(locked_until)]
  return createHash('sha256').update(JSON.stringify(seen)).digest('base64url').slice(0, 16)
}

/** A sign of who an account is and how he is reached. Another one once either is changed. */
export function reachedAs({ id_number_hash, phone_hash }: { id_number_hash: string | null; phone_hash: string | null }): string {
  return createHash('sha256')
    .update(JSON.stringify([id_number_hash, phone_hash]))
    .digest('base64url')
    .slice(0, 16)
}

/** An account as administrators and its owner see it; a lock that is over is none. */
export function presentPerson(vault: Vault, row: PersonRow) {
  const { id } = row
  const over = row.status === 'locked' && row.locked_until !== null && Number(row.locked_until) <= Date.now()
  const open = (sealed: string | null, column: string) => (sealed === null ? null : vault.open(sealed, `users.${column}:${id}`))
  const masked = (value: string | null, mask: (text: string) => string) => (value === null ? null : mask(value))
  const moment = (at: number | string | null) => (at === null ? null : beijing(Number(at)))
  return {
    id,
    version: versionOf(row),
    nickname: open(row.nickname_sealed, 'nickname'),
    avatarUrl: open(row.avatar_sealed, 'avatar'),
    name: masked(open(row.name_sealed, 'name'), masks.name),
    idNumber: masked(open(row.id_number_sealed, 'id_number'), masks.idNumber),
    phone: masked(open(row.phone_sealed, 'phone'), masks.phone),
    authMethods: row.auth_methods === '' ? [] : row.auth_methods.split(' '),
    level: row.level,
    kind: row.kind,
    status: over ? 'active' : row.status,
    lockedUntil: over ? null : moment(row.locked_until),
    realName: row.level === 'real-name' && row.name_sealed !== null,
    registeredAt: moment(row.created_at),
    lastLoginAt: moment(row.last_login_at),
  }
}

export interface RecordRow {
  id: string
  user_id: string
  at: number | string
  channel: string
  name_sealed: string
  id_type: string
  id_number_sealed: string
  recorded_by: string | null
}

export function presentRecord(vault: Vault, { id, user_id, at, channel, name_sealed, id_type, id_number_sealed, recorded_by }: RecordRow) {
  return {
    at: beijing(Number(at)),
    userId: user_id,
    channel,
    name: masks.name(vault.open(name_sealed, `real_name_records.name:${id}`)),
    idType: id_type,
    idNumber: masks.idNumber(vault.open(id_number_sealed, `real_name_records.id_number:${id}`)),
    recordedBy: recorded_by,
  }
}

export interface EventRow {
  at: number | string
  action: string
  from_status: UserStatus
  to_status: UserStatus
  until: number | string | null
  actor: string | null
  reason: string | null
  trace_id: string | null
}

/** One change of an account's status. */
export function presentEvent({ at, action, from_status, to_status, until, actor, reason, trace_id }: EventRow) {
  return {
    at: beijing(Number(at)),
    action,
    from: from_status,
    to: to_status,
    until: until === null ? null : beijing(Number(until)),
    actor,
    reason,
    traceId: trace_id,
  }
}
