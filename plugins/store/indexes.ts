import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'

/** Hashes a value by which rows are found. */
export type Hasher = Pick<Vault, 'fingerprint'>

/**
 * Keyed hashes by which persons, numbers and accounts are found without being opened. Unlike pseudonyms and hashes of random
 * tokens, which stay under LOOKUP_KEY, they are of values that somebody could try one by one: their key can be replaced.
 */
export interface Indexes {
  /** Under the key of now: what is written. */
  readonly now: Hasher
  /** Whether rows are being hashed anew: until they are, some stand under the key of before, where no unique index sees them. */
  readonly filling: boolean
  /** → the hash under each key under which a row may stand, that of now first. */
  each(hash: (key: Hasher) => string): string[]
}

/** Which keys count: read anew each time, so that no process goes by what was. */
interface State {
  newest: string | null
  before: string | null
  filling: number
}

const KEY_BYTES = 32
/** Before there was any key of its own. */
const NONE: State = { newest: null, before: null, filling: 0 }
export const keyContext = (id: string) => `index_keys.key:${id}`

/** For looking something up. */
export async function readIndexes(database: Knex, vault: Vault): Promise<Indexes> {
  return open(database, vault, (await stateOf(database).first()) ?? NONE)
}

/** For writing hashes within a transaction: until it ends no other key begins to count. */
export async function holdIndexes(transaction: Knex, vault: Vault): Promise<Indexes> {
  return open(transaction, vault, (await stateOf(transaction).forShare().first()) ?? NONE)
}

/**
 * The same for what may be there only once. While rows are hashed anew, those who write such a thing do so one after the other, so
 * that each sees what the others wrote under whichever key: ask {@link Indexes.each} before writing. To be called before anything is read.
 */
export async function lockIndexes(transaction: Knex, vault: Vault): Promise<Indexes> {
  const state: State = (await stateOf(transaction).forShare().first()) ?? NONE
  if (state.filling) await transaction('index_keys').where({ id: state.newest }).forUpdate().first('id')
  return open(transaction, vault, state)
}

/** Makes a new key, under which everything is written from its commit on; an earlier one that is not filled yet is gone on with. → its id. */
export function beginFilling(database: Database, vault: Vault): Promise<string> {
  return transact(database, async (transaction) => {
    await transaction('index_state')
      .insert({ id: 1, ...NONE })
      .onConflict('id')
      .ignore()
    // A write of nothing waits for everybody who writes under the key of before.
    await stateOf(transaction).update({ filling: transaction.ref('filling') })
    const { newest, filling }: State = await stateOf(transaction).first()
    if (filling && newest !== null) return newest
    const id = randomBytes(4).toString('hex')
    const key_sealed = vault.seal(randomBytes(KEY_BYTES).toString('base64'), keyContext(id))
    await transaction('index_keys').insert({ id, key_sealed, created_at: Date.now(), filled_at: null })
    await stateOf(transaction).update({ newest: id, before: newest, filling: 1 })
    return id
  })
}

/** Everything stands under this key now: the one before is looked under no more. It is kept, for hashes whose values are gone. */
export async function endFilling(database: Database, id: string): Promise<void> {
  await transact(database, async (transaction) => {
    const ended = await stateOf(transaction).where({ newest: id, filling: 1 }).update({ filling: 0 })
    if (ended === 1) await transaction('index_keys').where({ id }).update({ filled_at: Date.now() })
  })
}

export interface IndexKey {
  /** Null for the look-up key of the settings. */
  id: string | null
  state: 'current' | 'filling' | 'before' | 'kept'
  createdAt: number | null
  filledAt: number | null
}

/** → all index keys, the newest first; never a key itself. */
export async function listIndexKeys(database: Database): Promise<IndexKey[]> {
  const { newest, before, filling }: State = (await stateOf(database).first()) ?? NONE
  const rows: { id: string; created_at: number | string; filled_at: number | string | null }[] = await database('index_keys')
    .orderBy('created_at', 'desc')
    .select('id', 'created_at', 'filled_at')
  const stateOfKey = (id: string | null) => {
    if (id === newest) return filling ? 'filling' : 'current'
    return filling && id === before ? 'before' : 'kept'
  }
  const own = rows.map(({ id, created_at, filled_at }) => ({
    ...{ id, state: stateOfKey(id), createdAt: Number(created_at) },
    filledAt: filled_at === null ? null : Number(filled_at),
  }))
  return [...own, { id: null, state: stateOfKey(null), createdAt: null, filledAt: null }] as IndexKey[]
}

const stateOf = (database: Knex) => database('index_state').where({ id: 1 })

async function open(database: Knex, vault: Vault, { newest, before, filling }: State): Promise<Indexes> {
  const ids = filling ? [newest, before] : [newest]
  const named = ids.filter((id) => id !== null)
  const rows: { id: string; key_sealed: string }[] = named.length === 0 ? [] : await database('index_keys').whereIn('id', named)
  const keys = ids.map((id) =>
    id === null
      ? vault
      : hasherOf(
          vault,
          rows.find((row) => row.id === id),
        ),
  )
  return { now: keys[0] ?? vault, filling: Boolean(filling), each: (hash) => keys.map(hash) }
}

function hasherOf(vault: Vault, row: { id: string; key_sealed: string } | undefined): Hasher {
  if (!row) throw new Error('an index key is missing')
  const key = createSecretKey(Buffer.from(vault.open(row.key_sealed, keyContext(row.id)), 'base64'))
  return { fingerprint: (value, purpose) => createHmac('sha256', key).update(`${purpose}\0${value}`).digest('hex') }
}
