/**
 * The life of one channel's day. `due` comes back where the channel has no bill yet; `differing` is looked at again as long as the hub
 * itself works on a difference, and whenever staff ask for it, as is every other end.
 */
export const reconciliationStates = {
  due: { title: '待对账', to: ['running'] },
  running: { title: '对账中', to: ['due', 'running', 'matched', 'differing', 'failed'] },
  matched: { title: '已对平', to: ['due'] },
  differing: { title: '有差异', to: ['due', 'running', 'matched'] },
  // Tried for so long that a person has to look why.
  failed: { title: '对账失败', to: ['due'] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type ReconciliationState = keyof typeof reconciliationStates

export const allReconciliationStates = Object.keys(reconciliationStates) as ReconciliationState[]

/** States from which a day may come to this one. */
export function reconciliationSources(to: ReconciliationState): ReconciliationState[] {
  return allReconciliationStates.filter((from) => (reconciliationStates[from].to as readonly string[]).includes(to))
}
