import { beijing } from '../../../../core/base/time.ts'
import { withQuery } from '../../../console/parts.ts'
import type { Visit } from '../../../console/section.ts'
import type { Grouping } from '../../../operations/statistics/ask.ts'
import { fewerThan, type ShownStatistics } from '../../../operations/statistics/few.ts'

const DAY_MS = 86_400_000

/** `fewest`: below it no number of people is shown. */
export type Counted = ShownStatistics & { name: string; fewest: number }

/** The last `days` days up to today, Beijing time. */
export function lastDays(days: number): { from: string; to: string } {
  const now = Date.now()
  return { from: beijing(now - (days - 1) * DAY_MS).slice(0, 10), to: beijing(now).slice(0, 10) }
}

/** As the API adds them up; calls of no application have a name, too. */
export async function countedBy({ get }: Visit, by: Grouping, narrowed: Readonly<Record<string, string>>): Promise<Counted[]> {
  const { data, meta } = await get<Omit<Counted, 'fewest'>[]>(withQuery('/admin/statistics', { ...narrowed, by }))
  const fewest = Number(meta['fewest'])
  return data.map((row) => ({ ...row, fewest, ...(by === 'app' && row.key === '' ? { name: '市民应用或未说明的' } : {}) }))
}

/** How many users; in place of a number that is withheld, its words. */
export const usersOf = ({ users, fewUsers, fewest }: Counted): string => (fewUsers ? fewerThan(fewest) : numberOf(users))

export const numberOf = (value: number | null): string => (value === null ? '—' : value.toLocaleString('zh-CN'))
