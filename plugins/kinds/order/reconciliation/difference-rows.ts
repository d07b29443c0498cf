import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { HubError } from '../../../../core/base/errors.ts'
import type { Difference } from './compare.ts'
import type { DifferenceState } from './kinds-of-difference.ts'

/** One row of `reconciliation_differences`; times are epoch milliseconds. */
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

/** `acted`: the hub has set to work on it. */
export type Found = Difference & { acted: boolean }

export interface Resolution {
  by: string
  reason: string
}

const LASTING: readonly DifferenceState[] = ['acted', 'open']
const TABLE = 'reconciliation_differences'

/** Takes down what a look found, and of what it no longer found that it is gone. → how many are left that are not settled. */
export async function keepDifferences(
  transaction: Knex.Transaction,
  reconciliationId: string,
  found: readonly Found[],
  at: number,
): Promise<number> {
  for (const one of found) await keep(transaction, reconciliationId, one, at)
  const stays = new Set(found.map(keyOf))
  const kept = (await transaction(TABLE).where({ reconciliation_id: reconciliationId }).whereIn('state', LASTING)) as DifferenceRow[]
  for (const row of kept)
    if (!stays.has(keyOf(row))) await transaction(TABLE).where({ id: row.id }).update({ state: 'gone', updated_at: at })
  return countLasting(transaction, reconciliationId)
}

async function keep(transaction: Knex.Transaction, reconciliationId: string, found: Found, at: number): Promise<void> {
  const { kind, reference } = found
  const told = {
    order_number: found.orderNumber,
    order_id: found.orderId,
    transaction_id: found.transactionId,
    channel_fen: found.channelFen,
    hub_fen: found.hubFen,
    company_fen: found.companyFen,
    hub_state: found.hubState,
    state: (found.acted ? 'acted' : 'open') satisfies DifferenceState,
    updated_at: at,
  }
  const key = { reconciliation_id: reconciliationId, kind, reference }
  const known = (await transaction(TABLE).where(key).first()) as DifferenceRow | undefined
  if (!known) return void (await transaction(TABLE).insert({ id: randomUUID(), ...key, ...told, created_at: at }))
  // What a person has settled stays settled, as long as all sides say what they said then.
  if (known.state === 'resolved' && sides(readDifference(known)) === sides(told)) return
  await transaction(TABLE)
    .where({ id: known.id })
    .update({ ...told, resolved_by: null, reason: null, resolved_at: null })
}

export async function listDifferences(database: Knex, reconciliationId: string): Promise<DifferenceRow[]> {
  const rows = await database(TABLE).where({ reconciliation_id: reconciliationId }).orderBy(['created_at', 'reference', 'kind'])
  return (rows as DifferenceRow[]).map(readDifference)
}

export async function findDifference(database: Knex, id: string): Promise<DifferenceRow | null> {
  const row = (await database(TABLE).where({ id }).first()) as DifferenceRow | undefined
  return row ? readDifference(row) : null
}

/** Settles one by a person's word. Throws HUB_RECONCILIATION_STATE where it is settled or gone. */
export async function resolveDifference(transaction: Knex, id: string, { by, reason }: Resolution, at: number): Promise<void> {
  const row = await findDifference(transaction, id)
  if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这个差异。' })
  const settled = { state: 'resolved' satisfies DifferenceState, resolved_by: by, reason, resolved_at: at, updated_at: at }
  const moved = await transaction(TABLE).where({ id }).whereIn('state', LASTING).update(settled)
  if (moved === 0) throw new HubError('HUB_RECONCILIATION_STATE', { detail: '这个差异已经处理或者消除。' })
  const differing = await countLasting(transaction, row.reconciliation_id)
  const of = () => transaction('reconciliations').where({ id: row.reconciliation_id })
  await of().update({ differing, updated_at: at })
  // Nothing is left that the hub works on or a person has to look at.
  if (differing === 0) await of().where({ state: 'differing' }).update({ state: 'matched', due_at: null })
}

async function countLasting(transaction: Knex, reconciliationId: string): Promise<number> {
  const rows = transaction(TABLE).where({ reconciliation_id: reconciliationId }).whereIn('state', LASTING)
  return Number((await rows.count({ n: '*' }).first())?.['n'] ?? 0)
}

function keyOf({ kind, reference }: Pick<DifferenceRow, 'kind' | 'reference'>): string {
  return `${kind} ${reference}`
}

function sides({ channel_fen, hub_fen, company_fen }: Pick<DifferenceRow, 'channel_fen' | 'hub_fen' | 'company_fen'>): string {
  return JSON.stringify([channel_fen, hub_fen, company_fen])
}

/** Drivers give large whole numbers as text. */
function readDifference(row: DifferenceRow): DifferenceRow {
  const whole = (value: number | null) => (value === null ? null : Number(value))
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
