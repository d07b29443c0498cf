import { beijing } from '../../../../core/base/time.ts'

const DAY_MS = 86_400_000

/** `2026-11-26`: the day in Beijing. */
export function dayOf(at: number): string {
  return beijing(at).slice(0, 10)
}

/** Epoch milliseconds of a day's first moment, in Beijing. */
export function startOf(day: string): number {
  return Date.parse(`${day}T00:00:00+08:00`)
}

/** Some days later, or with a minus before. */
export function shift(day: string, days: number): string {
  return dayOf(startOf(day) + days * DAY_MS)
}
