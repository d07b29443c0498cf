import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { transact } from '../../../core/base/transact.ts'
import type { SystemState } from '../system-state.ts'

/** A state of a system, epoch milliseconds; `until` is null while it lasts. */
export interface Spell {
  system: string
  state: SystemState
  from: number
  until: number | null
}

interface Row {
  id: number | string
  system: string
  state: SystemState
  from_at: number | string
  until_at: number | string | null
  seen_at: number | string
  doubt: SystemState | null
  doubt_at: number | string | null
}

export interface SpellFilter {
  /** Keys of systems. */
  systems: readonly string[]
  states?: readonly SystemState[]
  /** Epoch milliseconds: spells that touch the span. */
  from: number
  to: number
  page: number
  pageSize: number
}

export interface HistoryRows {
  /** Writes down what a look found. `sure`: without waiting for a second look. */
  note(system: string, state: SystemState, at: number, sure: boolean): Promise<void>
  /** Newest first. */
  list(filter: SpellFilter): Promise<{ rows: Spell[]; total: number }>
  /** The states that last, by system, as of those who looked lately. */
  lasting(at: number): Promise<Map<string, Spell>>
  /** For how many milliseconds of a span anybody looked at each system, whatever it was like; a system of which nothing is known is not in it. */
  known(systems: readonly string[], span: { from: number; to: number }): Promise<Map<string, number>>
  purge(before: number): Promise<void>
}

/** So long nobody may have looked, as while the hub was down, before nobody knows how it was meanwhile. */
const GAP_MS = 10 * 60_000

export function createHistoryRows(database: Database): HistoryRows {
  const rows = () => database<Row>('health_history')

  async function begin(transaction: Knex, system: string, state: SystemState, from: number, at: number): Promise<void> {
    await transaction('health_history')
      .insert({ system, state, from_at: from, seen_at: at, open_key: system })
      // Another process was quicker.
      .onConflict('open_key')
      .ignore()
  }

  /** Ends a state that still is as it was read, and begins the next one in the same transaction. */
  async function turn({ id, state }: Row, until: number, next: { system: string; state: SystemState; from: number }, at: number) {
    await transact(database, async (transaction) => {
      const ended = await transaction('health_history')
        .where({ id, state })
        .whereNull('until_at')
        .update({ until_at: until, open_key: null })
      if (ended === 1) await begin(transaction, next.system, next.state, next.from, at)
    })
  }

  return {
    async note(system, state, at, sure) {
      const open = await rows()
        .where({ open_key: system } as Partial<Row>)
        .first()
      if (!open) return begin(database, system, state, at, at)
      const seen = Number(open.seen_at)
      if (at - seen > GAP_MS) return turn(open, seen, { system, state, from: at }, at)
      if (open.state === state) return void (await rows().where({ id: open.id }).update({ seen_at: at, doubt: null, doubt_at: null }))
      const from = open.doubt === state ? Number(open.doubt_at) : at
      if (sure || from < at) return turn(open, from, { system, state, from }, at)
      await rows().where({ id: open.id }).update({ seen_at: at, doubt: state, doubt_at: at })
    },
    async list({ systems, states, from, to, page, pageSize }) {
      const matching = () =>
        rows()
          .whereIn('system', [...systems])
          .where('from_at', '<=', to)
          .where((either) => either.whereNull('until_at').orWhere('until_at', '>=', from))
          .modify((query) => void (states && query.whereIn('state', [...states])))
      const count = (await matching().count({ n: '*' }).first()) as { n: number | string } | undefined
      const found = await matching()
        .orderBy([
          { column: 'from_at', order: 'desc' },
          { column: 'id', order: 'desc' },
        ])
        .offset((page - 1) * pageSize)
        .limit(pageSize)
      return { rows: found.map(spellOf), total: Number(count?.n ?? 0) }
    },
    async lasting(at) {
      const found = await rows()
        .whereNotNull('open_key')
        .where('seen_at', '>', at - GAP_MS)
      return new Map(found.map((row) => [row.system, spellOf(row)]))
    },
    async known(systems, { from, to }) {
      // What still is, is known up to the last look.
      const end = 'coalesce(until_at, seen_at)'
      const length = `case when ${end} < ? then ${end} else ? end - case when from_at > ? then from_at else ? end`
      const sums: { system: string; ms: number | string }[] = await database('health_history')
        .whereIn('system', [...systems])
        .where('from_at', '<', to)
        .whereRaw(`${end} > ?`, [from])
        .groupBy('system')
        .select('system', database.raw(`sum(${length}) as ms`, [to, to, from, from]))
      return new Map(sums.map(({ system, ms }) => [system, Number(ms)]))
    },
    async purge(before) {
      await rows().where('until_at', '<', before).delete()
    },
  }
}

function spellOf({ system, state, from_at, until_at }: Row): Spell {
  return { system, state, from: Number(from_at), until: until_at === null ? null : Number(until_at) }
}
