import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { beijing } from '../../../core/base/time.ts'
import { bucketNames, quantile } from './buckets.ts'
import { createSketch } from './sketch.ts'

/** By what calls are added up. */
export const groupings = {
  service: '服务',
  connector: '系统',
  agency: '单位',
  app: '应用',
  day: '日期',
  clock: '一天中的钟点',
  hour: '小时',
  weekday: '星期和钟点',
  all: '合计',
} as const
export type Grouping = keyof typeof groupings

export interface StatisticsFilter {
  by: Grouping
  /** Days, Beijing time, both inclusive. */
  from: string
  to: string
  connector?: string
  service?: string
  app?: string
  /** Which agency answers `<connector>.<service>`, for {@link Grouping} `agency`; default: its connector. */
  agencyOf?: (service: string) => string
}

export interface StatisticsRow {
  /** `<connector>.<service>`, an id, an agency's name, a day, an hour, `<day of the week> <hour>`. */
  key: string
  calls: number
  failed: number
  /** Of the calls: the agency gave no answer, or none that could be read. */
  unanswered: number
  unreadable: number
  successRate: number
  meanMs: number
  p50Ms: number | null
  p95Ms: number | null
  /** Different ones, to some two percent; null where that is not kept. */
  users: number | null
}

const COLUMNS: Readonly<Record<Grouping, readonly string[]>> = {
  service: ['connector', 'service'],
  connector: ['connector'],
  agency: ['connector', 'service'],
  app: ['app'],
  day: ['day'],
  clock: ['clock'],
  hour: ['hour'],
  weekday: ['day', 'clock'],
  all: [],
}
/** Of what callers are kept. */
const KINDS: Partial<Record<Grouping, string>> = {
  service: 'service',
  connector: 'connector',
  agency: 'service',
  app: 'app',
  day: 'all',
  all: 'all',
}

/** Calls of a span of days, added up; by time in its order, otherwise the most called first. */
export async function askStatistics(database: Database, filter: StatisticsFilter): Promise<StatisticsRow[]> {
  const { by } = filter
  const columns = COLUMNS[by]
  const sums = Object.fromEntries(
    ['calls', 'failed', 'unanswered', 'unreadable', 'duration_ms', ...bucketNames].map((name) => [name, name]),
  )
  const rows: Record<string, string | number>[] = await database('call_statistics')
    .modify(within, filter)
    .modify((query) => void (columns.length > 0 && query.groupBy(columns).select(columns)))
    .sum(sums)
  const users = await callersBy(database, filter)
  // All together is a row even where there are none.
  const called = fold(rows, foldedKey(filter)).filter((row) => Number(row['calls']) > 0)
  const found = called.map((row) => {
    const [calls, failed, duration] = [Number(row['calls']), Number(row['failed']), Number(row['duration_ms'])]
    const buckets = bucketNames.map((name) => Number(row[name]))
    const key = String(row[FOLDED] ?? columns.map((name) => keyPart(by, row[name])).join('.'))
    return {
      key,
      calls,
      failed,
      unanswered: Number(row['unanswered']),
      unreadable: Number(row['unreadable']),
      successRate: Math.round((1 - failed / calls) * 10_000) / 10_000,
      meanMs: Math.round(duration / calls),
      p50Ms: quantile(buckets, 0.5),
      p95Ms: quantile(buckets, 0.95),
      users: users.get(key) ?? null,
    }
  })
  const isTime = by === 'day' || by === 'clock' || by === 'hour' || by === 'weekday'
  return found.sort((a, b) => (isTime ? Number(a.key > b.key) - Number(a.key < b.key) : b.calls - a.calls))
}

/** Under which name a folded row's key stands; no column is called so. */
const FOLDED = '='

/** → under which key rows of the store are one: of weeks the day of the week, 1 for Monday, and the hour; of services their agency. Null where each is one. */
function foldedKey({ by, agencyOf }: StatisticsFilter): ((row: Record<string, string | number>) => string) | null {
  if (by === 'weekday') return ({ day, clock }) => `${new Date(String(day)).getUTCDay() || 7} ${keyPart('clock', clock)}`
  if (by === 'agency') return ({ connector, service }) => agencyOf?.(`${connector}.${service}`) ?? String(connector)
  return null
}

function fold(
  rows: readonly Record<string, string | number>[],
  keyOf: ((row: Record<string, string | number>) => string) | null,
): Record<string, string | number>[] {
  if (keyOf === null) return [...rows]
  const folded = new Map<string, Record<string, string | number>>()
  for (const row of rows) {
    const key = keyOf(row)
    const known = folded.get(key) ?? {}
    const { connector: _connector, service: _service, day: _day, clock: _clock, ...sums } = row
    const added = Object.entries(sums).map(([name, value]) => [name, Number(value) + Number(known[name] ?? 0)])
    folded.set(key, { ...Object.fromEntries(added), [FOLDED]: key })
  }
  return [...folded.values()]
}

function within(query: Knex.QueryBuilder, { from, to, connector, service, app }: StatisticsFilter): void {
  query.whereBetween('day', [from, to])
  for (const [name, value] of Object.entries({ connector, service, app })) if (value !== undefined) query.where(name, value)
}

/** Only what is not narrowed further than callers are kept. */
async function callersBy(
  database: Database,
  { by, from, to, connector, service, app, agencyOf }: StatisticsFilter,
): Promise<Map<string, number>> {
  const kind = KINDS[by]
  const isNarrow = by === 'service' ? app !== undefined : [connector, service, app].some((each) => each !== undefined)
  if (!kind || isNarrow) return new Map()
  const rows: { day: string; name: string; sketch: string }[] = await database('caller_statistics')
    .where({ kind })
    .whereBetween('day', [from, to])
    .select('day', 'name', 'sketch')
  const groups = new Map<string, string[]>()
  for (const { day, name, sketch } of rows) {
    const key = by === 'day' ? day : by === 'all' ? '' : by === 'agency' ? (agencyOf?.(name) ?? name.split('.', 1)[0] ?? name) : name
    groups.set(key, [...(groups.get(key) ?? []), sketch])
  }
  return new Map([...groups].map(([key, sketches]) => [key, merged(sketches)]))
}

/** How many different ones several sketches have together. */
export function merged(sketches: readonly string[]): number {
  const all = createSketch()
  for (const sketch of sketches) all.merge(createSketch(sketch))
  return all.count()
}

function keyPart(by: Grouping, value: string | number | undefined): string {
  if (by === 'clock') return String(value).padStart(2, '0')
  return by === 'hour' ? hourText(Number(value)) : String(value)
}

/** `2026-11-27 08`, Beijing time. */
export function hourText(at: number): string {
  return beijing(at).slice(0, 13).replace('T', ' ')
}
