import type { Database } from '../../../core/base/database.ts'
import type { EventKind } from './kinds.ts'

/** Titles by name, of each kind that a source may send. */
export type Names = Partial<Record<EventKind, Readonly<Record<string, string>>>>

/** Where events come from: an app, a site, a campaign. */
export interface EventSource {
  id: string
  name: string
  names: Names
  enabled: boolean
  changedBy: string
  /** Epoch milliseconds. */
  changedAt: number
}

export interface EventSources {
  /** By id. */
  list(page: { page: number; pageSize: number }): Promise<{ rows: EventSource[]; total: number }>
  find(id: string): Promise<EventSource | null>
  /** → whether there was none of that id. */
  add(source: EventSource): Promise<boolean>
  /** → whether there is one. */
  change(id: string, changes: Partial<Omit<EventSource, 'id'>>): Promise<boolean>
  /** What was counted stays. → whether there was one. */
  remove(id: string): Promise<boolean>
}

interface Row {
  id: string
  name: string
  names: string
  enabled: boolean | number
  changed_by: string
  changed_at: number | string
}

export function createEventSources(database: Database): EventSources {
  const rows = () => database<Row>('event_sources')
  return {
    async list({ page, pageSize }) {
      const count = (await rows().count({ n: '*' }).first()) as { n: number | string } | undefined
      const found = await rows()
        .orderBy('id')
        .offset((page - 1) * pageSize)
        .limit(pageSize)
      return { rows: found.map(sourceOf), total: Number(count?.n ?? 0) }
    },
    async find(id) {
      const row = await rows().where({ id }).first()
      return row ? sourceOf(row) : null
    },
    async add(source) {
      const found = await rows().where({ id: source.id }).first('id')
      if (found) return false
      const { id, ...rest } = source
      await database('event_sources').insert({ id, ...columnsOf(rest) })
      return true
    },
    change: async (id, changes) => (await database('event_sources').where({ id }).update(columnsOf(changes))) === 1,
    remove: async (id) => (await rows().where({ id }).delete()) === 1,
  }
}

function columnsOf({ name, names, enabled, changedBy, changedAt }: Partial<Omit<EventSource, 'id'>>) {
  const columns = { name, names: names && JSON.stringify(names), enabled, changed_by: changedBy, changed_at: changedAt }
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))
}

function sourceOf({ id, name, names, enabled, changed_by, changed_at }: Row): EventSource {
  return { id, name, names: JSON.parse(names) as Names, enabled: Boolean(enabled), changedBy: changed_by, changedAt: Number(changed_at) }
}
