/** The life of one part of a joint case. Every change of state goes through {@link assertPartMove}; docs/submissions.md draws it. */
export const partStates = {
  waiting: { title: '未开始', to: ['open', 'payable', 'done', 'refused', 'ended'] },
  open: { title: '办理中', to: ['payable', 'done', 'refused', 'ended'] },
  payable: { title: '待缴纳', to: ['open', 'done', 'refused', 'ended'] },
  done: { title: '已完成', to: [] },
  refused: { title: '未通过', to: [] },
  // The case is over, by another part or by its applicant.
  ended: { title: '已终止', to: [] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type PartState = keyof typeof partStates

export function canMovePart(from: PartState, to: PartState): boolean {
  return (partStates[from].to as readonly string[]).includes(to)
}

export function assertPartMove(from: PartState, to: PartState): void {
  if (!canMovePart(from, to)) throw new Error(`a part of a case cannot go from ${from} to ${to}`)
}
