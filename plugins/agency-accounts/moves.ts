import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { AccountsDeclaration } from '../../core/contract/accounts.ts'
import { endSessions } from '../access/end-sessions.ts'
import { post } from '../outbox/outbox.ts'
import { lockIndexes } from '../store/indexes.ts'
import type { Along } from '../store/personal-data.ts'
import { moveUser, type UserStatus } from '../users/states.ts'
import { type AccountState, assertAccountMove } from './states.ts'
import { type AccountRow, claimsOf, externalHash } from './store.ts'

export const UNDO_MS = 30 * 24 * 3600_000

export interface Merge {
  from: string
  into: string
  /** Who decided it, and why: kept with the move. No personal data. */
  actor: string
  reason: string
  /** Why two users who were verified under different identities are one person all the same: kept with the reason. */
  despite?: string | undefined
}

export interface Split {
  from: string
  to: string
  accountIds: readonly string[]
  actor: string
  reason: string
}

/** Two hub users who are one person, or one who is two. Every move is written down and can be undone within 30 days. */
export interface Moves {
  /**
   * Moves all accounts of `from` to `into` and shuts `from`. What has no place there, as `into` has its own
   * account at the agency, stays behind, suspended. What else is his goes along ({@link MovesOptions.along}). → the move's id. Throws HUB_USER_UNKNOWN, HUB_USER_DISABLED,
   * HUB_IDENTITY_DIFFERS for two persons.
   */
  merge(merge: Merge): Promise<number>
  /** Moves some accounts to another user. → the move's id. Throws HUB_USER_*, HUB_NO_RECORD, HUB_ACCOUNT_CONFLICT. */
  split(split: Split): Promise<number>
  /** The same as part of a transaction of the caller's, who forgets the user that was merged after the commit. */
  within(transaction: Knex.Transaction): Pick<Moves, 'merge' | 'split'>
  /** Puts everything back, except what was unbound since. Throws HUB_ACCOUNT_UNDO. */
  undo(id: number): Promise<void>
}

interface MoveRow {
  id: number
  kind: 'merge' | 'split'
  from_user: string
  to_user: string
  from_status: UserStatus | null
  at: number
  undone_at: number | null
}

interface ItemRow {
  account_id: string
  user_before: string
  user_after: string
  state_before: AccountState
  state_after: AccountState
}

export interface MovesOptions {
  database: Database
  vault: Vault
  declarationOf(connector: string): AccountsDeclaration | undefined
  /** What capabilities above this one keep of users. */
  along: readonly Along[]
  /** Told of users whose account was shut or opened again, after the commit. */
  changed(userId: string): void
  now?: () => number
}

export function createMoves({ database, vault, declarationOf, along, changed, now = Date.now }: MovesOptions): Moves {
  const claims = (row: Pick<AccountRow, 'user_id' | 'connector' | 'external_hash'>) => claimsOf(vault, declarationOf(row.connector), row)

  function live(transaction: Knex.Transaction, userId: string): Promise<AccountRow[]> {
    return Promise.resolve(
      transaction('agency_accounts').where({ user_id: userId }).andWhereNot({ state: 'revoked' }).orderBy(['bound_at', 'id']),
    )
  }

  /** Whether `to` holds already what this account would claim there, under whichever key. */
  async function taken(transaction: Knex.Transaction, row: AccountRow, to: string): Promise<boolean> {
    const { user_claim } = claims({ ...row, user_id: to })
    const others = transaction('agency_accounts').whereNot({ id: row.id })
    const hashes = await hashesOf(transaction, row)
    const each = hashes.map((external_hash) => claims({ ...row, external_hash, user_id: to }).external_claim)
    const clash = others.andWhere((query) => {
      query.whereIn('external_claim', each)
      if (user_claim !== null) query.orWhere({ user_claim })
    })
    return (await clash.first()) !== undefined
  }

  /** Nobody binds the same meanwhile: {@link lockIndexes}. */
  async function hashesOf(transaction: Knex.Transaction, row: AccountRow): Promise<string[]> {
    const indexes = await lockIndexes(transaction, vault)
    if (row.external_sealed === null) return [row.external_hash]
    const externalId = vault.open(row.external_sealed, `agency_accounts.external:${row.id}`)
    return [row.external_hash, ...indexes.each((key) => externalHash(key, row.connector, externalId))]
  }

  async function place(transaction: Knex.Transaction, row: AccountRow, userId: string, state: AccountState): Promise<ItemRow> {
    if (row.state !== state) assertAccountMove(row.state, state)
    const moved = { user_id: userId, state, updated_at: now(), ...claims({ ...row, user_id: userId }) }
    await transaction('agency_accounts').where({ id: row.id }).update(moved)
    return { account_id: row.id, user_before: row.user_id, user_after: userId, state_before: row.state, state_after: state }
  }

  /** Both learn of it: who has the account now, and who had it. */
  async function tell(transaction: Knex.Transaction, { account_id: about, user_before, user_after, state_after }: ItemRow): Promise<void> {
    const { connector }: { connector: string } = await transaction('agency_accounts').where({ id: about }).first('connector')
    const told = (userId: string, change: 'bound' | 'unbound' | 'suspended') =>
      post(transaction, { topic: 'binding', userId, about, detail: { connector, change }, at: now() })
    if (user_before !== user_after) await told(user_before, 'unbound')
    await told(user_after, state_after === 'suspended' ? 'suspended' : 'bound')
  }

  async function record(transaction: Knex.Transaction, move: object, items: readonly ItemRow[]): Promise<number> {
    const [id = 0] = await transaction('account_moves').insert({ ...move, at: now() })
    for (const item of items) {
      await transaction('account_move_items').insert({ move_id: id, ...item })
      await tell(transaction, item)
    }
    return id
  }

  async function assertLast(transaction: Knex.Transaction, { id, from_user, to_user }: MoveRow): Promise<void> {
    const users = [from_user, to_user]
    const later = await transaction('account_moves')
      .where('id', '>', id)
      .whereNull('undone_at')
      .andWhere((query) => query.whereIn('from_user', users).orWhereIn('to_user', users))
      .first()
    if (later) throw new HubError('HUB_ACCOUNT_UNDO')
  }

  async function putBack(transaction: Knex.Transaction, item: ItemRow): Promise<void> {
    const row: AccountRow = await transaction('agency_accounts').where({ id: item.account_id }).first()
    if (row.state === 'revoked') return
    if (row.user_id !== item.user_after || (await taken(transaction, row, item.user_before))) throw new HubError('HUB_ACCOUNT_UNDO')
    // What happened to the account itself since (its authorisation ran out) stays true.
    await tell(transaction, await place(transaction, row, item.user_before, row.state === item.state_after ? item.state_before : row.state))
  }

  async function merge(transaction: Knex.Transaction, { from, into, actor, reason: why, despite }: Merge): Promise<number> {
    const reason = despite === undefined ? why : `${why}；身份不同：${despite}`
    const at = now()
    const merged = { action: 'merge', to: 'merged', at, actor, reason } as const
    await assertUser(transaction, from)
    await assertUser(transaction, into, from)
    if (despite === undefined) await assertOnePerson(transaction, [from, into])
    const items: ItemRow[] = []
    for (const row of await live(transaction, from)) {
      const stays = await taken(transaction, row, into)
      items.push(await place(transaction, row, stays ? from : into, stays ? 'suspended' : row.state))
    }
    const status = await moveUser(transaction, from, ['active', 'locked', 'disabled'], merged)
    await endSessions(transaction, from, at)
    const id = await record(transaction, { kind: 'merge', from_user: from, to_user: into, from_status: status, actor, reason }, items)
    for (const each of along) await each.go({ transaction, move: id, from, into, at })
    return id
  }

  async function split(transaction: Knex.Transaction, { from, to, accountIds, actor, reason }: Split): Promise<number> {
    await assertUser(transaction, from)
    await assertUser(transaction, to, from)
    const rows = await live(transaction, from)
    const items: ItemRow[] = []
    for (const accountId of accountIds) {
      const row = rows.find(({ id }) => id === accountId)
      if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到要拆分的账户。' })
      if (await taken(transaction, row, to)) throw new HubError('HUB_ACCOUNT_CONFLICT', { detail: '对方已绑定该单位的账户。' })
      items.push(await place(transaction, row, to, row.state))
    }
    return record(transaction, { kind: 'split', from_user: from, to_user: to, actor, reason }, items)
  }

  return {
    async merge(wanted) {
      const id = await transact(database, (transaction) => merge(transaction, wanted))
      changed(wanted.from)
      return id
    },
    split: (wanted) => transact(database, (transaction) => split(transaction, wanted)),
    within: (transaction) => ({ merge: (wanted) => merge(transaction, wanted), split: (wanted) => split(transaction, wanted) }),
    async undo(id) {
      const move = await transact(database, async (transaction) => {
        const at = now()
        const undone = await transaction('account_moves')
          .where({ id, undone_at: null })
          .andWhere('at', '>', at - UNDO_MS)
          .update({ undone_at: at })
        if (undone !== 1) throw new HubError('HUB_ACCOUNT_UNDO')
        const found: MoveRow = await transaction('account_moves').where({ id }).first()
        await assertLast(transaction, found)
        const items: ItemRow[] = await transaction('account_move_items').where({ move_id: id })
        for (const item of items) await putBack(transaction, item)
        if (found.kind === 'merge') {
          const back = { transaction, move: id, from: found.from_user, into: found.to_user, at }
          for (const each of along) await each.comeBack(back)
          const before = found.from_status ?? 'active'
          const opened = { action: 'undo', to: before, at, actor: null, reason: `撤销第 ${id} 号合并` }
          await moveUser(transaction, found.from_user, ['merged'], opened).catch((error: unknown) => {
            throw error instanceof HubError ? new HubError('HUB_ACCOUNT_UNDO', {}, error) : error
          })
        }
        return found
      }).catch((error: unknown) => {
        // A place that somebody has taken since is his.
        throw isDuplicate(error) ? new HubError('HUB_ACCOUNT_UNDO', {}, error) : error
      })
      changed(move.from_user)
    },
  }
}

/** Throws where both are verified, and under different identities. Of somebody unverified nothing speaks against it. */
async function assertOnePerson(transaction: Knex, users: readonly [string, string]): Promise<void> {
  const hashes: string[] = await transaction('users').whereIn('id', users).whereNotNull('id_number_hash').distinct().pluck('id_number_hash')
  if (hashes.length > 1) throw new HubError('HUB_IDENTITY_DIFFERS')
}

/** Throws unless the user is there, not over, and another than `other`. */
async function assertUser(transaction: Knex.Transaction, id: string, other?: string): Promise<void> {
  const user = await transaction('users').where({ id }).forUpdate().first()
  if (!user || id === other) throw new HubError('HUB_USER_UNKNOWN')
  if (user.status === 'merged' || user.status === 'deregistered') throw new HubError('HUB_USER_DISABLED')
}
