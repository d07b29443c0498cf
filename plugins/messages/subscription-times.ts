const BEIJING_MS = 8 * 3_600_000
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Beijing's hours between which agencies are asked: each subscription at its own minute, so that they come one by one. */
const FROM_HOUR = 8
const HOURS = 12

/** The next day's look, at the subscription's own time. */
export function nextLook(now: number, id: string): number {
  const midnight = Math.floor((now + BEIJING_MS) / DAY_MS) * DAY_MS - BEIJING_MS
  return midnight + DAY_MS + FROM_HOUR * HOUR_MS + (Number.parseInt(id.slice(0, 8), 16) % (HOURS * HOUR_MS))
}

/** Whole days from Beijing's today to a day (`YYYY-MM-DD`); negative for one that is past. */
export function daysUntil(day: string, now: number): number {
  const today = new Date(now + BEIJING_MS).toISOString().slice(0, 10)
  return Math.round((Date.parse(day) - Date.parse(today)) / DAY_MS)
}
