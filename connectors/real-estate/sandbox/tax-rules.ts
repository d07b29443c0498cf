/**
 * Taxes on a purchase, by the day on which it was made. What the acceptance notes confirm is marked; the rest is from
 * common knowledge of the texts named and an assumption until the tax bureau confirms it.
 */

/** 财税〔2016〕36号: value-added tax instead of business tax from that day (confirmed). */
const VAT_FROM = '20160501'
/** Simplified, for housing begun before (assumption); business tax before it was within the price, on no line of its own. */
const VAT_PERCENT = 5

/** Per cent of a home, by whether the family has no other. */
interface HomeRule {
  readonly from: string
  readonly upTo: number
  readonly sole: readonly [small: number, large: number]
  readonly second: readonly [small: number, large: number]
}

const homeRules: readonly HomeRule[] = [
  // 财税〔2010〕94号: a sole ordinary home up to 90 m² 1 (confirmed), above it half of 4 (assumption).
  { from: '20101001', upTo: 90, sole: [1, 2], second: [4, 4] },
  // 财税〔2016〕23号, from 2016-02-22 (assumption).
  { from: '20160222', upTo: 90, sole: [1, 1.5], second: [1, 2] },
  // 财政部 税务总局 住房城乡建设部公告2024年第16号, from 2024-12-01 (assumption).
  { from: '20241201', upTo: 140, sole: [1, 1.5], second: [1, 2] },
]

/** What is no home: within 3 to 5 by 契税暂行条例 and 契税法 (confirmed); 4 in Henan (assumption). */
const OTHER_PERCENT = 4

/** Fen of value-added tax within a price. */
export const vatOf = (price: number, day: string) => (day < VAT_FROM ? 0 : price - Math.round(price / (1 + VAT_PERCENT / 100)))

/** Fen of deed tax on a price less its value-added tax. */
export function deedTaxOf(price: number, day: string, { area, home, sole }: { area: number; home: boolean; sole: boolean }): number {
  return Math.round(((price - vatOf(price, day)) * (home ? homePercent(day, area, sole) : OTHER_PERCENT)) / 100)
}

function homePercent(day: string, area: number, sole: boolean): number {
  const rule = homeRules.findLast(({ from }) => from <= day)
  if (!rule) return OTHER_PERCENT
  return (sole ? rule.sole : rule.second)[area <= rule.upTo ? 0 : 1]
}
