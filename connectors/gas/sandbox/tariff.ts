import type { Household } from './households.ts'

/**
 * Fen a cubic metre, by the day from which it goes. That there are three tiers, that they count a year's usage, and their
 * ratio of about 1 : 1.2 : 1.5 is 发改价格〔2014〕467号; days, prices and how far the tiers reach are assumed: no tariff of 许昌
 * was at hand.
 */
const tariffs = [
  { since: '20160101', home: [225, 270, 338], other: 318 },
  { since: '20240101', home: [273, 328, 410], other: 365 },
] as const

/** Cubic metres a year up to which the first and the second tier reach. Assumed. */
const REACHES = [500, 900] as const

export interface Step {
  /** null where there is but one price. */
  readonly tier: string | null
  readonly usage: number
  /** Fen. */
  readonly price: number
}

/** The tariff in force in a month (YYYYMM). */
export function tariffIn(month: string) {
  const [first] = tariffs
  return tariffs.findLast(({ since }) => since.slice(0, 6) <= month) ?? first
}

/** A month's usage by tier, after what the year had used before. Whoever is no household has one price. */
export function stepsOf({ user }: Household, month: string, before: number, usage: number): readonly Step[] {
  const { home, other } = tariffIn(month)
  if (user === '02') return usage > 0 ? [{ tier: null, usage, price: other }] : []
  const within = (from: number, to: number) => Math.max(Math.min(before + usage, to) - Math.max(before, from), 0)
  const parts = [within(0, REACHES[0]), within(REACHES[0], REACHES[1]), within(REACHES[1], Number.POSITIVE_INFINITY)]
  return parts.flatMap((cubic, step) => (cubic > 0 ? [{ tier: String(step + 1), usage: cubic, price: home[step] ?? other }] : []))
}

/** Where a year's usage stands; what is left is null in the tier that has no end. Nothing is known where there are no tiers. */
export function tierAt({ user }: Household, usage: number): { tier: string | null; left: number | null } {
  if (user === '02') return { tier: null, left: null }
  if (usage < REACHES[0]) return { tier: '1', left: REACHES[0] - usage }
  return usage < REACHES[1] ? { tier: '2', left: REACHES[1] - usage } : { tier: '3', left: null }
}
