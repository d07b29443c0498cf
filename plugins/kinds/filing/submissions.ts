import { randomUUID } from 'node:crypto'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { isDuplicate, transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { type SubmissionState, submissionStates } from '../../../core/contract/states.ts'
import { prepareFaceSpending } from '../../face/spend.ts'
import { canonical, readKey } from '../idempotency.ts'
import { createSubmissionRows, type SubmissionRow, sealContext } from './rows.ts'

/** What tells one submission from another. */
export interface KeyedRequest {
  service: CompiledService
  userId: string
  /** 8 to 128 visible ASCII characters. */
  idempotencyKey: string
  /** The validated inputs. */
  input: Readonly<Record<string, unknown>>
  /** Compared where it is given. */
  enterpriseId?: string | null
}

export interface AcceptRequest extends KeyedRequest {
  enterpriseId: string | null
  traceId: string
  /** Id of the face verification that the caller's token or header names; its age has been checked. */
  faceVerification: string | null
}

/** A submission as its owner reads it. Times are RFC 3339 in +08:00. */
export interface Submission {
  id: string
  state: SubmissionState
  stateName: string
  final: boolean
  attempts: number
  lastError: string | null
  createdAt: string
  updatedAt: string
  /** The agency's latest row, mapped and UNMASKED; null before its first answer. */
  progress: Record<string, unknown> | null
  history: { state: SubmissionState; stateName: string; at: string }[]
}

export interface Submissions {
  /**
   * Makes a submission durable, or finds the earlier one of the same key (`replayed`). Throws
   * HUB_IDEMPOTENCY_KEY_MISSING, HUB_IDEMPOTENCY_CONFLICT, HUB_FACE_REQUIRED, HUB_FACE_USED.
   */
  accept(request: AcceptRequest): Promise<{ submission: Submission; replayed: boolean }>
  /** The earlier submission of the same key and content, if any: ask before demanding a fresh face verification. Throws as `accept`. */
  findByKey(request: KeyedRequest): Promise<Submission | null>
  /** One submission of this very user, or null. */
  read(userId: string, service: CompiledService, id: string): Promise<Submission | null>
  /** The user's submissions, newest first. `page` starts at 1. */
  list(userId: string, service: CompiledService, paging: { page: number; pageSize: number }): Promise<{ rows: Submission[]; total: number }>
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
  now?: () => number
}

export function createSubmissions({ database, vault, wake, now = Date.now }: SubmissionsOptions): Submissions {
  const rows = createSubmissionRows(database, now)

  async function findByKey(request: KeyedRequest): Promise<Submission | null> {
    const where = { ...owned(request.userId, request.service), idempotency_key: readKey(request.idempotencyKey) }
    const row = (await database('submissions').where(where).first()) as SubmissionRow | undefined
    if (!row) return null
    const { enterpriseId = row.enterprise_id } = request
    if (row.request_hash !== hashOf(request) || row.enterprise_id !== enterpriseId) throw new HubError('HUB_IDEMPOTENCY_CONFLICT')
    return toSubmission(row)
  }

  function hashOf({ input }: KeyedRequest): string {
    return vault.fingerprint(canonical(input), 'submission-request')
  }

  function newRow(request: AcceptRequest): Partial<SubmissionRow> & Pick<SubmissionRow, 'id'> {
    const id = randomUUID()
    const at = now()
    return {
      id,
      ...owned(request.userId, request.service),
      enterprise_id: request.enterpriseId,
      idempotency_key: readKey(request.idempotencyKey),
      request_hash: hashOf(request),
      request_sealed: vault.seal(JSON.stringify(request.input), sealContext.request(id)),
      state: 'accepted',
      trace_id: request.traceId,
      due_at: at,
      created_at: at,
      updated_at: at,
    }
  }

  async function insert(request: AcceptRequest): Promise<string> {
    const row = newRow(request)
    const spend = prepareFaceSpending(vault, request.service.contract.face, request)
    // The insert comes first: its unique index is the look-up that no concurrent request slips past.
    await transact(database, async (transaction) => {
      await transaction('submissions').insert(row)
      await transaction('submission_events').insert({ submission_id: row.id, to_state: 'accepted', at: now() })
      await spend(transaction, { submission_id: row.id }, now())
    })
    return row.id
  }

  async function operate(id: string, to: 'accepted' | 'submitted' | 'refused', note: string): Promise<boolean> {
    const row = (await database('submissions').where({ id, state: 'attention' }).first()) as SubmissionRow | undefined
    if (!row) return false
    const due_at = to === 'refused' ? null : now()
    // A send that stays unclear keeps its `sent_at`: the worker asks the agency before it sends again.
    const sent_at = to === 'accepted' ? row.sent_at : null
    const moved = await rows.save(row, [to], { due_at, sent_at, failures: 0, unclear: 0, declined: 0, polls: 0, last_error: null }, note)
    if (moved && due_at !== null) wake(id, due_at)
    return moved !== null
  }

  async function toSubmissions(found: SubmissionRow[]): Promise<Submission[]> {
    const ids = found.map(({ id }) => id)
    const events = (await database('submission_events').whereIn('submission_id', ids).orderBy('id')) as EventRow[]
    return found.map((row) => ({
      id: row.id,
      state: row.state,
      stateName: submissionStates[row.state].title,
      // The worker leaves no due time only on what has ended or waits for a person.
      final: row.due_at === null && row.state !== 'attention',
      attempts: row.attempts,
      lastError: row.last_error,
      createdAt: beijing(row.created_at),
      updatedAt: beijing(row.updated_at),
      progress: row.progress_sealed === null ? null : JSON.parse(vault.open(row.progress_sealed, sealContext.progress(row.id))),
      history: events
        .filter((event) => event.submission_id === row.id)
        .map(({ to_state, at }) => ({ state: to_state, stateName: submissionStates[to_state].title, at: beijing(at) })),
    }))
  }

  async function toSubmission(row: SubmissionRow): Promise<Submission> {
    const [submission] = await toSubmissions([row])
    return submission as Submission
  }

  async function readRow(where: Partial<SubmissionRow>): Promise<Submission | null> {
    const row = (await database('submissions').where(where).first()) as SubmissionRow | undefined
    return row ? toSubmission(row) : null
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
      wake(id, now())
      return { submission: (await readRow({ id })) as Submission, replayed: false }
    },
    findByKey,
    read: (userId, service, id) => readRow({ id, ...owned(userId, service) }),
    async list(userId, service, { page, pageSize }) {
      const mine = () => database('submissions').where(owned(userId, service))
      const counted = (await mine().count({ n: '*' }).first()) as { n: number | string }
      const newestFirst = ['created_at', 'id'].map((column) => ({ column, order: 'desc' }))
      const found = (await mine()
        .orderBy(newestFirst)
        .limit(pageSize)
        .offset((page - 1) * pageSize)) as SubmissionRow[]
      return { rows: await toSubmissions(found), total: Number(counted.n) }
    },
    retry: (id) => operate(id, 'accepted', 'operator: retry'),
    resolve: (id, outcome) => operate(id, outcome, `operator: ${outcome}`),
  }
}

/** A submission as a caller reads it: every field of the contract, masked, and where it stands with the hub. */
export function toView(service: CompiledService, submission: Submission): Record<string, unknown> {
  const { progress, ...standing } = submission
  const row: Record<string, unknown> = {}
  for (const name of service.fieldNames) row[name] = progress?.[name] ?? null
  for (const [name, value] of Object.entries(ownWords(submission))) if (row[name] === null) row[name] = value
  return { ...standing, ...service.mask(row) }
}

/** What the hub can say of a filing before the agency has: in the contract's words for it. */
function ownWords({ state, stateName, createdAt, updatedAt }: Submission): Record<string, unknown> {
  return { applicationTime: createdAt, createTime: createdAt, updateTime: updatedAt, applicationStatus: { code: state, name: stateName } }
}

function owned(userId: string, { connector, contract }: CompiledService) {
  return { user_id: userId, connector: connector.id, service: contract.id }
}

interface EventRow {
  submission_id: string
  to_state: SubmissionState
  at: number
}
