import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Severity } from '../../../config/alerts.ts'
import type { Database } from '../../../core/base/database.ts'
import { transact } from '../../../core/base/transact.ts'
import type { Reading } from './readings.ts'
import type { AlertRule } from './rules.ts'
import { type AlertState, alertSources } from './states.ts'

/** One row of `alerts`, numbers as numbers. */
export interface AlertRow {
  id: string
  rule: string
  target: string
  connector: string | null
  severity: Severity
  state: AlertState
  value: number
  since: number
  seen_at: number
  fired_at: number | null
  told_at: number | null
  escalated_at: number | null
  acknowledged_by: string | null
  acknowledged_at: number | null
  ended_at: number | null
  end_told_at: number | null
}

export type AlertEvent = 'fired' | 'told' | 'escalated' | 'acknowledged' | 'resolved'

export interface EventRow {
  at: number
  event: AlertEvent
  by: string | null
  detail: string | null
}

export interface AlertRows {
  /** Those that are not at their end. */
  open(): Promise<AlertRow[]>
  /** Those that are over and were told of, but not yet that they are over. */
  ended(): Promise<AlertRow[]>
  /** A new one; nothing where another process was quicker. */
  begin(rule: AlertRule, reading: Reading, at: number): Promise<void>
  seen(id: string, value: number, at: number): Promise<void>
  /** → whether it was in a state from which it may come there. */
  move(id: string, to: AlertState, changes: Partial<AlertRow>, event: Omit<EventRow, 'at'> | null, at: number): Promise<boolean>
  note(transaction: Knex, id: string, event: EventRow): Promise<void>
  find(id: string): Promise<{ row: AlertRow; events: EventRow[] } | null>
  list(filter: AlertFilter): Promise<{ rows: AlertRow[]; total: number }>
  /** Clears away what ended before. */
  purge(before: number, passedBefore: number): Promise<void>
}

export interface AlertFilter {
  state?: AlertState
  severity?: Severity
  rule?: string
  page: number
  pageSize: number
}

export function createAlertRows(database: Database): AlertRows {
  const note = async (transaction: Knex, alert_id: string, event: EventRow) => {
    const { by: acted_by, ...rest } = event
    await transaction('alert_events').insert({ alert_id, acted_by, ...rest })
  }

  return {
    open: async () => (await database('alerts').whereNotNull('open_key')).map(readRow),
    ended: async () => (await database('alerts').where({ state: 'resolved', end_told_at: null }).whereNotNull('told_at')).map(readRow),
    async begin(rule, { target, connector, value }, at) {
      const id = randomUUID()
      const row = {
        id,
        rule: rule.id,
        target,
        connector,
        severity: rule.severity,
        state: 'pending',
        value: String(value),
        since: at,
        seen_at: at,
      }
      await database('alerts')
        .insert({ ...row, open_key: keyOf(rule.id, target) })
        .onConflict('open_key')
        .ignore()
    },
    async seen(id, value, at) {
      await database('alerts')
        .where({ id })
        .update({ value: String(value), seen_at: at })
    },
    move: (id, to, changes, event, at) =>
      transact(database, async (transaction) => {
        const isEnd = to === 'resolved' || to === 'passed'
        const columns = { ...changes, state: to, ...(isEnd ? { open_key: null, ended_at: at } : {}) }
        const moved = await transaction('alerts').where({ id }).whereIn('state', alertSources(to)).update(columns)
        if (moved === 1 && event) await note(transaction, id, { at, ...event })
        return moved === 1
      }),
    note,
    async find(id) {
      const row = await database('alerts').where({ id }).first()
      if (!row) return null
      const events: EventRow[] = await database('alert_events')
        .where({ alert_id: id })
        .orderBy('id')
        .select('at', 'event', 'acted_by as by', 'detail')
      return { row: readRow(row), events: events.map((event) => ({ ...event, at: Number(event.at) })) }
    },
    async list({ page, pageSize, ...filter }) {
      const matching = () =>
        database('alerts')
          .where(filter)
          .modify((query) => void (filter.state ? query : query.whereNot({ state: 'passed' })))
      const count = (await matching().count({ n: '*' }).first()) as { n: number | string } | undefined
      const rows = await matching()
        .orderBy([{ column: 'since', order: 'desc' }, 'id'])
        .offset((page - 1) * pageSize)
        .limit(pageSize)
      return { rows: rows.map(readRow), total: Number(count?.n ?? 0) }
    },
    async purge(before, passedBefore) {
      const old = () =>
        database('alerts').where((either) =>
          either.where('ended_at', '<', before).orWhere((passed) => passed.where({ state: 'passed' }).where('ended_at', '<', passedBefore)),
        )
      const ids = (await old().limit(1000).pluck('id')) as string[]
      await database('alert_events').whereIn('alert_id', ids).delete()
      await database('alerts').whereIn('id', ids).delete()
      await database('alert_deliveries').where('created_at', '<', before).whereNull('due_at').delete()
    },
  }
}

export const keyOf = (rule: string, target: string) => `${rule} ${target}`

const TIMES = ['since', 'seen_at', 'fired_at', 'told_at', 'escalated_at', 'acknowledged_at', 'ended_at', 'end_told_at'] as const

/** MySQL gives large numbers as text. */
function readRow(row: AlertRow): AlertRow {
  const times = Object.fromEntries(TIMES.map((name) => [name, row[name] === null ? null : Number(row[name])]))
  return { ...row, ...times, value: Number(row.value) }
}
