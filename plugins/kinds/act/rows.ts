import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { isDuplicate, transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { type Acting, type Principal, seenBy } from '../../access/principal.ts'
import { prepareFaceSpending } from '../../face/spend.ts'
import { post } from '../../outbox/outbox.ts'
import { canonical, type Keyed, readKey } from '../idempotency.ts'
import { type ActState, sourcesOf } from './states.ts'

/** One row of `acts`; times are epoch milliseconds. */
export interface ActRow {
  id: string
  connector: string
  service: string
  user_id: string
  enterprise_id: string | null
  principal: Principal
  idempotency_key: string
  request_hash: string
  account_sealed: string | null
  state: ActState
  answer_sealed: string | null
  trace_id: string
  attempts: number
  sent_at: number
  lease_until: number
  last_error: string | null
  /** When the agency is next asked what became of it; null where there is nothing to ask. */
  due_at: number | null
  /** How often it was. */
  looks: number
  created_at: number
  updated_at: number
}

/** Contexts of the sealed columns: a cell copied into another row won't open. */
export const actContext = {
  account: (id: string) => `acts.account:${id}`,
  answer: (id: string) => `acts.answer:${id}`,
}

export interface NewAct extends Keyed {
  account: string | null
  traceId: string
  faceVerification: string | null
}

/** What a row outlasts a call by before its sender counts as dead. */
const MARGIN_MS = 2000

/** First look at what is unclear; each further one waits half as long again, up to an hour, for three days. */
const LOOK_MS = 30_000
const MOST_MS = 3_600_000
const GIVEN_UP_MS = 3 * 24 * MOST_MS

/** The table of acts. The database is the truth: a state changes only where the row is still in one that leads there. */
export interface ActRows {
  now(): number
  /** The act of this key, or null. Throws HUB_IDEMPOTENCY_KEY_MISSING, HUB_IDEMPOTENCY_CONFLICT. */
  find(act: Keyed): Promise<ActRow | null>
  /** Writes a new act down as `sending` and spends the face verification on it; null where one with its key was faster. */
  begin(act: NewAct): Promise<ActRow | null>
  /** Takes an act that surely was not done for another send; null where somebody else did, or it has been done. */
  beginAgain(row: ActRow, service: CompiledService, traceId: string): Promise<ActRow | null>
  /** Moves an act on, as far as its state allows. → the row as it now stands. */
  settle(row: ActRow, to: ActState, changes?: Partial<Pick<ActRow, 'answer_sealed' | 'last_error' | 'due_at'>>): Promise<ActRow>
  due(limit: number): Promise<string[]>
  /** Takes an act that is due, and puts it off, so that nobody else does; null where somebody else did. */
  claim(id: string): Promise<ActRow | null>
  /** An act, where this reader sees it; one whose sender is gone has become `unclear`. */
  read(reader: Acting, service: CompiledService, id: string): Promise<ActRow | null>
}

/** Gives the files that an act names to it, in the transaction that writes it down; throws HUB_VALIDATION. */
export type AttachToAct = (transaction: Knex.Transaction, act: NewAct, id: string) => Promise<void>

export function createActRows(
  database: Database,
  vault: Vault,
  now: () => number = Date.now,
  attach: AttachToAct = async () => undefined,
): ActRows {
  const hashOf = (input: unknown) => vault.fingerprint(canonical(input), 'act-request')
  const lease = ({ contract }: CompiledService) => contract.timeoutMs + MARGIN_MS

  async function current(row: ActRow): Promise<ActRow> {
    if (row.state !== 'sending' || Number(row.lease_until) > now()) return row
    return settle(row, 'unclear', { last_error: 'HUB_INTERNAL', due_at: row.due_at })
  }

  async function settle(row: ActRow, to: ActState, changes: Partial<ActRow> = {}): Promise<ActRow> {
    const { id, attempts } = row
    await transact(database, async (transaction) => {
      const own = () => transaction('acts').where({ id, attempts }).whereIn('state', sourcesOf(to))
      const before: Pick<ActRow, 'state' | 'user_id' | 'principal'> | undefined = await own()
        .forUpdate()
        .first('state', 'user_id', 'principal')
      if (!before) return
      await own().update({ due_at: null, ...changes, state: to, updated_at: now() })
      if (before.state !== 'unclear') return
      // Who was told that nobody knows is told how it ended.
      const { user_id: userId, principal } = before
      const once = `act:${id}:${attempts}`
      await post(transaction, { topic: 'outcome', userId, principal, about: id, detail: { of: 'act', state: to }, once, at: now() })
    })
    return (await first(database('acts').where({ id }))) as ActRow
  }

  return {
    now,
    settle,
    async find({ service, by, idempotencyKey, input }) {
      const where = { user_id: by.userId, principal: by.principal, ...placeOf(service), idempotency_key: readKey(idempotencyKey) }
      const row = await first(database('acts').where(where))
      if (!row) return null
      if (row.request_hash !== hashOf(input)) throw new HubError('HUB_IDEMPOTENCY_CONFLICT')
      return current(row)
    },
    async begin(act) {
      const { service, by, account, traceId } = act
      const id = randomUUID()
      const at = now()
      const row: ActRow = {
        id,
        ...placeOf(service),
        user_id: by.userId,
        principal: by.principal,
        enterprise_id: by.enterpriseId,
        idempotency_key: readKey(act.idempotencyKey),
        request_hash: hashOf(act.input),
        account_sealed: account === null ? null : vault.seal(account, actContext.account(id)),
        state: 'sending',
        answer_sealed: null,
        trace_id: traceId,
        attempts: 1,
        sent_at: at,
        lease_until: at + lease(service),
        last_error: null,
        due_at: service.contract.act?.statusSid === undefined ? null : at + lease(service),
        looks: 0,
        created_at: at,
        updated_at: at,
      }
      const spend = prepareFaceSpending(vault, service.contract.face, { ...act, userId: by.userId })
      try {
        // The insert comes first: its unique index is the look-up that no concurrent request slips past.
        await transact(database, async (transaction) => {
          await transaction('acts').insert(row)
          await attach(transaction, act, id)
          await spend(transaction, { act_id: id }, at)
        })
        return row
      } catch (error) {
        // The winner of a race for the key has spent the face verification, too.
        if (isDuplicate(error) || (error instanceof HubError && (await this.find(act)))) return null
        throw error
      }
    },
    async beginAgain(row, { contract }, traceId) {
      const asks = contract.act?.statusSid !== undefined
      const at = now()
      const attempts = row.attempts + 1
      const lease_until = at + Number(row.lease_until) - Number(row.sent_at)
      const changes = { attempts, trace_id: traceId, sent_at: at, lease_until, due_at: asks ? lease_until : null, looks: 0 }
      const taken = await database('acts')
        .where({ id: row.id, attempts: row.attempts })
        .whereIn('state', sourcesOf('sending'))
        .update({ ...changes, state: 'sending', last_error: null, updated_at: at })
      return taken === 0 ? null : { ...row, ...changes, state: 'sending', last_error: null, updated_at: at }
    },
    async read(reader, service, id) {
      const row = await first(database('acts').where({ id, ...seenBy(reader), ...placeOf(service) }))
      return row ? current(row) : null
    },
    async due(limit) {
      return (await database('acts').where('due_at', '<=', now()).orderBy('due_at').limit(limit).pluck('id')) as string[]
    },
    async claim(id) {
      const row = await first(database('acts').where({ id }).where('due_at', '<=', now()))
      if (!row) return null
      const wait = Math.min(MOST_MS, Math.round(LOOK_MS * 1.5 ** Math.min(row.looks, 30)))
      const due_at = now() - Number(row.sent_at) > GIVEN_UP_MS ? null : now() + wait
      const looks = row.looks + 1
      const taken = await database('acts')
        .where({ id, attempts: row.attempts, looks: row.looks, due_at: row.due_at })
        .update({ due_at, looks })
      return taken === 0 ? null : current({ ...row, due_at, looks })
    },
  }
}

/** Drivers give large whole numbers as text. */
async function first(query: Knex.QueryBuilder): Promise<ActRow | null> {
  const row = (await query.first()) as ActRow | undefined
  return row ? { ...row, due_at: row.due_at === null ? null : Number(row.due_at) } : null
}

/** When the agency is first asked about an act that became unclear at `at`; null where it can't be. */
export function firstLook({ contract }: CompiledService, at: number): number | null {
  return contract.act?.statusSid === undefined ? null : at + LOOK_MS
}

function placeOf({ connector, contract }: CompiledService) {
  return { connector: connector.id, service: contract.id }
}
