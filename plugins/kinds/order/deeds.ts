import type { CompiledService } from '../../../core/call/service.ts'
import type { Deed } from '../kind.ts'

const PAY: Deed = { id: 'pay', title: '去支付', method: 'POST', path: '/page', inputs: {}, leads: true }
const CLOSE: Deed = { id: 'close', title: '关闭订单', method: 'POST', path: '/close', inputs: {} }

/** An order that isn't paid yet can be paid or given up. */
export function orderDeeds(_service: CompiledService, { state }: Readonly<Record<string, unknown>>): Deed[] {
  if (state === 'created') return [PAY, CLOSE]
  return state === 'paying' ? [PAY] : []
}
