import type { Chart, Series } from '../../charts/chart.ts'
import { type Grouping, groupings, hourText } from './ask.ts'
import type { ShownStatistics } from './few.ts'

/** What of calls a chart shows. */
export const measures = { calls: '调用次数', time: '用时', users: '用户数' } as const
export type Measure = keyof typeof measures
const UNITS: Readonly<Record<Measure, string>> = { calls: '次', time: '毫秒', users: '人' }

type Named = Pick<ShownStatistics, 'key' | 'calls' | 'failed' | 'p50Ms' | 'p95Ms' | 'users' | 'fewUsers'> & { name: string }

/** More bars are no picture; the table has all. */
const BARS = 12
const HOUR_MS = 3_600_000
const WEEKDAYS = ['周一', '周二', '周三', '周四', '周五', '周六', '周日']
const CLOCKS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'))

/**
 * A chart of calls that were added up; over time where they are, otherwise a ranking. What is withheld is not drawn, and the title says so.
 * `from`, `to`: days, Beijing time; `now`: epoch milliseconds.
 */
export function chartOf(
  { by, measure, from, to, now }: { by: Grouping; measure: Measure; from: string; to: string; now: number },
  rows: readonly Named[],
): Chart {
  const few = measure === 'users' && rows.some(({ fewUsers }) => fewUsers) ? '（太少的不画）' : ''
  const title = `${measures[measure]}，按${groupings[by]}，${from} 至 ${to}${few}`
  const unit = UNITS[measure]
  if (by === 'weekday') return { kind: 'heat', title, unit, rows: WEEKDAYS, columns: CLOCKS, values: byWeek(rows, measure) }
  const keys = keysOf(by, from, to, now)
  if (keys === null) {
    const shown = rows.filter(({ fewUsers }) => measure !== 'users' || !fewUsers)
    const valued = shown.map((row) => ({ name: row.name, value: measured(row, measure) }))
    const most = valued.sort((a, b) => b.value - a.value).slice(0, BARS)
    return { kind: 'bars', title, unit, labels: most.map(({ name }) => name), values: most.map(({ value }) => value) }
  }
  const found = new Map(rows.map((row) => [row.key, row]))
  const series = (name: string, value: (row: Named) => number | null, without: number | null) => {
    return { name, values: keys.map((key) => valueAt(found.get(key), value, without)) }
  }
  const labels = keys.map((key) => (by === 'clock' ? key : key.slice(5)))
  return { kind: 'lines', title, unit, labels, series: seriesOf(measure, series) }
}

function seriesOf(
  measure: Measure,
  series: (name: string, value: (row: Named) => number | null, without: number | null) => Series,
): readonly Series[] {
  if (measure === 'calls') return [series('调用', ({ calls }) => calls, 0), series('没有成功的', ({ failed }) => failed, 0)]
  if (measure === 'users') return [series('用户', ({ users }) => users, null)]
  return [series('中位数', ({ p50Ms }) => p50Ms, null), series('p95', ({ p95Ms }) => p95Ms, null)]
}

/** Of one row, where a chart has one value of each. */
function measured({ calls, p95Ms, users }: Named, measure: Measure): number {
  if (measure === 'calls') return calls
  return (measure === 'users' ? users : p95Ms) ?? 0
}

function valueAt(row: Named | undefined, value: (row: Named) => number | null, without: number | null): number | null {
  return row === undefined ? without : value(row)
}

/** All moments of a span, those without calls too, up to now; null for what is no time. */
function keysOf(by: Grouping, from: string, to: string, now: number): string[] | null {
  if (by === 'clock') return CLOCKS
  if (by !== 'day' && by !== 'hour') return null
  const step = by === 'day' ? 24 * HOUR_MS : HOUR_MS
  const [first, last] = [Date.parse(`${from}T00:00:00+08:00`), Math.min(now, Date.parse(`${to}T23:59:59+08:00`))]
  const count = Math.max(0, Math.floor((last - first) / step) + 1)
  return Array.from({ length: count }, (_, index) => hourText(first + index * step).slice(0, by === 'day' ? 10 : 13))
}

/** Rows whose keys are `<weekday, 1 for Monday> <hour>`. */
function byWeek(rows: readonly Named[], measure: Measure): number[][] {
  const found = new Map(rows.map((row) => [row.key, measured(row, measure)]))
  return WEEKDAYS.map((_, day) => CLOCKS.map((clock) => found.get(`${day + 1} ${clock}`) ?? 0))
}
