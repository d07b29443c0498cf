const BEIJING_MS = 8 * 3_600_000
const DAY_MINUTES = 24 * 60
const MINUTE_MS = 60_000

/** `HH:MM-HH:MM`, which may go over midnight; empty for none. */
export const QUIET_PATTERN = '^(([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d)?$'

/** When something may be sent that was to be sent at `at` (epoch milliseconds). Beijing's clock knows no summer time. */
export function afterQuiet(at: number, hours: string): number {
  if (hours === '') return at
  const [from, to] = hours.split('-').map(minutesOf) as [number, number]
  const minute = Math.floor((at + BEIJING_MS) / MINUTE_MS) % DAY_MINUTES
  const quiet = from <= to ? minute >= from && minute < to : minute >= from || minute < to
  if (!quiet) return at
  const left = (to - minute + DAY_MINUTES) % DAY_MINUTES
  return Math.floor(at / MINUTE_MS) * MINUTE_MS + left * MINUTE_MS
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}
