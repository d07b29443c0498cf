import { beijing } from '../../../../core/base/time.ts'
import { withQuery } from '../../../console/parts.ts'
import type { Visit } from '../../../console/section.ts'
import type { Grouping } from '../../../operations/statistics/ask.ts'
import { fewerThan, type ShownStatistics } from '../../../operations/statistics/few.ts'

const DAY_MS = 86_400_000

export type Counted = ShownStatistics & { name: string }

/** Rows, and below which number none is shown. */
export interface Counting {
  rows: Counted[]
  fewest: number
}

/** The last `days` days up to today, Beijing time. */
export function lastDays(days: number): { from: string; to: string } {
  const now = Date.now()
  return { from: beijing(now - (days - 1) * DAY_MS).slice(0, 10), to: beijing(now).slice(0, 10) }
}

/** As the API adds them up; calls of no application have a name, too. */
export async function countedBy({ get }: Visit, by: Grouping, narrowed: Readonly<Record<string, string>>): Promise<Counting> {
  const { data, meta } = await get<Counted[]>(withQuery('/admin/statistics', { ...narrowed, by }))
  const rows = data.map((row) => (by === 'app' && row.key === '' ? { ...row, name: '市民应用或未说明的' } : row))
  return { rows, fewest: Number(meta['fewest']) }
}

/** What numbers are rounded to. */
export const roundedNote = (fewest: number): string =>
  fewest > 1 ? `次数和人数取 ${fewest} 的倍数，${fewerThan(fewest)}的不显示。` : '次数和人数照实显示。'

/** In place of a number that is withheld, its words. */
export const callsOf = ({ calls, fewCalls }: Counted, fewest: number): string => (fewCalls ? fewerThan(fewest) : numberOf(calls))
export const usersOf = ({ users, fewUsers }: Counted, fewest: number): string => (fewUsers ? fewerThan(fewest) : numberOf(users))

export const numberOf = (value: number | null): string => (value === null ? '—' : value.toLocaleString('zh-CN'))
