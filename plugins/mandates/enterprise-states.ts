import type { Knex } from 'knex'

/**
 * The life of an enterprise with the hub. Every change of state goes through {@link moveEnterprise}; docs/user-centre.md draws the
 * table. Whatever is not active is served nothing and cannot be bound.
 */
export const enterpriseStates = {
  active: { title: '正常', to: ['frozen', 'removed'] },
  frozen: { title: '已冻结', to: ['active', 'removed'] },
  // Until two administrators register it anew.
  removed: { title: '已删除', to: ['active'] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type EnterpriseStatus = keyof typeof enterpriseStates

export const enterpriseStatuses = Object.fromEntries(Object.entries(enterpriseStates).map(([name, { title }]) => [name, title])) as {
  [K in EnterpriseStatus]: string
}

/** From `from`, by compare-and-set. → false where it was in another state, or there is none. */
export async function moveEnterprise(
  transaction: Knex,
  id: string,
  from: readonly EnterpriseStatus[],
  to: EnterpriseStatus,
): Promise<boolean> {
  const may = from.filter((state) => state === to || (enterpriseStates[state].to as readonly string[]).includes(to))
  return (await transaction('enterprises').where({ id }).whereIn('status', may).update({ status: to })) === 1
}
