import type { EventRow } from '../events/ask.ts'
import type { StatisticsRow } from './ask.ts'

/** As it may be shown to whoever may see statistics. `fewUsers`: `users` is withheld; null without it is not kept. */
export type ShownStatistics = StatisticsRow & { fewUsers: boolean }
export type ShownEvents = EventRow & { fewInstalls: boolean }

/**
 * A number of different people as it may be shown: null below `fewest`, otherwise its nearest multiple. Two shown ones are equal or at
 * least `fewest` apart, so that none tells a smaller one by what is left: of a total, or of a span that is a day longer.
 */
export function rounded(count: number, fewest: number): number | null {
  return count < fewest ? null : Math.round(count / fewest) * fewest
}

export function shownStatistics(row: StatisticsRow, fewest: number): ShownStatistics {
  const users = row.users === null ? null : rounded(row.users, fewest)
  return { ...row, users, fewUsers: users === null && row.users !== null }
}

export function shownEvents(row: EventRow, fewest: number): ShownEvents {
  const installs = row.installs === null ? null : rounded(row.installs, fewest)
  return { ...row, installs, fewInstalls: installs === null && row.installs !== null }
}

/** How a withheld number reads. */
export const fewerThan = (fewest: number): string => `少于 ${fewest}`
