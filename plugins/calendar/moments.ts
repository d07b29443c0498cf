const BEIJING_MS = 8 * 3_600_000
const MINUTE_MS = 60_000
export const DAY_MS = 86_400_000

/** Epoch milliseconds → days since 1970 in Beijing, where no clock is ever changed. */
export function dayOf(at: number): number {
  return Math.floor((at + BEIJING_MS) / DAY_MS)
}

/** A day, and a time of it (`HH:mm`, up to `24:00`) → epoch milliseconds. */
export function momentOf(day: number, time = '00:00'): number {
  return day * DAY_MS - BEIJING_MS + (Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) * MINUTE_MS
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(day: number): number {
  // The first of January 1970 was a Thursday.
  return ((((day + 3) % 7) + 7) % 7) + 1
}

/** YYYY-MM-DD. */
export function textOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** `YYYY-MM-DD` → its day; null for one that no calendar has. */
export function readDay(text: string): number | null {
  const at = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text ? null : at / DAY_MS
}

export function yearOf(at: number): number {
  return Number(textOf(dayOf(at)).slice(0, 4))
}
