import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { ActKind } from '../../../core/contract/types.ts'
import { type Acting, seenBy } from '../../access/principal.ts'
import { prepareFaceSpending } from '../../face/spend.ts'
import { canonical, readKey } from '../idempotency.ts'
import { type ActState, assertActMove, openActStates } from './act-states.ts'
import { isPaid } from './joint.ts'
import { readPartEvents, statesIn } from './part-rows.ts'
import { type SubmissionRow, sealContext } from './rows.ts'
import { statesOf } from './states.ts'
import { assertSupplement } from './supplement.ts'

/** One row of `submission_acts`; times are epoch milliseconds. */
export interface ActRow {
  id: string
  submission_id: string
  /** Who asked for it: for the same principal, and perhaps not who filed. Null in rows of before the hub kept it. */
  user_id: string | null
  kind: ActKind
  /** With `supplement`: a fingerprint of what the agency had asked for. */
  notice: string | null
  idempotency_key: string
  request_hash: string
  request_sealed: string
  state: ActState
  attempts: number
  failures: number
  sent_at: number | null
  last_error: string | null
  created_at: number
  updated_at: number
}

export interface ActRequest {
  service: CompiledService
  kind: ActKind
  /** Id of the filing. */
  submissionId: string
  by: Acting
  /** 8 to 128 visible ASCII characters. */
  idempotencyKey: string
  /** The validated inputs. */
  input: Readonly<Record<string, unknown>>
  faceVerification: string | null
}

export interface Acts {
  /**
   * Whether the same act was asked for under this key before: ask before demanding a fresh face verification.
   * Throws HUB_IDEMPOTENCY_KEY_MISSING, HUB_IDEMPOTENCY_CONFLICT.
   */
  isKnown(request: Omit<ActRequest, 'faceVerification'>): Promise<boolean>
  /**
   * Makes an act durable; the worker does it. Throws HUB_NO_RECORD, HUB_FILING_STATE, HUB_FACE_REQUIRED, HUB_FACE_USED.
   */
  request(request: ActRequest): Promise<void>
}

/** What the worker needs of the table. */
export interface ActRows {
  /** The one act of a filing that is still to be done or to be cleared up. */
  open(submissionId: string): Promise<ActRow | null>
  /** Changes an act in the transaction that changes its filing. */
  change(transaction: Knex.Transaction, act: ActRow, to: ActState, changes: ActChanges, note?: string): Promise<void>
}

export type ActChanges = Partial<Pick<ActRow, 'attempts' | 'failures' | 'sent_at' | 'last_error'>>

/** How often, and how long apart, an act waits for a worker that has the filing in hand. */
const TRIES = 50
const WAIT_MS = 100

export function createActRows(database: Database, now: () => number = Date.now): ActRows {
  return {
    async open(submissionId) {
      const row = await database('submission_acts').where({ submission_id: submissionId }).whereIn('state', openActStates).first()
      return (row as ActRow | undefined) ?? null
    },
    async change(transaction, act, to, changes, note) {
      const columns = { ...changes, state: to, updated_at: now() }
      const changed = await transaction('submission_acts').where({ id: act.id, state: act.state }).update(columns)
      if (changed !== 1) throw new Error(`act ${act.id} is no longer ${act.state}`)
      if (to === act.state) return
      assertActMove(act.state, to)
      await record(transaction, act.id, act.state, to, now(), note)
    },
  }
}

export interface ActsOptions {
  database: Database
  vault: Vault
  /** Told of a filing that became due, after the commit. */
  wake(id: string, dueAt: number): void
  /** Gives the files that an act names to its filing, in the transaction that writes it down; throws HUB_VALIDATION. */
  attach?(transaction: Knex.Transaction, request: ActRequest): Promise<void>
  now?: () => number
}

export function createActs({ database, vault, wake, attach = async () => undefined, now = Date.now }: ActsOptions): Acts {
  function hashOf({ kind, input }: Pick<ActRequest, 'kind' | 'input'>): string {
    return vault.fingerprint(canonical({ kind, input }), 'submission-act')
  }

  async function isKnown(request: Parameters<Acts['isKnown']>[0], store: Knex = database): Promise<boolean> {
    const { submissionId } = request
    const row: ActRow | undefined = await store('submission_acts')
      .where({ submission_id: submissionId, idempotency_key: readKey(request.idempotencyKey) })
      .whereIn('submission_id', store('submissions').where(owned(request)).select('id'))
      .first()
    if (row && row.request_hash !== hashOf(request)) throw new HubError('HUB_IDEMPOTENCY_CONFLICT')
    return row !== undefined
  }

  /** → false where a worker has the filing in hand. */
  function attempt(request: ActRequest): Promise<boolean> {
    const { service, kind, submissionId: id, by, input } = request
    const { userId } = by
    const when = [...(service.contract.submission?.[kind]?.when ?? [])]
    const at = now()
    const spendFace = prepareFaceSpending(vault, service.contract.face, { ...request, userId })
    return transact(database, async (transaction) => {
      // A write first: it takes the row, so that nobody walks on while this is decided.
      const taken = await transaction('submissions')
        .where(owned(request))
        .whereIn('state', when)
        .where('lease_until', '<=', at)
        .update({ due_at: at })
      if (await isKnown(request, transaction)) return true
      const row: SubmissionRow | undefined = await transaction('submissions').where(owned(request)).first()
      if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这项申请。' })
      if (!when.includes(row.state)) throw wrongState(service, row)
      if (taken === 0) return false
      if (await transaction('submission_acts').where({ submission_id: id }).whereIn('state', openActStates).first('id'))
        throw new HubError('HUB_FILING_STATE', { detail: '您对这项申请的上一次操作还在办理，请等它有结果后再试。' })
      if (kind === 'cancel') await assertUnpaid(transaction, service, id)
      const notice = kind === 'supplement' ? await assertSupplement(transaction, vault, service, row, at) : null
      const actId = randomUUID()
      await transaction('submission_acts').insert({
        id: actId,
        submission_id: id,
        user_id: userId,
        kind,
        notice,
        idempotency_key: readKey(request.idempotencyKey),
        request_hash: hashOf(request),
        request_sealed: vault.seal(JSON.stringify(input), sealContext.act(actId)),
        state: 'requested',
        created_at: at,
        updated_at: at,
      })
      await record(transaction, actId, null, 'requested', at)
      await attach(transaction, request)
      await spendFace(transaction, { submission_id: id }, at)
      return true
    })
  }

  return {
    isKnown,
    async request(request) {
      for (let left = TRIES; left > 0; left--) {
        if (await attempt(request)) return wake(request.submissionId, now())
        await sleep(WAIT_MS)
      }
      throw new HubError('HUB_FILING_STATE', { detail: '这项申请正在办理当中，请稍候再试。', retryAfter: 10 })
    },
  }
}

/** Money that has been paid for a part comes back by way of an office, not by taking the case back here. */
async function assertUnpaid(transaction: Knex.Transaction, { contract }: CompiledService, id: string): Promise<void> {
  const joint = contract.submission?.joint
  if (!joint || !isPaid(joint, statesIn(await readPartEvents(transaction, [id])))) return
  throw new HubError('HUB_FILING_STATE', { detail: '税费已经缴纳，不能在线撤回，请到办理机构的窗口申请撤回和退款。' })
}

/** The filing, where whoever asks sees it. */
function owned({ submissionId, by, service }: Pick<ActRequest, 'submissionId' | 'by' | 'service'>) {
  return { id: submissionId, ...seenBy(by), connector: service.connector.id, service: service.contract.id }
}

function wrongState({ contract }: CompiledService, { state }: SubmissionRow): HubError {
  return new HubError('HUB_FILING_STATE', {
    detail: `这项申请现在的状态是“${statesOf(contract.submission).titleOf(state)}”，不能这样办理。`,
  })
}

async function record(transaction: Knex.Transaction, id: string, from: ActState | null, to: ActState, at: number, note?: string) {
  await transaction('submission_act_events').insert({ act_id: id, from_state: from, to_state: to, note: note ?? null, at })
}
