import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../../core/base/database.ts'
import { HubError } from '../../../../core/base/errors.ts'
import { isDuplicate, transact } from '../../../../core/base/transact.ts'
import type { ChannelId } from '../../../payments/channel.ts'
import { alarm } from './alarm.ts'
import type { Difference, Sums } from './compare.ts'
import type { DifferenceState } from './kinds-of-difference.ts'
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

export interface DifferenceRow {
  id: string
  reconciliation_id: string
  kind: Difference['kind']
  reference: string
  order_number: string | null
  order_id: string | null
  transaction_id: string | null
  channel_fen: number | null
  hub_fen: number | null
  company_fen: number | null
  hub_state: Difference['hubState']
  state: DifferenceState
  resolved_by: string | null
  reason: string | null
  resolved_at: number | null
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

/** What a look came to; `acted`: the hub has set to work on a difference. */
export interface Outcome {
  sums: Sums
  settled: number
  differences: readonly (Difference & { acted: boolean })[]
}

export interface Resolution {
  by: string
  reason: string
}

/** The table of days. A state changes only where the row is still in one that leads there. */
export interface ReconciliationRows {
  /** Writes days down that are not there yet, due at once. → how many were new. */
  plan(days: readonly DayKey[]): Promise<number>
  /** The last day that was written down for a channel, or null. */
  lastDay(key: Omit<DayKey, 'day'>): Promise<string | null>
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

const LASTING: readonly DifferenceState[] = ['acted', 'open']

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

  async function keepDifference(
    transaction: Knex,
    row: ReconciliationRow,
    found: Outcome['differences'][number],
    at: number,
  ): Promise<void> {
    const { kind, reference } = found
    const told = {
      order_number: found.orderNumber,
      order_id: found.orderId,
      transaction_id: found.transactionId,
      channel_fen: found.channelFen,
      hub_fen: found.hubFen,
      company_fen: found.companyFen,
      hub_state: found.hubState,
    }
    const state: DifferenceState = found.acted ? 'acted' : 'open'
    const known = await transaction('reconciliation_differences').where({ reconciliation_id: row.id, kind, reference }).first()
    if (!known)
      return void (await transaction('reconciliation_differences').insert({
        id: randomUUID(),
        reconciliation_id: row.id,
        kind,
        reference,
        ...told,
        state,
        created_at: at,
        updated_at: at,
      }))
    // What a person has settled stays settled, as long as it is the same that he looked at.
    const isSame = known.state === 'resolved' && sides(readDifference(known)) === sides({ ...readDifference(known), ...told })
    if (!isSame)
      await transaction('reconciliation_differences')
        .where({ id: known.id })
        .update({ ...told, state, resolved_by: null, reason: null, resolved_at: null, updated_at: at })
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
    async lastDay(key) {
      const row = await database('reconciliations').where(key).max({ day: 'day' }).first()
      return (row?.['day'] as string | null | undefined) ?? null
    },
    async due(limit) {
      const at = now()
      const query = database('reconciliations').where('due_at', '<=', at).where('lease_until', '<=', at).whereIn('state', CLAIMABLE)
      return (await query.orderBy('due_at').limit(limit).pluck('id')) as string[]
    },
    async claim(id, leaseMs) {
      const lease_owner = randomUUID()
      const at = now()
      const claimed = await database('reconciliations')
        .where({ id })
        .where('due_at', '<=', at)
        .where('lease_until', '<=', at)
        .whereIn('state', CLAIMABLE)
        .update({ state: 'running', lease_owner, lease_until: at + leaseMs, updated_at: at })
      return claimed === 0 ? null : first(database('reconciliations').where({ id, lease_owner }))
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
        for (const found of differences) await keepDifference(transaction, row, found, at)
        const stays = new Set(differences.map(({ kind, reference }) => `${kind} ${reference}`))
        const kept = (await transaction('reconciliation_differences').where({ reconciliation_id: row.id })) as DifferenceRow[]
        const gone = kept.filter(({ kind, reference, state }) => LASTING.includes(state) && !stays.has(`${kind} ${reference}`))
        for (const { id } of gone) await transaction('reconciliation_differences').where({ id }).update({ state: 'gone', updated_at: at })
        const left = await lasting(transaction, row.id)
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
    async differences(id) {
      const rows = await database('reconciliation_differences')
        .where({ reconciliation_id: id })
        .orderBy(['created_at', 'reference', 'kind'])
      return (rows as DifferenceRow[]).map(readDifference)
    },
    async difference(id) {
      const row = (await database('reconciliation_differences').where({ id }).first()) as DifferenceRow | undefined
      return row ? readDifference(row) : null
    },
    async resolve(transaction, id, { by, reason }) {
      const at = now()
      const row = (await transaction('reconciliation_differences').where({ id }).first()) as DifferenceRow | undefined
      if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这个差异。' })
      const moved = await transaction('reconciliation_differences')
        .where({ id })
        .whereIn('state', LASTING)
        .update({ state: 'resolved', resolved_by: by, reason, resolved_at: at, updated_at: at })
      if (moved === 0) throw new HubError('HUB_RECONCILIATION_STATE', { detail: '这个差异已经处理或者消除。' })
      const differing = await lasting(transaction, row.reconciliation_id)
      const of = () => transaction('reconciliations').where({ id: row.reconciliation_id })
      await of().update({ differing, updated_at: at })
      // Nothing is left that the hub works on or a person has to look at.
      if (differing === 0) await of().where({ state: 'differing' }).update({ state: 'matched', due_at: null })
    },
  }
}

class LostLease extends Error {}

type Stored = Omit<ReconciliationRow, 'sums'> & { sums: string | null }

async function lasting(transaction: Knex, reconciliationId: string): Promise<number> {
  const row = await transaction('reconciliation_differences')
    .where({ reconciliation_id: reconciliationId })
    .whereIn('state', LASTING)
    .count({ n: '*' })
    .first()
  return Number(row?.['n'] ?? 0)
}

function sides({ channel_fen, hub_fen, company_fen }: DifferenceRow): string {
  return JSON.stringify([channel_fen, hub_fen, company_fen])
}

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

function readDifference(row: DifferenceRow): DifferenceRow {
  return {
    ...row,
    channel_fen: whole(row.channel_fen),
    hub_fen: whole(row.hub_fen),
    company_fen: whole(row.company_fen),
    resolved_at: whole(row.resolved_at),
    created_at: Number(row.created_at),
    updated_at: Number(row.updated_at),
  }
}
