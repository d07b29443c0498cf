import { part } from '../../route-kit/part.ts'
import { change } from '../change.ts'

const order = { orderId: part.id('订单编号'), userId: part.id('付款人'), number: part.text('订单号') }
const required = ['orderId', 'userId', 'number'] as const

/** Money goes back to whoever paid it, which he neither asks for nor confirms as an administrator. */
export const refund = change({
  title: '订单退款',
  permission: 'orders.change',
  payload: part.input({ ...order, amount: part.text('金额（元）') }, [...required, 'amount']),
  concerns: ({ userId }) => [userId],
  target: ({ orderId }) => orderId,
  facts: ({ number, amount }) => ({ number, amount }),
  async apply(transaction, { orderId }, _author, { orders }) {
    await orders.refund(transaction, orderId, 'staff')
    return { after: () => orders.wake(orderId) }
  },
})

/** The same, because three ledgers differ: with it the difference is settled. */
export const differenceRefund = change({
  title: '对账差异退款',
  permission: 'orders.change',
  payload: part.input({ ...order, amount: part.text('金额（元）'), differenceId: part.id('差异编号') }, [
    ...required,
    'amount',
    'differenceId',
  ]),
  concerns: ({ userId }) => [userId],
  target: ({ orderId }) => orderId,
  facts: ({ number, amount, differenceId }) => ({ number, amount, differenceId }),
  async apply(transaction, { orderId, differenceId }, { userId, reason }, { orders }) {
    await orders.refund(transaction, orderId, 'reconciliation')
    await orders.settle(transaction, differenceId, { by: userId, reason })
    return { result: differenceId, after: () => orders.wake(orderId) }
  },
})

const outcomes = { paid: '已支付，重新销账', 'written-off': '公司已销账', closed: '没有支付，关闭' } as const

/** What became of an order that nobody but a person could judge. */
export const resolve = change({
  title: '订单核实',
  permission: 'orders.change',
  payload: part.input({ ...order, outcome: part.choice('核实的结果', outcomes) }, [...required, 'outcome']),
  concerns: ({ userId }) => [userId],
  target: ({ orderId }) => orderId,
  facts: ({ number, outcome }) => ({ number, outcome }),
  async apply(transaction, { orderId, outcome }, _author, { orders }) {
    await orders.resolve(transaction, orderId, outcome, 'staff')
    return { after: () => orders.wake(orderId) }
  },
})
