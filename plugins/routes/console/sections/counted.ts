import { beijing } from '../../../../core/base/time.ts'
import { withQuery } from '../../../console/parts.ts'
import type { Visit } from '../../../console/section.ts'
import type { Grouping, StatisticsRow } from '../../../operations/statistics/ask.ts'

const DAY_MS = 86_400_000

export type Counted = StatisticsRow & { name: string }

/** The last `days` days up to today, Beijing time. */
export function lastDays(days: number): { from: string; to: string } {
  const now = Date.now()
  return { from: beijing(now - (days - 1) * DAY_MS).slice(0, 10), to: beijing(now).slice(0, 10) }
}

/** As the API adds them up; calls of no application have a name, too. */
export async function countedBy({ get }: Visit, by: Grouping, narrowed: Readonly<Record<string, string>>): Promise<Counted[]> {
  const { data } = await get<Counted[]>(withQuery('/admin/statistics', { ...narrowed, by }))
  return data.map((row) => (by === 'app' && row.key === '' ? { ...row, name: '市民应用或未说明的' } : row))
}

export const numberOf = (value: number | null): string => (value === null ? '—' : value.toLocaleString('zh-CN'))
