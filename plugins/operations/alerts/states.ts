/**
 * The life of an alert. Every change goes through {@link alertSources}, in the statement that makes it; docs/monitoring.md draws
 * the table. What comes back after its end is an alert of its own.
 */
export const alertStates = {
  // Found, but not for as long yet as its rule asks.
  pending: { title: '待确定', to: ['firing', 'passed'] },
  firing: { title: '告警中', to: ['acknowledged', 'resolved'] },
  // Somebody is at it: told no more.
  acknowledged: { title: '已有人处理', to: ['resolved'] },
  resolved: { title: '已恢复', to: [] },
  passed: { title: '没有持续', to: [] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type AlertState = keyof typeof alertStates

export const alertTitles = Object.fromEntries(Object.entries(alertStates).map(([name, { title }]) => [name, title])) as {
  [K in AlertState]: string
}

/** States from which an alert may come to this one. */
export function alertSources(to: AlertState): AlertState[] {
  return (Object.keys(alertStates) as AlertState[]).filter((from) => (alertStates[from].to as readonly string[]).includes(to))
}
