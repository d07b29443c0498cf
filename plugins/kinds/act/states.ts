/**
 * The life of an act. Every change of state goes through {@link sourcesOf}; the table is the
 * specification, and docs/acts.md draws it. Nothing leads from `unclear` to `sending`: what may have been done
 * is never done again.
 */
export const actStates = {
  sending: { title: '正在办理', to: ['done', 'refused', 'unsent', 'unclear'] },
  unclear: { title: '结果待确认', to: ['done', 'refused', 'unsent'] },
  // The agency surely has nothing of it.
  unsent: { title: '尚未办理', to: ['sending'] },
  done: { title: '已办理', to: [] },
  refused: { title: '未被受理', to: [] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type ActState = keyof typeof actStates

export const allActStates = Object.keys(actStates) as ActState[]

/** The states from which an act may come to this one. */
export function sourcesOf(to: ActState): ActState[] {
  return allActStates.filter((from) => (actStates[from].to as readonly string[]).includes(to))
}
