import { masks } from '../answer/masks.ts'
import { beijing } from '../answer/values.ts'
import type { Vault } from '../vault.ts'
import type { UserKind } from './service-access.ts'
import type { UserLevel } from './users.ts'

export const userStatuses = { active: '正常', disabled: '已停用', locked: '已锁定', merged: '已合并', deregistered: '已注销' } as const
export type UserStatus = keyof typeof userStatuses

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
  avatar_url: string | null
  auth_methods: string
  last_login_at: number | string | null
  locked_until: number | string | null
  created_at: number | string
}

/** An account as administrators and its owner see it. */
export function presentPerson(vault: Vault, row: PersonRow) {
  const { id } = row
  const open = (sealed: string | null, column: string) => (sealed === null ? null : vault.open(sealed, `users.${column}:${id}`))
  const masked = (value: string | null, mask: (text: string) => string) => (value === null ? null : mask(value))
  const moment = (at: number | string | null) => (at === null ? null : beijing(Number(at)))
  return {
    id,
    nickname: open(row.nickname_sealed, 'nickname'),
    avatarUrl: row.avatar_url,
    name: masked(open(row.name_sealed, 'name'), masks.name),
    idNumber: masked(open(row.id_number_sealed, 'id_number'), masks.idNumber),
    phone: masked(open(row.phone_sealed, 'phone'), masks.phone),
    authMethods: row.auth_methods === '' ? [] : row.auth_methods.split(' '),
    level: row.level,
    kind: row.kind,
    status: row.status,
    lockedUntil: moment(row.locked_until),
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
