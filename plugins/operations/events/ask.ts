import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { hourText, merged } from '../statistics/ask.ts'
import type { EventKind } from './kinds.ts'

/** By what events are added up. */
export const eventGroupings = { name: '页面、功能或来源', source: '数据源', day: '日期', hour: '小时' } as const
export type EventGrouping = keyof typeof eventGroupings

export interface EventFilter {
  by: EventGrouping
  kind: EventKind
  /** Days, Beijing time, both inclusive. */
  from: string
  to: string
  source?: string
  /** A page, a function or a source of new users; empty for what no source lists. */
  name?: string
}

export interface EventRow {
  key: string
  times: number
  /** All together. */
  seconds: number
  meanSeconds: number
  /** Different installations of those who agreed to be told apart, to some two percent; null where that is not kept. */
  installs: number | null
}

/** Events of a span of days, added up; by time in its order, otherwise the most frequent first. */
export async function askEvents(database: Database, { by, kind, from, to, source, name }: EventFilter): Promise<EventRow[]> {
  const column = by === 'hour' || by === 'day' || by === 'source' ? by : 'name'
  const rows: { key: string | number; times: number | string; seconds: number | string }[] = await database('event_statistics')
    .where({ kind })
    .whereBetween('day', [from, to])
    .modify((query: Knex.QueryBuilder) => {
      if (source !== undefined) query.where({ source })
      if (name !== undefined) query.where({ name })
    })
    .groupBy(column)
    .select(`${column} as key`)
    .sum({ times: 'times', seconds: 'seconds' })
  const installs = name === undefined ? await installsBy(database, { by, from, to, source }) : new Map<string, number>()
  const found = rows.map((row) => {
    const [times, seconds] = [Number(row.times), Number(row.seconds)]
    const key = by === 'hour' ? hourText(Number(row.key)) : String(row.key)
    return { key, times, seconds, meanSeconds: Math.round(seconds / times), installs: installs.get(key) ?? null }
  })
  const isTime = by === 'day' || by === 'hour'
  return found.sort((a, b) => (isTime ? Number(a.key > b.key) - Number(a.key < b.key) : b.times - a.times))
}

async function installsBy(
  database: Database,
  { by, from, to, source }: { by: EventGrouping; from: string; to: string; source: string | undefined },
): Promise<Map<string, number>> {
  if (by !== 'day' && by !== 'source') return new Map()
  const rows: { day: string; name: string; sketch: string }[] = await database('caller_statistics')
    .where({ kind: 'install' })
    .whereBetween('day', [from, to])
    .modify((query: Knex.QueryBuilder) => void (source !== undefined && query.where({ name: source })))
    .select('day', 'name', 'sketch')
  const groups = Map.groupBy(rows, ({ day, name }) => (by === 'day' ? day : name))
  return new Map([...groups].map(([key, each]) => [key, merged(each.map(({ sketch }) => sketch))]))
}
