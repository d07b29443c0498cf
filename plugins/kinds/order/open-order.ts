import type { Knex } from 'knex'
import type { Vault } from '../../../core/base/vault.ts'
import { holdIndexes } from '../../store/indexes.ts'
import type { HeldAccount } from '../kind.ts'
import { accountHash } from './rows.ts'
import type { OrderState } from './states.ts'

/** States in which money for a bill may still move. */
export const OPEN: readonly OrderState[] = ['created', 'paying', 'paid', 'refunding', 'exception']

/** → why the account cannot be let go: an order of the user's for one of its bills is open. */
export async function openOrderOf(
  transaction: Knex.Transaction,
  vault: Vault,
  { userId, connector, externalId }: HeldAccount,
): Promise<string | null> {
  const indexes = await holdIndexes(transaction, vault)
  const hashes = indexes.each((key) => accountHash(key, connector, externalId))
  const open = await transaction('orders')
    .where({ user_id: userId, connector })
    .whereIn('account_hash', hashes)
    .whereIn('state', [...OPEN])
    // One that has just been made is seen too.
    .forUpdate()
    .first('id')
  return open === undefined ? null : '这个户号还有没有办结的缴费订单，请先支付、关闭订单或者等它办结，再解绑。'
}
