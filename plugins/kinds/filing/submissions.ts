import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { isDuplicate, transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { prepareFaceSpending } from '../../face/spend.ts'
import { canonical, type Keyed, readKey } from '../idempotency.ts'
import { serialOf } from '../serial.ts'
import type { Prepared } from './prepare.ts'
import { createSubmissionReader, type PolicyOf, placeOf, type Submission, type SubmissionReader } from './reader.ts'
import { newReceipt } from './receipt-code.ts'
import { createSubmissionRows, type SubmissionRow, sealContext, tell } from './rows.ts'
import { statesOf } from './states.ts'
import { createTransitions, type Transitions } from './transitions.ts'

/** What tells one submission from another. */
export interface KeyedRequest extends Keyed {
  /** Which of several accounts at the agency the caller chose. */
  binding?: string | undefined
}

export interface AcceptRequest extends KeyedRequest {
  traceId: string
  /** Id of the face verification that the caller's token or header names; its age has been checked. */
  faceVerification: string | null
  /** The user's own account at the agency, for a service that needs one: frozen in the filing. */
  account?: { externalId: string } | undefined
  /** What was found and proved before, for services that declare it. */
  prepared?: Prepared
}

export interface Submissions extends Pick<SubmissionReader, 'read' | 'list' | 'byReceipt'> {
  /**
   * Makes a submission durable, or finds the earlier one of the same key (`replayed`). Throws
   * HUB_IDEMPOTENCY_KEY_MISSING, HUB_IDEMPOTENCY_CONFLICT, HUB_FACE_REQUIRED, HUB_FACE_USED.
   */
  accept(request: AcceptRequest): Promise<{ submission: Submission; replayed: boolean }>
  /** The earlier submission of the same key and content, if any: ask before demanding a fresh face verification. Throws as `accept`. */
  findByKey(request: KeyedRequest): Promise<Submission | null>
  /** Operator: tries a submission in `attention` again; an unclear send is cleared up first. False when it isn't there. */
  retry(id: string): Promise<boolean>
  /** Operator: settles a submission in `attention` by what the agency said. False when it isn't there. */
  resolve(id: string, outcome: 'submitted' | 'refused'): Promise<boolean>
}

export interface SubmissionsOptions {
  database: Database
  vault: Vault
  /** Told of a submission that became due, after the commit. */
  wake(id: string, dueAt: number): void
  /** How a row's service is filed and followed; without it there are the hub's own states, which are all that operators' acts need. */
  policyOf?: PolicyOf
  /** Gives the files that a request names to its filing, in the transaction that accepts it; throws HUB_VALIDATION. */
  attach?(transaction: Knex.Transaction, request: AcceptRequest, id: string): Promise<void>
  transitions?: Transitions
  now?: () => number
}

export function createSubmissions({
  database,
  vault,
  wake,
  policyOf = () => undefined,
  attach = async () => undefined,
  transitions = createTransitions(),
  now = Date.now,
}: SubmissionsOptions): Submissions {
  const rows = createSubmissionRows(database, now, (row) => statesOf(policyOf(row)), transitions)
  const { one, ...reader } = createSubmissionReader(database, vault, policyOf)

  async function findByKey(request: KeyedRequest): Promise<Submission | null> {
    const where = { ...filedBy(request), idempotency_key: readKey(request.idempotencyKey) }
    const row = (await database('submissions').where(where).first()) as SubmissionRow | undefined
    if (!row) return null
    if (row.request_hash !== hashOf(request)) throw new HubError('HUB_IDEMPOTENCY_CONFLICT')
    return one({ id: row.id })
  }

  function hashOf({ input, binding }: KeyedRequest): string {
    return vault.fingerprint(canonical(binding === undefined ? input : { input, binding }), 'submission-request')
  }

  function newRow(request: AcceptRequest) {
    const id = randomUUID()
    const at = now()
    const awaitUntil = request.prepared?.awaitUntil ?? null
    const carried = request.prepared?.carried ?? {}
    return {
      id,
      serial: serialOf(id),
      ...filedBy(request),
      enterprise_id: request.by.enterpriseId,
      idempotency_key: readKey(request.idempotencyKey),
      request_hash: hashOf(request),
      request_sealed: vault.seal(JSON.stringify(request.input), sealContext.request(id)),
      account_sealed: request.account ? vault.seal(request.account.externalId, sealContext.account(id)) : null,
      state: awaitUntil === null ? 'filed' : ('awaiting' as const),
      receipt: newReceipt(),
      carried_sealed: Object.keys(carried).length > 0 ? vault.seal(JSON.stringify(carried), sealContext.carried(id)) : null,
      trace_id: request.traceId,
      due_at: awaitUntil ?? at,
      created_at: at,
      updated_at: at,
    } satisfies Partial<SubmissionRow>
  }

  async function insert(request: AcceptRequest): Promise<string> {
    const row = newRow(request)
    const { userId } = request.by
    const spend = prepareFaceSpending(vault, request.service.contract.face, { ...request, userId })
    // The insert comes first: its unique index is the look-up that no concurrent request slips past.
    await transact(database, async (transaction) => {
      await transaction('submissions').insert(row)
      await transitions.record(transaction, { filing: row, from: null, to: row.state, at: row.created_at, note: null })
      await tell(transaction, { ...row, attempts: 0 }, row.created_at)
      await attach(transaction, request, row.id)
      await request.prepared?.write(transaction, row.id, now())
      await spend(transaction, { submission_id: row.id }, now())
    })
    return row.id
  }

  async function operate(id: string, to: 'filed' | 'submitted' | 'refused', note: string): Promise<boolean> {
    const row = (await database('submissions').where({ id, state: 'attention' }).first()) as SubmissionRow | undefined
    if (!row) return false
    const due_at = to === 'refused' ? null : now()
    // A send that stays unclear keeps its `sent_at`: the worker asks the agency before it sends again.
    const sent_at = to === 'filed' ? row.sent_at : null
    const moved = await rows.save(row, [to], { due_at, sent_at, failures: 0, unclear: 0, declined: 0, polls: 0, last_error: null }, note)
    if (moved && due_at !== null) wake(id, due_at)
    return moved !== null
  }

  return {
    async accept(request) {
      const earlier = await findByKey(request)
      if (earlier) return { submission: earlier, replayed: true }
      const id = await insert(request).catch(async (error) => {
        // A request with the same key may have been faster, in this process or another.
        const winner = isDuplicate(error) || error instanceof HubError ? await findByKey(request) : null
        if (winner) return winner
        throw error
      })
      if (typeof id !== 'string') return { submission: id, replayed: true }
      if (request.prepared?.awaitUntil === null || !request.prepared) wake(id, now())
      return { submission: (await one({ id })) as Submission, replayed: false }
    },
    findByKey,
    ...reader,
    retry: (id) => operate(id, 'filed', 'operator: retry'),
    resolve: (id, outcome) => operate(id, outcome, `operator: ${outcome}`),
  }
}

function filedBy({ by, service }: Pick<KeyedRequest, 'by' | 'service'>) {
  return { user_id: by.userId, principal: by.principal, ...placeOf(service) }
}
