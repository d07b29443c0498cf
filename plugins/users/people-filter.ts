import type { Knex } from 'knex'
import { normalPhone } from '../../core/base/checksums.ts'
import { IDENTITY_CARD, identityHash } from '../store/identity-hash.ts'
import type { Hasher, Indexes } from '../store/indexes.ts'
import type { UserKind } from './service-access.ts'
import type { UserStatus } from './states.ts'
import type { UserLevel } from './users.ts'

/** Epoch milliseconds; what is left out is open. */
export interface Span {
  from?: number | undefined
  to?: number | undefined
}

export interface PeopleFilter {
  /** To the letter; found by keyed hash. */
  name?: string
  idNumber?: string
  phone?: string
  status?: UserStatus
  kind?: UserKind
  level?: UserLevel
  /** Whoever holds or held a mandate of it. */
  enterpriseId?: string
  /** From when to when, in epoch milliseconds. */
  registered?: Span
  lastLogin?: Span
  page: number
  pageSize: number
}

export interface RecordFilter {
  userId?: string
  /** `app`, `counter` … */
  channel?: string
  at?: Span
  page: number
  pageSize: number
}

const hashes = {
  name: ['name_hash', (key: Hasher, name: string) => key.fingerprint(name, 'users.name')],
  idNumber: ['id_number_hash', (key: Hasher, number: string) => identityHash(key, IDENTITY_CARD, number)],
  phone: ['phone_hash', (key: Hasher, phone: string) => key.fingerprint(normalPhone(phone), 'users.phone')],
} as const

/** The accounts that a filter lets through. */
export function matching(database: Knex, filter: PeopleFilter, indexes: Indexes): Knex.QueryBuilder {
  const query = database('users')
  for (const [field, [column, hash]] of Object.entries(hashes)) {
    const value = filter[field as keyof typeof hashes]
    if (value === undefined) continue
    query.whereIn(
      column,
      indexes.each((key) => hash(key, value)),
    )
  }
  for (const column of ['kind', 'level'] as const) if (filter[column] !== undefined) query.where(column, filter[column])
  if (filter.status !== undefined) query.andWhere((status) => inStatus(status, filter.status))
  if (filter.enterpriseId !== undefined)
    query.whereIn('id', database('mandates').where({ enterprise_id: filter.enterpriseId }).whereNotNull('user_id').select('user_id'))
  within(query, 'created_at', filter.registered)
  within(query, 'last_login_at', filter.lastLogin)
  return query
}

export function recordsMatching(database: Knex, { userId, channel, at }: RecordFilter): Knex.QueryBuilder {
  const query = database('real_name_records')
  if (userId !== undefined) query.where({ user_id: userId })
  if (channel !== undefined) query.where({ channel })
  within(query, 'at', at)
  return query
}

function within(query: Knex.QueryBuilder, column: string, { from, to }: Span = {}): void {
  if (from !== undefined) query.where(column, '>=', from)
  if (to !== undefined) query.where(column, '<', to)
}

/** A lock that is over is none. */
function inStatus(query: Knex.QueryBuilder, status: UserStatus | undefined): void {
  const now = Date.now()
  if (status === 'locked') query.where({ status }).andWhere((end) => end.whereNull('locked_until').orWhere('locked_until', '>', now))
  else if (status === 'active') query.where({ status }).orWhere((lock) => lock.where({ status: 'locked' }).where('locked_until', '<=', now))
  else query.where({ status })
}
