import type { Arrangement } from './arrangement.ts'
import { holidays2026 } from './holidays-2026.ts'

/** One a year, each in a file of its own. A year that is missing goes by weekday, and operators are warned of it. */
export const arrangements: readonly Arrangement[] = [holidays2026]

/** Whether a day (YYYY-MM-DD) is off or worked by arrangement; null where the weekday decides. */
export function arranged(day: string, known: readonly Arrangement[] = arrangements): 'off' | 'worked' | null {
  for (const { holidays } of known)
    for (const { from, to, worked } of holidays) {
      if (day >= from && day <= to) return 'off'
      if (worked.includes(day)) return 'worked'
    }
  return null
}

const MS_A_DAY = 86_400_000
/** The State Council publishes in November: from then on the next year is missed. */
const AHEAD_DAYS = 31

/** → the years whose arrangement is needed at a moment and not known. */
export function missingYears(at: number, known: readonly Arrangement[] = arrangements): number[] {
  const yearOf = (moment: number) => new Date(moment + 8 * 3_600_000).getUTCFullYear()
  return [...new Set([yearOf(at), yearOf(at + AHEAD_DAYS * MS_A_DAY)])].filter((year) => known.every((each) => each.year !== year))
}
