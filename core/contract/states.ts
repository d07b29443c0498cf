/**
 * The life of a submission. Every change of state goes through {@link assertTransition}; the table
 * is the specification, and docs/submissions.md draws it.
 */
export const submissionStates = {
  accepted: { title: '已受理', to: ['sending', 'attention'] },
  sending: { title: '正在报送', to: ['accepted', 'submitted', 'refused', 'attention'] },
  // An agency may number a filing first and decline it afterwards, so `refused` is open here too.
  submitted: { title: '已报送', to: ['reviewing', 'approved', 'rejected', 'refused', 'arrived', 'closed'] },
  reviewing: { title: '审核中', to: ['approved', 'rejected', 'arrived', 'closed'] },
  approved: { title: '审核通过', to: ['rejected', 'arrived', 'closed'] },
  arrived: { title: '已到账', to: ['closed'] },
  closed: { title: '已销户', to: [] },
  rejected: { title: '审核未通过', to: [] },
  refused: { title: '未被受理', to: [] },
  attention: { title: '待人工处理', to: ['accepted', 'submitted', 'refused'] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type SubmissionState = keyof typeof submissionStates

export function canMove(from: SubmissionState, to: SubmissionState): boolean {
  return (submissionStates[from].to as readonly string[]).includes(to)
}

export function assertTransition(from: SubmissionState, to: SubmissionState): void {
  if (!canMove(from, to)) throw new Error(`a submission cannot go from ${from} to ${to}`)
}
