import type { ServiceKind } from '../kind.ts'
import { checkOrder } from './check.ts'
import orders from './index.ts'
import { personalData } from './personal-data.ts'
import { orderRoutes } from './routes.ts'
import { simulateWriteOffs } from './simulator.ts'

/** A bill that is paid through the hub and written off at the company (docs/payments.md). */
export default {
  name: 'order',
  serves: ['order'],
  asks: false,
  method: 'POST',
  plugin: orders,
  check: checkOrder,
  routes: orderRoutes,
  sids: ({ order }) => (order ? [order.writeOff.sid, order.writeOff.statusSid] : []),
  double: ({ id, order }) =>
    order
      ? {
          order: {
            ...order,
            writeOff: { ...order.writeOff, sid: `${id}.off.${order.writeOff.sid}`, statusSid: `${id}.status.${order.writeOff.statusSid}` },
          },
        }
      : {},
  simulate: simulateWriteOffs,
  personalData,
} satisfies ServiceKind
