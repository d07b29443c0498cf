import type { Knex } from 'knex'
import type { Static, TSchema } from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { Moves } from '../agency-accounts/moves.ts'
import type { Actor } from '../mandates/mandates.ts'
import type { Stake } from '../mandates/stake.ts'
import type { Scope } from '../oauth/scopes.ts'
import type { Wish } from '../store/personal-data.ts'
import type { AdminRole, Permission } from '../users/roles.ts'
import type { SecurityStore } from '../users/security/store.ts'

/** What changes are made of. */
export interface ChangeParts {
  vault: Vault
  moves: Pick<Moves, 'within'>
  /** The scopes of this hub. */
  scopes: ReadonlyMap<string, Scope>
  orders: OrderParts
  candidates: CandidateParts
  security: Pick<SecurityStore, 'refresh'>
  deleteUser: DeleteUser
  /** Drops what is remembered of a user. */
  forget(userId: string): void
}

/** What of connectors' candidate versions takes two persons (plugins/operations/candidates); throws HUB_REQUEST_STATE, HUB_CANDIDATE_UNPROVEN. */
export interface CandidateParts {
  promote(transaction: Knex.Transaction, subject: { connector: string; version: string }, changedBy: string): Promise<void>
  /** Once it is committed: it goes at once where it was confirmed. */
  refresh(): Promise<void>
}

/** What of orders takes two persons; throws HUB_ORDER_STATE where an order is not such that it can be done. */
export interface OrderParts {
  refund(transaction: Knex.Transaction, orderId: string, cause: string): Promise<void>
  /** Says of an order that a person had to look at how it stands. */
  resolve(transaction: Knex.Transaction, orderId: string, to: 'paid' | 'written-off' | 'closed', cause: string): Promise<void>
  /** Settles a difference of a reconciliation, with who says so and why. */
  settle(transaction: Knex.Transaction, differenceId: string, resolution: { by: string; reason: string }): Promise<void>
  /** Once it is committed: the work on it goes on. */
  wake(orderId: string): void
}

/**
 * Ends an account and everything of its user (plugins/operations/deregister.ts). → what is to be done once it is committed. Throws
 * HUB_USER_UNKNOWN, HUB_ACCOUNT_BUSY.
 */
export type DeleteUser = (transaction: Knex.Transaction, userId: string, wish: Wish) => Promise<() => Promise<void>>

/** Who asked for it, with which words. */
export interface ChangeAuthor {
  userId: string
  role: AdminRole
  reason: string
  traceId: string
}

export interface Done {
  /** Id of what came of it. */
  result?: string
  /** Runs after the commit. */
  after?: () => void | Promise<void>
}

/** One kind of act that takes two administrators. A new kind is one of these, in the list of `changes/index.ts`. */
export interface Change<S extends TSchema = TSchema> {
  /** In Chinese. */
  readonly title: string
  /** What both administrators must be allowed, when it is asked for and when it is confirmed. */
  readonly permission: Permission
  /** What is kept, sealed, until it is decided. */
  readonly payload: S
  /** The users whom it concerns: neither of them asks for it or decides it. */
  concerns(payload: Static<S>): readonly [subject?: string, other?: string]
  /** For whom it is where that is an enterprise: whoever acts for it neither asks for it nor decides it. */
  stake?(payload: Static<S>): Stake
  /** What it is about where that is no user. */
  target?(payload: Static<S>): string
  /** What stays to be read once it is decided: no personal data. */
  facts(payload: Static<S>): Readonly<Record<string, string | readonly string[]>>
  /** What whoever decides sees besides, masked, until it is decided. */
  shown?(payload: Static<S>): Readonly<Record<string, string>>
  /**
   * Does it, all in the caller's transaction. It is tried, and taken back, before anybody is asked to confirm
   * it: what it throws then is what is wrong with the request.
   */
  apply(transaction: Knex.Transaction, payload: Static<S>, author: ChangeAuthor, parts: ChangeParts): Promise<Done>
}

/** The same, with its payload's type known to it. */
export function change<S extends TSchema>(spec: Change<S>): Change<S> {
  return spec
}

/** Whoever asked, as a mandate's log names him. Auditors change nothing, so they are no actors. */
export function actorOf({ userId, role, reason: purpose, traceId }: ChangeAuthor): Actor {
  if (role === 'auditor') throw new HubError('HUB_ROLE_REQUIRED')
  return { userId, role, purpose, traceId }
}
