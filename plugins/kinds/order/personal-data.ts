import type { PersonalData } from '../../store/personal-data.ts'
import { OPEN } from './open-order.ts'
import { accountHash, orderContext } from './rows.ts'

const kept = 'a payment: the books are kept for as long as the law says, by whom it was paid and for what (会计档案)'

export const personalData: PersonalData = {
  sealed: [
    { table: 'orders', column: 'account_sealed', key: 'id', context: orderContext.account, kept },
    { table: 'orders', column: 'bill_sealed', key: 'id', context: orderContext.bill, kept },
    { table: 'orders', column: 'receipt_sealed', key: 'id', context: orderContext.receipt, kept },
  ],
  indexed: [
    {
      ...{ table: 'orders', key: 'id', sealed: 'account_sealed', columns: ['account_hash'], needs: ['connector'] },
      context: orderContext.account,
      hash: (key, account, { connector }) => ({ account_hash: accountHash(key, connector ?? '', account) }),
    },
  ],
  users: [
    { table: 'orders', column: 'user_id', kept },
    {
      table: 'reconciliation_differences',
      column: 'resolved_by',
      kept: 'which administrator settled a difference of the books (会计档案)',
    },
  ],
  /** Money that is on its way needs whoever paid it. */
  async needs(transaction, userIds) {
    const open = await transaction('orders')
      .whereIn('user_id', [...userIds])
      .whereIn('state', [...OPEN])
      .first('id')
    return open !== undefined
  },
}
