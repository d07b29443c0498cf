/** Months are Beijing's, `2026-05`. */
export const MONTH = /^20\d{2}-(0[1-9]|1[0-2])$/

export function monthOf(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 7)
}

/** → the first millisecond of a month. */
export function startOf(month: string): number {
  return Date.parse(`${month}-01T00:00:00+08:00`)
}

export function monthAfter(month: string, count = 1): string {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 7)
}

/** The first month that must stay whole: since the end of each one before, so many full months have gone by. */
export function firstKept(now: number, retentionMonths: number): string {
  return monthAfter(monthOf(now), -retentionMonths)
}
