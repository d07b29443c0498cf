/** The sandbox stands still on this day, so that its answers are the same every time. */
export const SNAPSHOT = '20261031'

/** `YYYYMM` as many months later. */
export function addMonths(month: string, count: number): string {
  const months = Number(month.slice(0, 4)) * 12 + Number(month.slice(4, 6)) - 1 + count
  return `${Math.floor(months / 12)}${String((months % 12) + 1).padStart(2, '0')}`
}

/** Every month from the first to the last, both included. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = []
  for (let month = first; month <= last; month = addMonths(month, 1)) months.push(month)
  return months
}

/** Fen → text of yuan, one of the two forms in which agencies write amounts. */
export const yuan = (fen: number) => (fen / 100).toFixed(2)
