import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'
import { post } from '../outbox/outbox.ts'

/**
 * The life of an account. Every change of status goes through {@link moveUser}; docs/identity.md draws the
 * table. A lock whose end is past counts as active, whatever the row still says.
 */
export const userStates = {
  active: { title: '正常', to: ['locked', 'disabled', 'merged', 'deregistered'] },
  locked: { title: '已锁定', to: ['active', 'locked', 'disabled', 'merged', 'deregistered'] },
  disabled: { title: '已停用', to: ['active', 'merged', 'deregistered'] },
  // Back to what it was, when the merge is undone.
  merged: { title: '已合并', to: ['active', 'locked', 'disabled', 'deregistered'] },
  deregistered: { title: '已注销', to: [] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type UserStatus = keyof typeof userStates

/** Who changed a status and why, for the account's log. */
export interface UserActor {
  /** A user's id, or who sat at the command line; null for the hub itself. */
  actor: string | null
  /** In words; no personal data. */
  reason: string | null
  traceId?: string | null
}

export interface UserMove extends UserActor {
  /** What the log calls it, at most 24 characters. */
  action: string
  to: UserStatus
  /** Epoch milliseconds. */
  at: number
  /** Further columns that change with it. `locked_until`: end of a lock. */
  values?: Readonly<Record<string, unknown>>
}

export function canMoveUser(from: UserStatus, to: UserStatus): boolean {
  return (userStates[from].to as readonly string[]).includes(to)
}

/**
 * Changes the status of an account inside a transaction, and writes down why. `from`: the statuses from
 * which this may happen. → the status before. Throws HUB_USER_UNKNOWN for nobody, HUB_USER_DISABLED for an
 * account in another status or one from which nothing leads there; call `users.forget` after the commit.
 */
export async function moveUser(
  transaction: Knex.Transaction,
  id: string,
  from: readonly UserStatus[],
  { action, to, at, actor, reason, traceId = null, values = {} }: UserMove,
): Promise<UserStatus> {
  // A write first: it takes the row on both engines, so that nobody decides on what another is changing.
  await transaction('users').where({ id }).update({ updated_at: at })
  const row: { status: UserStatus } | undefined = await transaction('users').where({ id }).forUpdate().first('status')
  if (!row) throw new HubError('HUB_USER_UNKNOWN')
  if (!from.includes(row.status) || !canMoveUser(row.status, to)) throw new HubError('HUB_USER_DISABLED')
  await transaction('users')
    .where({ id })
    .update({ ...values, status: to })
  const until = to === 'locked' ? (values['locked_until'] ?? null) : null
  const event = { user_id: id, at, action, from_status: row.status, to_status: to, until, actor, reason, trace_id: traceId }
  await transaction('user_events').insert(event)
  const detail = { action, to, until: until === null ? null : Number(until) }
  if (to !== 'deregistered') await post(transaction, { topic: 'account', userId: id, about: id, detail, at })
  return row.status
}
