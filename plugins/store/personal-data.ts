import type { Knex } from 'knex'
import type { Vault } from '../../core/base/vault.ts'
import type { Hasher } from './indexes.ts'

/** A column of sealed text; its name ends in `_sealed`. Keys rotate over all that are declared. */
export interface SealedColumn {
  table: string
  column: string
  /** The table's primary key, one column. */
  key: string
  /** What a cell's text is bound to, by the key of its row: copied into another one, it won't open. */
  context(id: string): string
  /** Why a cell stays when its user leaves, or that it is about no user. Without it nothing may stay. */
  kept?: string
}

/** Hashes of what another column of the same row holds sealed: made anew when their key is replaced. */
export interface IndexedRows extends Pick<SealedColumn, 'table' | 'key' | 'context'> {
  /** Where the value stands, sealed. */
  sealed: string
  /** The hashes, the first of which tells whether a row was done. */
  columns: readonly [string, ...string[]]
  /** Further columns that {@link hash} needs. */
  needs?: readonly string[]
  /** → the columns as `key` makes them; `vault` for what stays under LOOKUP_KEY. */
  hash(key: Hasher, value: string, row: Readonly<Record<string, string | null>>, vault: Vault): Readonly<Record<string, string | null>>
}

/** A column that holds a user's id. */
export interface UserColumn {
  table: string
  column: string
  /** Why the id stays when the user leaves. Without it no row may still hold the id. */
  kept?: string
}

/** One user who leaves, within the one transaction that ends everything of his. */
export interface Erasure {
  transaction: Knex.Transaction
  vault: Vault
  userId: string
  /** Whose wish it is: the user, or the one into whom this user was merged. */
  by: string
  /** Where administrators end an account: who asked for it, and why. */
  wish?: Wish | undefined
  /** Epoch milliseconds. */
  at: number
}

/** Two administrators' wish that an account ends. */
export interface Wish {
  /** Who asked for it. */
  actor: string
  reason: string
  traceId: string
}

/**
 * What one capability keeps of users and of secrets, and how it ends. Every capability with tables of its
 * own exports one, in a file of this name; test/plugins/operations/personal-data.test.ts reads the schema and demands an entry for
 * every column of either sort.
 */
export interface PersonalData {
  sealed: readonly SealedColumn[]
  /** Hashes by which rows are found. */
  indexed?: readonly IndexedRows[]
  users: readonly UserColumn[]
  /** Whether something still needs one of these users, or what, in words for him; then none of them can leave. */
  needs?(transaction: Knex.Transaction, userIds: readonly string[]): Promise<boolean | string>
  erase?(erasure: Erasure): Promise<void>
  /** What goes along when one user is merged into another, beside his accounts at agencies. */
  along?: Along
}

/** One user who was merged into another: what went along is kept under the move's id, for whoever undoes it. */
export interface UserMove {
  transaction: Knex.Transaction
  move: number
  from: string
  into: string
  /** Epoch milliseconds. */
  at: number
}

/** Both are part of the transaction that merges two users, or undoes it. */
export interface Along {
  go(move: UserMove): Promise<void>
  /** What was taken away since stays away. */
  comeBack(move: UserMove): Promise<void>
}

/** A sealed column bound to `<table>.<column without _sealed>:<key>`, as most are. */
export function sealedColumn(table: string, column: string, more: Partial<Pick<SealedColumn, 'key' | 'kept'>> = {}): SealedColumn {
  return { table, column, key: 'id', context: (id) => `${table}.${column.replace(/_sealed$/, '')}:${id}`, ...more }
}

/** Deletes a user's rows of tables that name him in `user_id`. */
export async function deleteRows({ transaction, userId }: Erasure, tables: readonly string[]): Promise<void> {
  for (const table of tables) await transaction(table).where({ user_id: userId }).delete()
}
