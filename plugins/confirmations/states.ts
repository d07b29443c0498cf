/** The life of a request; every change of state goes through {@link canMoveRequest}, and docs/identity.md draws the table. */
export const requestStates = {
  requested: { title: '待确认', to: ['confirmed', 'rejected', 'withdrawn', 'expired'] },
  confirmed: { title: '已确认', to: [] },
  rejected: { title: '已驳回', to: [] },
  withdrawn: { title: '已撤回', to: [] },
  expired: { title: '已过期', to: [] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type RequestState = keyof typeof requestStates

export function canMoveRequest(from: RequestState, to: RequestState): boolean {
  return (requestStates[from].to as readonly string[]).includes(to)
}
