/** 许昌市科技馆 as one might find it: closed on Mondays, three sessions a day, more places at weekends. */
const TIMES = [
  ['09:00', '11:00'],
  ['11:00', '13:00'],
  ['14:00', '17:00'],
] as const

const MONDAY = 1
const WEEKEND: ReadonlySet<number> = new Set([0, 6])

interface Session {
  readonly number: string
  readonly from: string
  readonly until: string
  readonly places: number
}

/** The sessions of a day, YYYYMMDD. */
export function sessionsOn(day: string): readonly Session[] {
  const weekday = new Date(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`).getUTCDay()
  if (weekday === MONDAY) return []
  const places = WEEKEND.has(weekday) ? 300 : 200
  return TIMES.map(([from, until], index) => ({ number: `${day}-${index + 1}`, from, until, places }))
}
