/**
 * The life of an order. Every change goes through {@link sourcesOf}, in the statement that makes it; the table is the specification
 * and docs/payments.md draws it. `paid` is what the channel said when it was asked, never what a notice said.
 */
export const orderStates = {
  created: { title: '待支付', to: ['paying', 'closed'] },
  // Handed to a channel: from here on only the channel knows whether it was paid.
  paying: { title: '待支付', to: ['paid', 'closed', 'exception'] },
  paid: { title: '已支付，正在销账', to: ['written-off', 'refunding', 'exception'] },
  'written-off': { title: '已缴费', to: ['settled', 'refunding', 'exception'] },
  // The three ledgers agree on it.
  settled: { title: '已缴费', to: ['refunding', 'exception'] },
  // Of what is paid after all nobody keeps the money.
  closed: { title: '已关闭', to: ['refunding', 'exception'] },
  refunding: { title: '退款中', to: ['refunded', 'exception'] },
  refunded: { title: '已退款', to: [] },
  // Nobody but a person can say what is right.
  exception: { title: '正在核实', to: ['paid', 'written-off', 'refunding', 'closed'] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type OrderState = keyof typeof orderStates

export const allOrderStates = Object.keys(orderStates) as OrderState[]

/** States from which an order may come to this one. */
export function sourcesOf(to: OrderState): OrderState[] {
  return allOrderStates.filter((from) => (orderStates[from].to as readonly string[]).includes(to))
}
