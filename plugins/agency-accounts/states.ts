/**
 * The life of a mapping between a hub user and an account at an agency. Every change of state goes
 * through {@link assertAccountMove}; docs/agency-accounts.md draws the table.
 */
export const accountStates = {
  active: { title: '已绑定', to: ['suspended', 'reauthorise', 'revoked'] },
  // By an operator, or because another account took its place when users were merged.
  suspended: { title: '已暂停', to: ['active', 'reauthorise', 'revoked'] },
  // The agency no longer honours the authorisation; the user can renew it.
  reauthorise: { title: '需要重新授权', to: ['active', 'suspended', 'revoked'] },
  revoked: { title: '已解绑', to: [] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type AccountState = keyof typeof accountStates

export function canMoveAccount(from: AccountState, to: AccountState): boolean {
  return (accountStates[from].to as readonly string[]).includes(to)
}

export function assertAccountMove(from: AccountState, to: AccountState): void {
  if (!canMoveAccount(from, to)) throw new Error(`an account cannot go from ${from} to ${to}`)
}
