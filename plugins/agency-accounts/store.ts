import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { AccountsDeclaration, BindingMethod } from '../../core/contract/accounts.ts'
import { type Hasher, holdIndexes, lockIndexes, readIndexes } from '../store/indexes.ts'
import { endAccount } from './end-account.ts'
import { type AccountState, assertAccountMove } from './states.ts'
import type { TokenSet } from './token-endpoint.ts'
import type { TokenStore } from './tokens.ts'

/** How sure the hub is that the account is the user's own: whoever signed in at the agency, or the verified person. */
export type AccountLevel = 'login' | 'real-name'

/** Fields of the agency's answer, masked, by which an account's owner knows it again. */
export type Shown = Readonly<Record<string, string>>

/** A hub user's account at an agency. Times are epoch milliseconds. */
export interface Account {
  id: string
  userId: string
  connector: string
  /** UNMASKED; null once unbound. */
  externalId: string | null
  level: AccountLevel
  boundBy: BindingMethod
  state: AccountState
  reason: string | null
  boundAt: number
  lastUsedAt: number | null
  shown: Shown
}

export interface Binding {
  userId: string
  connector: string
  externalId: string
  unionId: string | null
  level: AccountLevel
  by: BindingMethod
  tokens?: TokenSet
  shown?: Shown
}

/** Asked in the transaction that would unbind it. */
export type MayEnd = (transaction: Knex.Transaction, account: Account) => Promise<void>

export interface AccountStore {
  /** Binds, or binds anew what the user had bound. Throws HUB_ACCOUNT_CONFLICT with ways out, or HUB_ACCOUNT_SUSPENDED. */
  bind(binding: Binding): Promise<Account>
  /** The user's accounts that are not unbound, all of them or those of one connector. */
  list(userId: string, connector?: string): Promise<Account[]>
  /**
   * Unbinds an account of this very user, unless `mayEnd` throws. → its connector and the id of the revocation that is due at the
   * agency, or null without such an account.
   */
  unbind(userId: string, id: string, mayEnd?: MayEnd): Promise<{ connector: string; revocation: string | null } | null>
  /** Operator: suspends an account or resumes it. False where it isn't there or can't. */
  suspend(id: string, reason: string): Promise<boolean>
  resume(id: string): Promise<boolean>
  /** Notes a use, at most once a minute. */
  touch(id: string): void
  /** Ends an account inside a transaction of the caller's. → the id of the revocation that is due at the agency. */
  revoke(transaction: Knex.Transaction, id: string, reason: string): Promise<string | null>
}

export interface AccountRow {
  id: string
  user_id: string
  connector: string
  external_sealed: string | null
  shown_sealed: string | null
  external_hash: string
  state: AccountState
  reason: string | null
  level: AccountLevel
  bound_by: BindingMethod
  bound_at: number
  last_used_at: number | null
}

export interface AccountStoreOptions {
  database: Database
  vault: Vault
  tokens: Pick<TokenStore, 'put' | 'forget'>
  /** The declaration of a connector's accounts; undefined for connectors that are gone. */
  declarationOf(connector: string): AccountsDeclaration | undefined
  now?: () => number
}

const TOUCH_EVERY_MS = 60_000

export function createAccountStore({ database, vault, tokens, declarationOf, now = Date.now }: AccountStoreOptions): AccountStore {
  const touched = new LRUCache<string, true>({ ...atMost(10_000), ttl: TOUCH_EVERY_MS })

  async function insertOrRenew(transaction: Knex.Transaction, binding: Binding): Promise<string> {
    const { userId, connector, externalId, unionId, level, by, shown } = binding
    const at = now()
    const indexes = await lockIndexes(transaction, vault)
    const hashes = indexes.each((key) => externalHash(key, connector, externalId))
    const external_hash = hashes[0] ?? ''
    const given = { level, bound_by: by, state: 'active' as const, reason: null, bound_at: at, updated_at: at }
    const existing: AccountRow | undefined = await transaction('agency_accounts')
      .where({ user_id: userId, connector })
      .whereIn('external_hash', hashes)
      .andWhereNot({ state: 'revoked' })
      .first()
    if (existing) {
      if (existing.state === 'suspended') throw new HubError('HUB_ACCOUNT_SUSPENDED')
      await transaction('agency_accounts')
        .where({ id: existing.id })
        .update({ ...given, ...seal(existing.id, shown) })
      return existing.id
    }
    const claims = hashes.map((hash) => claimsOf(vault, declarationOf(connector), { user_id: userId, connector, external_hash: hash }))
    if (indexes.filling && (await isClaimed(transaction, claims))) throw new ClaimedError()
    const id = randomUUID()
    await transaction('agency_accounts').insert({
      id,
      user_id: userId,
      connector,
      external_sealed: vault.seal(externalId, `agency_accounts.external:${id}`),
      external_hash,
      union_sealed: unionId === null ? null : vault.seal(unionId, `agency_accounts.union:${id}`),
      union_hash: unionId === null ? null : unionHash(indexes.now, unionId),
      ...claims[0],
      ...given,
      ...seal(id, shown),
    })
    return id
  }

  /** The unique index sees no claim under the key of before. */
  async function isClaimed(transaction: Knex, claims: readonly { external_claim: string }[]): Promise<boolean> {
    const each = claims.map(({ external_claim }) => external_claim)
    return (await transaction('agency_accounts').whereIn('external_claim', each).forShare().first('id')) !== undefined
  }

  function seal(id: string, shown: Shown | undefined): { shown_sealed?: string } {
    return shown === undefined ? {} : { shown_sealed: vault.seal(JSON.stringify(shown), shownContext(id)) }
  }

  async function conflict({ userId, connector, externalId }: Binding): Promise<HubError> {
    const own: AccountRow | undefined = await database('agency_accounts')
      .where({ user_claim: `${connector}:${userId}` })
      .first()
    const hashes = (await readIndexes(database, vault)).each((key) => externalHash(key, connector, externalId))
    if (own && !hashes.includes(own.external_hash)) return ownConflict(own.id)
    return foreignConflict(declarationOf(connector))
  }

  function toAccount(row: AccountRow): Account {
    return {
      id: row.id,
      userId: row.user_id,
      connector: row.connector,
      externalId: row.external_sealed === null ? null : vault.open(row.external_sealed, `agency_accounts.external:${row.id}`),
      level: row.level,
      boundBy: row.bound_by,
      state: row.state,
      reason: row.reason,
      boundAt: Number(row.bound_at),
      lastUsedAt: row.last_used_at === null ? null : Number(row.last_used_at),
      shown: row.shown_sealed === null ? {} : (JSON.parse(vault.open(row.shown_sealed, shownContext(row.id))) as Shown),
    }
  }

  async function change(id: string, from: AccountState, to: AccountState, reason: string | null): Promise<boolean> {
    assertAccountMove(from, to)
    return (await database('agency_accounts').where({ id, state: from }).update({ state: to, reason, updated_at: now() })) === 1
  }

  function revoke(transaction: Knex.Transaction, id: string, reason: string): Promise<string | null> {
    tokens.forget(id)
    return endAccount(transaction, vault, id, reason, now())
  }

  return {
    async bind(binding) {
      try {
        const row = await transact(database, async (transaction) => {
          const id = await insertOrRenew(transaction, binding)
          if (binding.tokens) await tokens.put(transaction, id, binding.tokens)
          return transaction('agency_accounts').where({ id }).first()
        })
        return toAccount(row)
      } catch (error) {
        throw isDuplicate(error) || error instanceof ClaimedError ? await conflict(binding) : error
      }
    },
    async list(userId, connector) {
      const rows: AccountRow[] = await database('agency_accounts')
        .where(connector === undefined ? { user_id: userId } : { user_id: userId, connector })
        .andWhereNot({ state: 'revoked' })
        .orderBy(['bound_at', 'id'])
      return rows.map(toAccount)
    },
    unbind: (userId, id, mayEnd) =>
      transact(database, async (transaction) => {
        // Whoever makes an order for it takes the same row first: of the two one waits, and sees what the other did.
        const row: AccountRow | undefined = await transaction('agency_accounts').where({ id, user_id: userId }).forUpdate().first()
        if (!row || row.state === 'revoked') return null
        await mayEnd?.(transaction, toAccount(row))
        return { connector: row.connector, revocation: await revoke(transaction, id, 'unbound') }
      }),
    suspend: (id, reason) => change(id, 'active', 'suspended', reason),
    resume: (id) => change(id, 'suspended', 'active', null),
    touch(id) {
      if (touched.has(id)) return
      touched.set(id, true)
      // A use that goes unnoted is no reason to fail the call.
      Promise.resolve(database('agency_accounts').where({ id }).update({ last_used_at: now() })).catch(() => {})
    },
    revoke,
  }
}

/** Somebody has the account under the key of before. */
class ClaimedError extends Error {}

const shownContext = (id: string) => `agency_accounts.shown:${id}`

/** Keyed hash by which an account is found without being opened. */
export function externalHash(key: Hasher, connector: string, externalId: string): string {
  return key.fingerprint(`${connector}\0${externalId}`, 'account.external')
}

export function unionHash(key: Hasher, unionId: string): string {
  return key.fingerprint(unionId, 'account.union')
}

/** Holds an account until the transaction ends: nobody unbinds it meanwhile. Throws HUB_ACCOUNT_UNBOUND where it is not the user's any more. */
export async function holdAccount(
  transaction: Knex.Transaction,
  vault: Vault,
  { userId, connector, externalId }: Pick<Binding, 'userId' | 'connector' | 'externalId'>,
): Promise<void> {
  const indexes = await holdIndexes(transaction, vault)
  const hashes = indexes.each((key) => externalHash(key, connector, externalId))
  const held = await transaction('agency_accounts')
    .where({ user_id: userId, connector, state: 'active' satisfies AccountState })
    .whereIn('external_hash', hashes)
    .forUpdate()
    .first('id')
  if (!held) throw new HubError('HUB_ACCOUNT_UNBOUND')
}

/** What a live mapping claims for itself alone: the account (shared ones, together with the user), and one to one the user. */
export function claimsOf(
  vault: Hasher,
  declaration: AccountsDeclaration | undefined,
  { user_id, connector, external_hash }: Pick<AccountRow, 'user_id' | 'connector' | 'external_hash'>,
) {
  const shared = declaration?.cardinality === 'many-to-many'
  return {
    external_claim: shared ? sharedClaim(vault, external_hash, user_id) : external_hash,
    user_claim: shared ? null : `${connector}:${user_id}`,
  }
}

/** What it is made of is keyed already, so it stays under LOOKUP_KEY. */
export function sharedClaim(vault: Hasher, externalHash: string, userId: string): string {
  return vault.fingerprint(`${externalHash}\0${userId}`, 'account.claim')
}

function ownConflict(id: string): HubError {
  return new HubError('HUB_ACCOUNT_CONFLICT', {
    detail: '您已绑定该单位的另一个账户，请先解绑，再绑定新的账户。',
    ways: [{ action: 'unbind', detail: '解绑现有账户后重新绑定', url: `/v1/me/accounts/${id}` }],
  })
}

function foreignConflict(declaration: AccountsDeclaration | undefined): HubError {
  return new HubError('HUB_ACCOUNT_CONFLICT', {
    detail: '这个账户已绑定在“我的许昌”的另一个用户名下。',
    ways: [
      { action: 'unbind', detail: '如果那也是您，请登录那个用户，在“我的账户”中解绑后再试' },
      { action: 'contact', detail: declaration?.contact ?? '如果不是您，请联系客服核实' },
    ],
  })
}
