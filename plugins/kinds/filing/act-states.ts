import type { ActKind } from '../../../core/contract/types.ts'

export const actKinds = ['cancel', 'change', 'supplement'] as const satisfies readonly ActKind[]

/** The life of an act on a filing. Every change of state goes through {@link assertActMove}; docs/submissions.md draws it. */
export const actStates = {
  requested: { title: '待办理', to: ['sending', 'failed'] },
  sending: { title: '正在办理', to: ['requested', 'done', 'refused', 'failed', 'unclear'] },
  done: { title: '已办理', to: [] },
  refused: { title: '对方系统未受理', to: [] },
  failed: { title: '没有办成', to: [] },
  unclear: { title: '结果不明，以办理进度为准', to: [] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type ActState = keyof typeof actStates

export const openActStates = ['requested', 'sending'] as const satisfies readonly ActState[]

export function assertActMove(from: ActState, to: ActState): void {
  if (!(actStates[from].to as readonly string[]).includes(to)) throw new Error(`an act cannot go from ${from} to ${to}`)
}
