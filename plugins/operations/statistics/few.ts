import type { EventRow } from '../events/ask.ts'
import type { StatisticsRow } from './ask.ts'

/** As it may be shown to whoever may see statistics: nothing in it, nor in what two of them differ by, is about fewer people than {@link rounded} lets through. */
export type ShownStatistics = Pick<StatisticsRow, 'key' | 'p50Ms' | 'p95Ms' | 'users'> & {
  calls: number | null
  failed: number | null
  successRate: number | null
  meanMs: number | null
  /** `calls` is withheld, and all that is known of them, because there were so few. */
  fewCalls: boolean
  /** `users` is withheld because there were so few; null without this is not kept. */
  fewUsers: boolean
}

export type ShownEvents = Pick<EventRow, 'key' | 'installs'> & {
  times: number | null
  seconds: number | null
  meanSeconds: number | null
  fewTimes: boolean
  fewInstalls: boolean
}

/**
 * A count as it may be shown: null below `fewest`, otherwise to its nearest multiple. Two shown ones are equal or at least `fewest` apart, so
 * that none tells a smaller one by what is left: of a total, of a span that is a day longer, of the same in another form.
 */
export function rounded(count: number, fewest: number): number | null {
  return count < fewest ? null : Math.round(count / fewest) * fewest
}

/** One person's call is a call: so calls are shown as people are. A rate is of what is shown, or it would tell the exact numbers. */
export function shownStatistics(row: StatisticsRow, fewest: number): ShownStatistics {
  const { key, users } = row
  const calls = rounded(row.calls, fewest)
  const fewUsers = users !== null && users < fewest
  const people = { users: users === null || calls === null ? null : rounded(users, fewest), fewUsers }
  if (calls === null)
    return { key, calls, failed: null, successRate: null, meanMs: null, p50Ms: null, p95Ms: null, fewCalls: true, ...people }
  const failed = Math.min(row.failed, calls)
  const successRate = Math.round((1 - failed / calls) * 10_000) / 10_000
  const { meanMs, p50Ms, p95Ms } = row
  return { key, calls, failed, successRate, meanMs, p50Ms, p95Ms, fewCalls: false, ...people }
}

export function shownEvents({ key, installs, ...row }: EventRow, fewest: number): ShownEvents {
  const times = rounded(row.times, fewest)
  // The mean is of all: only how often is not told.
  const stay =
    times === null
      ? { meanSeconds: null, seconds: null }
      : { meanSeconds: row.meanSeconds, seconds: Math.round((row.seconds / row.times) * times) }
  return {
    ...{ key, times, ...stay, fewTimes: times === null },
    ...{ installs: installs === null ? null : rounded(installs, fewest), fewInstalls: installs !== null && installs < fewest },
  }
}

/** In the order of what is shown: the order of withheld numbers would tell of them. */
export function mostFirst<R extends { key: string }>(rows: readonly R[], countOf: (row: R) => number | null): R[] {
  return rows.toSorted((a, b) => (countOf(b) ?? 0) - (countOf(a) ?? 0) || Number(a.key > b.key) - Number(a.key < b.key))
}

/** How a withheld count reads. */
export const fewerThan = (fewest: number): string => `少于 ${fewest}`
