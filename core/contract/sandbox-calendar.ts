/** `YYYYMM` as many months later. */
export function addMonths(month: string, count: number): string {
  const months = Number(month.slice(0, 4)) * 12 + Number(month.slice(4, 6)) - 1 + count
  return `${Math.floor(months / 12)}${String((months % 12) + 1).padStart(2, '0')}`
}

/** `YYYYMMDD` as many days later. */
export function addDays(day: string, count: number): string {
  const at = Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6)) + count)
  return new Date(at).toISOString().slice(0, 10).replaceAll('-', '')
}

/** The last month whose day of the month has come by `today`. */
export const lastMonth = (today: string, day: number) => addMonths(today.slice(0, 6), Number(today.slice(6)) < day ? -1 : 0)

/** Every month from the first to the last, both included. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = []
  for (let month = first; month <= last; month = addMonths(month, 1)) months.push(month)
  return months
}

/** Fen → text of yuan, one of the two forms in which agencies write amounts. */
export const yuan = (fen: number) => (fen / 100).toFixed(2)
