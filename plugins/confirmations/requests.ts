import { randomUUID } from 'node:crypto'
import { Ajv } from 'ajv'
import type { Knex } from 'knex'
import type { Static, TSchema } from 'typebox'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import { assertNoStake } from '../mandates/stake.ts'
import type { AdminRole } from '../users/roles.ts'
import type { Change, ChangeAuthor, ChangeParts, Done } from './change.ts'
import { type ChangeKind, changes, isChangeKind, type PayloadOf } from './changes/index.ts'
import { assertNoneConcerned, assertPerson } from './persons.ts'
import { canMoveRequest, type RequestState } from './states.ts'
import { namesOf, presentRequest, type RequestRow, type RequestView } from './view.ts'

/** Who acts, and why. */
export interface Act {
  userId: string
  reason: string
  traceId: string
}

export interface RequestFilter {
  state?: RequestState
  kind?: ChangeKind
  requestedBy?: string
  /** Whom it concerns. */
  userId?: string
  page: number
  pageSize: number
}

/** Acts that take two persons: one asks, another confirms, and only then it is done, in the transaction of the confirmation. */
export interface Requests {
  /**
   * Records what is to be done, once it was tried and taken back; the same again, while it is open, is the request
   * that there is. Throws what is wrong with it, HUB_ROLE_REQUIRED, HUB_REAL_NAME_REQUIRED.
   */
  ask<K extends ChangeKind>(kind: K, payload: PayloadOf<K>, act: Act): Promise<RequestView>
  /** Does it. Again by the same person, it is what came of it. Throws HUB_SECOND_PERSON, HUB_REQUEST_STATE, and as {@link Requests.ask}. */
  confirm(id: string, act: Act): Promise<RequestView>
  reject(id: string, act: Act): Promise<RequestView>
  /** Takes back one's own. */
  withdraw(id: string, act: Act): Promise<RequestView>
  read(id: string): Promise<RequestView>
  /** The newest first. */
  list(filter: RequestFilter): Promise<{ rows: RequestView[]; total: number }>
  /** Ends what nobody decided in time; everything else does so before it looks. */
  expire(): Promise<void>
}

export interface RequestsOptions {
  database: Database
  parts: ChangeParts
  /** How long a request may wait. */
  openMs: number
  now?: () => number
}

const ajv = new Ajv({ strict: false })
const sealContext = (id: string) => `admin_requests.payload:${id}`

export function createRequests({ database, parts, openMs, now = Date.now }: RequestsOptions): Requests {
  const { vault } = parts

  async function present(row: RequestRow): Promise<RequestView> {
    return presentRequest(row, await namesOf(database, vault, [row]), shownOf(row))
  }

  function shownOf(row: RequestRow) {
    const open = payloadOf(row)
    return open?.spec.shown?.(open.payload) ?? null
  }

  /** What an open request is for; null once it is decided, or where this version of the hub knows no such act. */
  function payloadOf({ id, kind, payload_sealed: sealed }: RequestRow): { spec: Change; payload: Static<TSchema> } | null {
    if (sealed === null || !isChangeKind(kind)) return null
    const spec = changes[kind] as unknown as Change
    const payload: unknown = JSON.parse(vault.open(sealed, sealContext(id)))
    return ajv.validate(spec.payload, payload) ? { spec, payload } : null
  }

  /** Tries it, and takes it back: what is wrong with it is wrong before anybody else is asked. */
  async function rehearse(spec: Change, payload: unknown, act: Act): Promise<void> {
    const takenBack = new Error('taken back')
    const work = async (transaction: Knex.Transaction) => {
      const role = await assertPerson(transaction, act.userId, spec.permission)
      await assertDisinterested(transaction, act.userId, role, spec, payload)
      await perform(spec, transaction, payload, { ...act, role })
      throw takenBack
    }
    await transact(database, work).catch((error: unknown) => {
      if (error !== takenBack) throw error
    })
  }

  function perform(spec: Change, transaction: Knex.Transaction, payload: unknown, author: ChangeAuthor): Promise<Done> {
    return aboutOthers(() => spec.apply(transaction, payload, author, parts))
  }

  const openOne = (key: string): Promise<RequestRow | undefined> =>
    Promise.resolve(database<RequestRow>('admin_requests').where({ open_key: key }).first())

  async function expire(): Promise<void> {
    const ended = { state: 'expired', open_key: null, payload_sealed: null, decided_at: now() }
    // It reads every row that waits, and so meets those that are being decided.
    await transact(database, async (transaction) => {
      await transaction('admin_requests').where({ state: 'requested' }).andWhere('expires_at', '<=', now()).update(ended)
    })
  }

  async function find(from: Knex, id: string): Promise<RequestRow> {
    const row: RequestRow | undefined = await from('admin_requests').where({ id }).forUpdate().first()
    if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有这项申请。' })
    return row
  }

  /** Moves a request to a state, with what `work` does for it, in one transaction. The same decision of the same person again changes nothing. */
  async function decide(id: string, to: RequestState, act: Act, work: (transaction: Knex.Transaction, row: RequestRow) => Promise<Done>) {
    await expire()
    const { row, after } = await transact(database, async (transaction) => {
      // A write of nothing takes the row on both engines: of two who decide, the second one sees what the first did.
      await transaction('admin_requests')
        .where({ id })
        .update({ state: transaction.ref('state') })
      const before = await find(transaction, id)
      if (before.state === to && before.decided_by === act.userId) return { row: before, after: undefined }
      const done = await work(transaction, before)
      if (!canMoveRequest(before.state, to)) throw new HubError('HUB_REQUEST_STATE')
      const decision = { decided_by: act.userId, decision_reason: act.reason, decided_at: now(), result: done.result ?? null }
      const changed = { ...decision, state: to, open_key: null, payload_sealed: null }
      await transaction('admin_requests').where({ id }).update(changed)
      return { row: { ...before, ...changed }, after: done.after }
    })
    await after?.()
    return present(row)
  }

  /** The second person: another than the first, whom it doesn't concern, and who might have asked for it himself. */
  async function assertSecond(transaction: Knex.Transaction, row: RequestRow, act: Act): Promise<void> {
    if (!isChangeKind(row.kind)) throw new HubError('HUB_REQUEST_STATE')
    const concerned = [row.subject_user_id, row.other_user_id].filter((id) => id !== null)
    if (row.requested_by === act.userId || concerned.includes(act.userId)) throw new HubError('HUB_SECOND_PERSON')
    const role = await assertPerson(transaction, act.userId, changes[row.kind].permission)
    await assertNoneConcerned(transaction, act.userId, role, concerned)
    const open = payloadOf(row)
    const stake = open?.spec.stake?.(open.payload)
    if (stake) await assertNoStake(transaction, act.userId, stake)
  }

  return {
    expire,
    async ask(kind, payload, act) {
      await expire()
      const spec = changes[kind] as unknown as Change
      await rehearse(spec, payload, act)
      const open_key = vault.fingerprint(`${kind}\0${JSON.stringify(payload)}`, 'admin_requests.open')
      const known = await openOne(open_key)
      if (known) return present(known)
      const id = randomUUID()
      const at = now()
      const [subject, other] = spec.concerns(payload)
      const row: RequestRow = {
        ...{ id, kind, state: 'requested', open_key, payload_sealed: vault.seal(JSON.stringify(payload), sealContext(id)) },
        ...{ facts: JSON.stringify(spec.facts(payload)), subject_user_id: subject ?? null, other_user_id: other ?? null },
        ...{ target: spec.target?.(payload) ?? null, requested_by: act.userId, reason: act.reason, trace_id: act.traceId },
        ...{ requested_at: at, expires_at: at + openMs, decided_by: null, decision_reason: null, decided_at: null, result: null },
      }
      try {
        await database('admin_requests').insert(row)
      } catch (error) {
        const twin = isDuplicate(error) ? await openOne(open_key) : undefined
        if (!twin) throw error
        return present(twin)
      }
      return present(row)
    },
    confirm: (id, act) =>
      decide(id, 'confirmed', act, async (transaction, row) => {
        await assertSecond(transaction, row, act)
        const open = payloadOf(row)
        if (!open) throw new HubError('HUB_REQUEST_STATE')
        const { spec, payload } = open
        const author = { userId: row.requested_by, reason: row.reason, traceId: act.traceId }
        const role = await stillAllowed(async () => {
          const held = await assertPerson(transaction, author.userId, spec.permission)
          await assertDisinterested(transaction, author.userId, held, spec, payload)
          return held
        })
        return perform(spec, transaction, payload, { ...author, role })
      }),
    reject: (id, act) =>
      decide(id, 'rejected', act, async (transaction, row) => {
        await assertSecond(transaction, row, act)
        return {}
      }),
    withdraw: (id, act) =>
      decide(id, 'withdrawn', act, async (_transaction, row) => {
        if (row.requested_by !== act.userId) throw new HubError('HUB_ROLE_REQUIRED', { detail: '只能撤回自己提出的申请。' })
        return {}
      }),
    async read(id) {
      await expire()
      return present(await find(database, id))
    },
    async list({ state, kind, requestedBy, userId, page, pageSize }) {
      await expire()
      const matching = () =>
        database('admin_requests').modify((query) => {
          if (state !== undefined) query.where({ state })
          if (kind !== undefined) query.where({ kind })
          if (requestedBy !== undefined) query.where({ requested_by: requestedBy })
          if (userId !== undefined) query.where((either) => either.where({ subject_user_id: userId }).orWhere({ other_user_id: userId }))
        })
      const rows: RequestRow[] = await matching()
        .orderBy([
          { column: 'requested_at', order: 'desc' },
          { column: 'id', order: 'asc' },
        ])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      const counted = await matching().count({ n: '*' }).first()
      const names = await namesOf(database, vault, rows)
      return { rows: rows.map((row) => presentRequest(row, names, shownOf(row))), total: Number(counted?.['n'] ?? 0) }
    },
  }
}

/** Neither is it about himself, or somebody above him, nor about whom he acts for. */
async function assertDisinterested(transaction: Knex, userId: string, role: AdminRole, spec: Change, payload: unknown): Promise<void> {
  await assertNoneConcerned(transaction, userId, role, concernedBy(spec, payload))
  const stake = spec.stake?.(payload)
  if (stake) await assertNoStake(transaction, userId, stake)
}

function concernedBy(spec: Change, payload: unknown): string[] {
  return spec.concerns(payload).filter((id) => id !== undefined)
}

/** HUB_USER_* are words for the caller about himself; here they are about those he named. */
async function aboutOthers<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    if (error.code === 'HUB_USER_UNKNOWN') throw new HubError('HUB_NO_RECORD', { detail: '没有这个用户。' }, error)
    if (/^HUB_USER_/.test(error.code)) throw new HubError('HUB_NO_RECORD', { detail: '其中一个用户已停用、合并或注销。' }, error)
    throw error
  }
}

/** Whoever asked may have lost what he asked by, which is nothing that whoever confirms did wrong. */
async function stillAllowed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof HubError) || error.status >= 500) throw error
    throw new HubError('HUB_REQUEST_STATE', { detail: '提出申请的管理员现在不能再提出这项申请，请驳回后另行申请。' }, error)
  }
}
