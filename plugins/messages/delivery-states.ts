/** The life of what leaves the hub. Every change of state goes through {@link assertDeliveryMove}; docs/messages.md draws it. */
export const deliveryStates = {
  waiting: { title: '待发送', to: ['sent', 'failed', 'dropped'] },
  sent: { title: '已交付渠道', to: [] },
  // The dead letters: an operator looks at them and may have them tried again.
  failed: { title: '发送失败', to: ['waiting', 'dropped'] },
  limited: { title: '超出频次，未发送', to: ['waiting', 'dropped'] },
  dropped: { title: '不再需要发送', to: [] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type DeliveryState = keyof typeof deliveryStates

export const deliveryTitles = Object.fromEntries(Object.entries(deliveryStates).map(([name, { title }]) => [name, title])) as {
  [K in DeliveryState]: string
}

export function assertDeliveryMove(from: DeliveryState, to: DeliveryState): void {
  if (!(deliveryStates[from].to as readonly string[]).includes(to)) throw new Error(`a delivery cannot go from ${from} to ${to}`)
}
