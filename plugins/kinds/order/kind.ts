import { apart } from '../apart.ts'
import type { ServiceKind } from '../kind.ts'
import { checkOrder } from './check.ts'
import { orderDeeds } from './deeds.ts'
import orders from './index.ts'
import { openOrderOf } from './open-order.ts'
import { personalData } from './personal-data.ts'
import { orderRoutes } from './routes.ts'
import { simulateWriteOffs } from './simulator.ts'
import { type OrderState, orderStates } from './states.ts'
import { orderTrial } from './trial.ts'

/** A bill that is paid through the hub and written off at the company (docs/payments.md). */
export default {
  name: 'order',
  serves: ['order'],
  words: { category: '缴费', button: '确认账单' },
  asks: false,
  method: 'POST',
  plugin: orders,
  check: checkOrder,
  routes: orderRoutes,
  deeds: orderDeeds,
  sids: ({ order }) => (order ? [order.writeOff.sid, order.writeOff.statusSid, ...(order.ledger ? [order.ledger.sid] : [])] : []),
  uses: ({ order }) => [order?.bill.service],
  double({ id, order }) {
    if (!order) return {}
    const { writeOff, ledger } = order
    const own = { ...writeOff, sid: apart(`${id}.off`, writeOff.sid), statusSid: apart(`${id}.status`, writeOff.statusSid) }
    return { order: { ...order, writeOff: own, ...(ledger ? { ledger: { ...ledger, sid: apart(`${id}.ledger`, ledger.sid) } } : {}) } }
  },
  simulate: simulateWriteOffs,
  trial: orderTrial,
  matters: {
    table: 'orders',
    stateName: (_contract, state) => orderStates[state as OrderState]?.title ?? state,
    demanding: { paid: '', 'written-off': '', closed: '没有收取费用。', refunded: '' },
  },
  personalData,
  holds: openOrderOf,
} satisfies ServiceKind
