import type { Knex } from 'knex'
import type { Vault } from '../../core/base/vault.ts'
import { openDataKey } from './data-key.ts'
import { queueRevocation } from './revocations.ts'
import type { AccountState } from './states.ts'

/** Ends an account inside a transaction of the caller's. → the id of the revocation that is due at the agency, or null. */
export async function endAccount(
  transaction: Knex.Transaction,
  vault: Vault,
  id: string,
  reason: string,
  at: number,
): Promise<string | null> {
  const token = await takeToken(transaction, vault, id)
  const account: { connector: string } | undefined = await transaction('agency_accounts').where({ id }).first('connector')
  // What was bound is nobody's business any more; its hash still lets an operator answer "was this ever bound".
  const erased = { external_sealed: null, union_sealed: null, shown_sealed: null, external_claim: null, user_claim: null }
  await transaction('agency_accounts')
    .where({ id })
    .update({ state: 'revoked' satisfies AccountState, reason, updated_at: at, ...erased })
  return token === null || !account ? null : queueRevocation(transaction, vault, account.connector, token)
}

/** Takes an account's tokens out. → the one whose revocation at the agency ends them all, or null. */
async function takeToken(transaction: Knex.Transaction, vault: Vault, accountId: string): Promise<string | null> {
  const row = await transaction('agency_tokens').where({ account_id: accountId }).first()
  if (!row) return null
  await transaction('agency_tokens').where({ account_id: accountId }).delete()
  const key = openDataKey(vault, accountId, row.data_key_sealed)
  return row.refresh_boxed === null ? key.unbox(row.access_boxed, 'access') : key.unbox(row.refresh_boxed, 'refresh')
}
