import { randomBytes } from 'node:crypto'
import { decrypt, encrypt, type Vault } from '../../core/base/vault.ts'

/**
 * Envelope encryption: a row's tokens are encrypted under a data key of the row's own, and only that key
 * is sealed by a master key. Rotating the master key seals short keys again and leaves tokens alone, so it
 * never meets a refresh under way.
 */
export interface DataKey {
  /** The data key as the row keeps it. */
  readonly sealed: string
  box(plaintext: string, column: string): string
  /** Throws when the text was altered or belongs to another row or column. */
  unbox(boxed: string, column: string): string
}

const contextOf = (accountId: string) => `agency_tokens.data_key:${accountId}`

export function createDataKey(vault: Vault, accountId: string): DataKey {
  const key = randomBytes(32)
  return dataKey(key, vault.seal(key.toString('base64'), contextOf(accountId)), accountId)
}

export function openDataKey(vault: Vault, accountId: string, sealed: string): DataKey {
  return dataKey(Buffer.from(vault.open(sealed, contextOf(accountId)), 'base64'), sealed, accountId)
}

function dataKey(key: Buffer, sealed: string, accountId: string): DataKey {
  const context = (column: string) => `agency_tokens.${column}:${accountId}`
  return {
    sealed,
    box: (plaintext, column) => encrypt(key, plaintext, context(column)),
    unbox: (boxed, column) => decrypt(key, boxed, context(column)),
  }
}
