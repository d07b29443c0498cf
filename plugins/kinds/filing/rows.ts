import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import type { Principal } from '../../access/principal.ts'
import { post } from '../../outbox/outbox.ts'
import { isDue, takeLease } from '../../queue/lease.ts'
import type { Parts } from './joint.ts'
import { readPartEvents, statesIn } from './part-rows.ts'
import { type States, statesOf } from './states.ts'
import { createTransitions, type Transitions } from './transitions.ts'

/** One row of `submissions`; times are epoch milliseconds. */
export interface SubmissionRow {
  id: string
  connector: string
  service: string
  user_id: string
  enterprise_id: string | null
  principal: Principal
  idempotency_key: string
  request_hash: string
  request_sealed: string
  /** The hub's own number for it at the agency; null in rows that had ended before there was a column. */
  serial: string | null
  /** Keyed hash of the agency's number for it ({@link referenceHash}). */
  reference_hash: string | null
  state: SubmissionState
  progress_sealed: string | null
  /** The user's number at the agency when it was filed, for services that need one. */
  account_sealed: string | null
  /** What the agency said when it refused to take the filing in. */
  reason_sealed: string | null
  /** By which its state is asked without logging in; null in rows of before there were receipts. */
  receipt: string | null
  /** Upstream parameters that the hub adds: what the pre-check found, proof of the code, the consent of others. */
  carried_sealed: string | null
  trace_id: string
  attempts: number
  failures: number
  unclear: number
  /** 1 while the agency has refused a repeated send: it may mean that it has the first. */
  declined: number
  polls: number
  sent_at: number | null
  last_error: string | null
  due_at: number | null
  lease_owner: string | null
  lease_until: number
  created_at: number
  updated_at: number
}

/** Contexts of the sealed columns: a cell copied into another row won't open. */
export const sealContext = {
  request: (id: string) => `submission:${id}:request`,
  progress: (id: string) => `submission:${id}:progress`,
  account: (id: string) => `submission:${id}:account`,
  reason: (id: string) => `submission:${id}:reason`,
  carried: (id: string) => `submission:${id}:carried`,
  act: (id: string) => `submission-act:${id}`,
}

/** By it a filing is found that an agency names by its own number; `system`: key among the hub's upstreams. */
export function referenceHash(vault: Vault, system: string, reference: string): string {
  return vault.fingerprint(`${system}\0${reference}`, 'submission-reference')
}

export type Changes = Partial<
  Pick<
    SubmissionRow,
    | 'progress_sealed'
    | 'reference_hash'
    | 'reason_sealed'
    | 'attempts'
    | 'failures'
    | 'unclear'
    | 'declined'
    | 'polls'
    | 'sent_at'
    | 'last_error'
    | 'due_at'
    | 'lease_owner'
    | 'lease_until'
    | 'updated_at'
  >
>

export type Also = (transaction: Knex.Transaction) => Promise<void>

/** What a worker needs of the table. The database is the truth: whoever holds no lease changes nothing. */
export interface SubmissionRows {
  now(): number
  /** Takes a due row that nobody holds, for `leaseMs`; null when it isn't due, is held, or isn't there. */
  claim(id: string, leaseMs: number): Promise<SubmissionRow | null>
  /**
   * Walks `path` and writes `changes` in one transaction, provided that the row is still in the state
   * and under the lease that `row` shows; otherwise changes nothing and returns null. The lease ends
   * here unless `changes` renews it. `also` runs in the same transaction.
   */
  save(row: SubmissionRow, path: readonly SubmissionState[], changes: Changes, note?: string, also?: Also): Promise<SubmissionRow | null>
  /** Ids of due rows that nobody holds, the longest overdue first. */
  due(limit: number): Promise<string[]>
  /** The parts of a joint case, as they stand. */
  parts(id: string): Promise<Parts>
  /** How many rows are overdue, and how many wait for a person. */
  counts(): Promise<{ due: number; attention: number }>
}

export type MachineOf = (row: Pick<SubmissionRow, 'connector' | 'service'>) => States

/** `machineOf`: the states of a row's service; without it, the hub's own. */
export function createSubmissionRows(
  database: Database,
  now: () => number = Date.now,
  machineOf: MachineOf = () => statesOf(undefined),
  transitions: Transitions = createTransitions(),
): SubmissionRows {
  async function recordPath(transaction: Knex.Transaction, filing: SubmissionRow, path: readonly SubmissionState[], note?: string) {
    let from = filing.state
    for (const to of path) {
      machineOf(filing).assertMove(from, to)
      await transitions.record(transaction, { filing, from, to, at: now(), note: note ?? null })
      from = to
    }
    if (from !== filing.state) await tell(transaction, { ...filing, state: from }, now())
  }

  return {
    now,
    async claim(id, leaseMs) {
      const at = now()
      const lease_owner = await takeLease(database('submissions').where({ id }).modify(isDue, at), at, leaseMs)
      if (lease_owner === null) return null
      return ((await database('submissions').where({ id, lease_owner }).first()) as SubmissionRow | undefined) ?? null
    },
    async save(row, path, changes, note, also) {
      const state = path.at(-1) ?? row.state
      const columns = { lease_owner: null, lease_until: 0, ...changes, state, ...(path.length > 0 ? { updated_at: now() } : {}) }
      const { due_at: next } = changes
      // Somebody hurried it while it was in hand: what this step was told may be of before.
      const due_at =
        row.due_at === null || next === null || next === undefined
          ? {}
          : { due_at: database.raw('case when due_at = ? then ? else due_at end', [row.due_at, next]) }
      return transact(database, async (transaction) => {
        const { id, lease_owner } = row
        const saved = await transaction('submissions')
          .where({ id, lease_owner, state: row.state })
          .update({ ...columns, ...due_at })
        if (saved === 0) return null
        await recordPath(transaction, row, path, note)
        await also?.(transaction)
        return { ...row, ...columns }
      })
    },
    async due(limit) {
      const at = now()
      const query = database('submissions').modify(isDue, at)
      return (await query.orderBy('due_at').limit(limit).pluck('id')) as string[]
    },
    parts: async (id) => statesIn(await readPartEvents(database, [id])),
    async counts() {
      const count = async (query: Knex.QueryBuilder) => Number(((await query.count({ n: '*' }).first()) as { n: number | string }).n)
      return {
        due: await count(database('submissions').where('due_at', '<=', now())),
        attention: await count(database('submissions').where({ state: 'attention' })),
      }
    },
  }
}

/** Steps of the hub's own on the way to the agency are no news. */
const SILENT: ReadonlySet<string> = new Set(['sending'])

/** Whoever filed is told where the filing stands now, in the transaction that brought it there. */
export async function tell(
  transaction: Knex.Transaction,
  { id, user_id, principal, state, attempts }: Pick<SubmissionRow, 'id' | 'user_id' | 'principal' | 'state' | 'attempts'>,
  at: number,
): Promise<void> {
  // Back at the start after a send that failed: for the applicant nothing has changed.
  if (SILENT.has(state) || (state === 'filed' && attempts > 0)) return
  await post(transaction, { topic: 'filing', userId: user_id, principal, about: id, detail: { state }, at })
}
