import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../../core/base/database.ts'
import { HubError } from '../../../../core/base/errors.ts'
import { isDuplicate, transact } from '../../../../core/base/transact.ts'
import type { ChannelId } from '../../../payments/channel.ts'
import { isDue, takeLease } from '../../../queue/lease.ts'
import { alarm } from './alarm.ts'
import type { Sums } from './compare.ts'
import {
  type DifferenceRow,
  type Found,
  findDifference,
  keepDifferences,
  listDifferences,
  type Resolution,
  resolveDifference,
} from './difference-rows.ts'
import { type ReconciliationState, reconciliationSources } from './states.ts'

/** One row of `reconciliations`; times are epoch milliseconds. */
export interface ReconciliationRow {
  id: string
  connector: string
  channel: ChannelId
  /** `2026-11-26`, Beijing. */
  day: string
  state: ReconciliationState
  sums: Sums | null
  settled: number
  /** Differences that are still there. */
  differing: number
  runs: number
  failures: number
  last_error: string | null
  due_at: number | null
  lease_owner: string | null
  ended_at: number | null
  created_at: number
  updated_at: number
}

/** Whose day it is. */
export type DayKey = Pick<ReconciliationRow, 'connector' | 'channel' | 'day'>

export interface ReconciliationFilter {
  connector?: string
  channel?: ChannelId
  state?: ReconciliationState
  from?: string
  to?: string
  page: number
  pageSize: number
}

/** What a look came to. */
export interface Outcome {
  sums: Sums
  settled: number
  differences: readonly Found[]
}

/** The table of days. A state changes only where the row is still in one that leads there. */
export interface ReconciliationRows {
  /** Writes days down that are not there yet, due at once. → how many were new. */
  plan(days: readonly DayKey[]): Promise<number>
  /** The days that were written down for a channel, from one on, in order. */
  days(key: Omit<DayKey, 'day'>, from: string): Promise<string[]>
  due(limit: number): Promise<string[]>
  claim(id: string, leaseMs: number): Promise<ReconciliationRow | null>
  /** Looks again later. → when, or null where the lease was lost. */
  postpone(
    row: ReconciliationRow,
    to: 'due' | 'failed',
    failures: number,
    error: string | null,
    dueAt: number | null,
  ): Promise<number | null>
  /** Keeps what a look came to; `again`: when it is looked at once more. → the row, or null where the lease was lost. */
  conclude(row: ReconciliationRow, outcome: Outcome, again: number | null): Promise<ReconciliationRow | null>
  /** Has a day looked at anew. Throws HUB_RECONCILIATION_STATE where one is under way. */
  again(id: string): Promise<ReconciliationRow>
  /** The same for one that has failed. → whether there was such a day. */
  revive(id: string): Promise<boolean>
  list(filter: ReconciliationFilter): Promise<{ rows: ReconciliationRow[]; total: number }>
  read(id: string): Promise<ReconciliationRow | null>
  differences(id: string): Promise<DifferenceRow[]>
  difference(id: string): Promise<DifferenceRow | null>
  /** Settles a difference by a person's word. Throws HUB_RECONCILIATION_STATE where it is settled or gone. */
  resolve(transaction: Knex, id: string, resolution: Resolution): Promise<void>
}

export function createReconciliationRows(database: Database, now: () => number = Date.now): ReconciliationRows {
  const CLAIMABLE = reconciliationSources('running')
  const FREE = { lease_owner: null, lease_until: 0 }

  async function first(query: Knex.QueryBuilder): Promise<ReconciliationRow | null> {
    const row = (await query.first()) as Stored | undefined
    return row ? readRow(row) : null
  }

  /** Guarded by state and lease: whoever lost it changes nothing. */
  function held(transaction: Knex, { id, lease_owner }: ReconciliationRow) {
    return transaction('reconciliations').where({ id, lease_owner, state: 'running' })
  }

  return {
    async plan(days) {
      let made = 0
      const at = now()
      for (const day of days)
        try {
          await database('reconciliations').insert({ id: randomUUID(), ...day, state: 'due', due_at: at, created_at: at, updated_at: at })
          made++
        } catch (error) {
          // Another process, or an earlier run, has written it down.
          if (!isDuplicate(error)) throw error
        }
      return made
    },
    async days(key, from) {
      return (await database('reconciliations').where(key).where('day', '>=', from).orderBy('day').pluck('day')) as string[]
    },
    async due(limit) {
      const at = now()
      const query = database('reconciliations').modify(isDue, at).whereIn('state', CLAIMABLE)
      return (await query.orderBy('due_at').limit(limit).pluck('id')) as string[]
    },
    async claim(id, leaseMs) {
      const at = now()
      const free = database('reconciliations').where({ id }).modify(isDue, at).whereIn('state', CLAIMABLE)
      const lease_owner = await takeLease(free, at, leaseMs, { state: 'running', updated_at: at })
      return lease_owner === null ? null : first(database('reconciliations').where({ id, lease_owner }))
    },
    postpone: (row, state, failures, last_error, due_at) =>
      transact(database, async (transaction) => {
        const moved = await held(transaction, row).update({ ...FREE, state, failures, last_error, due_at, updated_at: now() })
        if (moved === 1 && state === 'failed') await alarm(transaction, { ...row, state })
        return moved === 0 ? null : due_at
      }),
    async conclude(row, { sums, settled, differences }, due_at) {
      const at = now()
      return transact(database, async (transaction) => {
        const left = await keepDifferences(transaction, row.id, differences, at)
        const columns = {
          ...FREE,
          state: left > 0 ? ('differing' as const) : ('matched' as const),
          settled,
          differing: left,
          runs: row.runs + 1,
          failures: 0,
          last_error: null,
          due_at: left > 0 ? due_at : null,
          ended_at: at,
          updated_at: at,
        }
        // Last: where the lease was lost meanwhile, all of it is taken back.
        const moved = await held(transaction, row).update({ ...columns, sums: JSON.stringify(sums) })
        if (moved === 0) throw new LostLease()
        const ended = { ...row, ...columns, sums }
        if (left > 0) await alarm(transaction, ended)
        return ended
      }).catch((error: unknown) => {
        if (error instanceof LostLease) return null
        throw error
      })
    },
    async again(id) {
      const at = now()
      const moved = await database('reconciliations')
        .where({ id })
        .whereIn('state', [...reconciliationSources('due'), 'due'])
        .whereNot({ state: 'running' })
        .update({ state: 'due', due_at: at, failures: 0, updated_at: at })
      const row = await first(database('reconciliations').where({ id }))
      if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这次对账。' })
      if (moved === 0) throw new HubError('HUB_RECONCILIATION_STATE', { detail: '正在对账，请稍后再试。' })
      return row
    },
    async revive(id) {
      const failed = database('reconciliations').where({ id, state: 'failed' })
      return (await failed.update({ state: 'due', due_at: now(), failures: 0, updated_at: now() })) === 1
    },
    async list({ connector, channel, state, from, to, page, pageSize }) {
      const exact = {
        ...(connector === undefined ? {} : { connector }),
        ...(channel === undefined ? {} : { channel }),
        ...(state === undefined ? {} : { state }),
      }
      const query = () => {
        const found = database('reconciliations').where(exact)
        if (from !== undefined) found.where('day', '>=', from)
        if (to !== undefined) found.where('day', '<=', to)
        return found
      }
      const [count] = await query().count({ n: '*' })
      const rows = (await query()
        .orderBy([{ column: 'day', order: 'desc' }, 'connector', 'channel'])
        .offset((page - 1) * pageSize)
        .limit(pageSize)) as Stored[]
      return { rows: rows.map(readRow), total: Number(count?.['n']) }
    },
    read: (id) => first(database('reconciliations').where({ id })),
    differences: (id) => listDifferences(database, id),
    difference: (id) => findDifference(database, id),
    resolve: (transaction, id, resolution) => resolveDifference(transaction, id, resolution, now()),
  }
}

class LostLease extends Error {}

type Stored = Omit<ReconciliationRow, 'sums'> & { sums: string | null }

/** Drivers give large whole numbers as text. */
function whole(value: number | null): number | null {
  return value === null ? null : Number(value)
}

function readRow(row: Stored): ReconciliationRow {
  return {
    ...row,
    sums: row.sums === null ? null : (JSON.parse(row.sums) as Sums),
    due_at: whole(row.due_at),
    ended_at: whole(row.ended_at),
    created_at: Number(row.created_at),
    updated_at: Number(row.updated_at),
  }
}
