import type { Knex } from 'knex'
import type { Vault } from '../../../core/base/vault.ts'
import type { HeldAccount } from '../kind.ts'
import { UNDER_WAY } from './states.ts'

/** → why the account cannot be let go: the agency is being told something with it. */
export async function bookingUnderWay(
  transaction: Knex.Transaction,
  _vault: Vault,
  { userId, connector }: HeldAccount,
): Promise<string | null> {
  const open = await transaction('bookings')
    .where({ user_id: userId, connector })
    .whereIn('state', [...UNDER_WAY])
    .forUpdate()
    .first('id')
  return open === undefined ? null : '还有正在办理的预约、改签或退票，请等它有了结果再解绑。'
}
