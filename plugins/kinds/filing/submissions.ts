import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { readRow } from '../../../core/answer/kept.ts'
import type { Row } from '../../../core/answer/reading.ts'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { isDuplicate, transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Fields } from '../../../core/contract/fields.ts'
import { masks } from '../../../core/contract/masks.ts'
import { type SubmissionState, statesOf } from '../../../core/contract/states.ts'
import type { ActKind, SubmissionPolicy, SubmissionWord } from '../../../core/contract/types.ts'
import { type Acting, seenBy } from '../../access/principal.ts'
import { prepareFaceSpending } from '../../face/spend.ts'
import { canonical, readKey } from '../idempotency.ts'
import { type ActState, actStates } from './act-states.ts'
import { type LifePolicy, type NextStep, nextStepOf, refusalOf } from './life.ts'
import { openParty, type PartyRow, type PartyState, partyStates } from './parties.ts'
import type { PartiesPolicy } from './policy.ts'
import type { Prepared } from './prepare.ts'
import { newReceipt } from './receipt-code.ts'
import { createSubmissionRows, type MachineOf, type SubmissionRow, sealContext, tell } from './rows.ts'
import { createTransitions, type Transitions } from './transitions.ts'

/** What tells one submission from another. */
export interface KeyedRequest {
  service: CompiledService
  /** Who files, and for whom: both are part of the key. */
  by: Acting
  /** 8 to 128 visible ASCII characters. */
  idempotencyKey: string
  /** The validated inputs. */
  input: Readonly<Record<string, unknown>>
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
  /** By which its state is asked without logging in. */
  receipt: string | null
  /** Why the agency refused it, in its words. */
  refusalReason: string | null
  /** For services that declare 补正 or 特别程序. */
  nextStep?: NextStep | null
  /** The latest act on it, for services that declare acts. */
  act?: { kind: ActKind; state: ActState; stateName: string; at: string } | null
  /** Whose consent it waits for or has, UNMASKED. */
  parties?: { name: string; role: string; state: PartyState; stateName: string }[]
  history: { state: SubmissionState; stateName: string; at: string }[]
}

/** What a receipt tells. */
export interface Standing extends Pick<Submission, 'id' | 'state' | 'stateName' | 'final'> {
  filedAt: string
  since: string
  until: string | null
}

export interface Submissions {
  /**
   * Makes a submission durable, or finds the earlier one of the same key (`replayed`). Throws
   * HUB_IDEMPOTENCY_KEY_MISSING, HUB_IDEMPOTENCY_CONFLICT, HUB_FACE_REQUIRED, HUB_FACE_USED.
   */
  accept(request: AcceptRequest): Promise<{ submission: Submission; replayed: boolean }>
  /** The earlier submission of the same key and content, if any: ask before demanding a fresh face verification. Throws as `accept`. */
  findByKey(request: KeyedRequest): Promise<Submission | null>
  /** One submission, where this reader sees it, or null. */
  read(reader: Acting, service: CompiledService, id: string): Promise<Submission | null>
  /** What this reader sees, newest first. `page` starts at 1. */
  list(reader: Acting, service: CompiledService, paging: { page: number; pageSize: number }): Promise<{ rows: Submission[]; total: number }>
  /** What state the filing of a receipt is in, and since when: nothing of whose it is. Null for none. */
  byReceipt(receipt: string): Promise<Standing | null>
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
  /** The states of a row's service; without it, the hub's own, which are all that operators' acts need. */
  machineOf?: MachineOf
  policyOf?(row: Pick<SubmissionRow, 'connector' | 'service'>): SubmissionPolicy<Fields> | undefined
  /** Whether a row's service declares acts on its filings. */
  hasActs?(row: Pick<SubmissionRow, 'connector' | 'service'>): boolean
  /** Gives the files that a request names to its filing, in the transaction that accepts it; throws HUB_VALIDATION. */
  attach?(transaction: Knex.Transaction, request: AcceptRequest, id: string): Promise<void>
  transitions?: Transitions
  /** Of a row's service, where it wants the consent of others. */
  partiesOf?(row: Pick<SubmissionRow, 'connector' | 'service'>): PartiesPolicy | undefined
  now?: () => number
}

export function createSubmissions({
  database,
  vault,
  wake,
  policyOf = () => undefined,
  machineOf = () => statesOf(undefined),
  hasActs = () => false,
  attach = async () => undefined,
  transitions = createTransitions(),
  partiesOf = () => undefined,
  now = Date.now,
}: SubmissionsOptions): Submissions {
  const rows = createSubmissionRows(database, now, machineOf, transitions)

  async function findByKey(request: KeyedRequest): Promise<Submission | null> {
    const where = { ...filedBy(request), idempotency_key: readKey(request.idempotencyKey) }
    const row = (await database('submissions').where(where).first()) as SubmissionRow | undefined
    if (!row) return null
    if (row.request_hash !== hashOf(request)) throw new HubError('HUB_IDEMPOTENCY_CONFLICT')
    return readRow({ id: row.id })
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

  /** `store`: the transaction that read the rows, so that a row and what hangs on it are of one moment. */
  async function toSubmissions(found: SubmissionRow[], store: Knex): Promise<Submission[]> {
    const ids = found.map(({ id }) => id)
    const events = (await store('submission_events').whereIn('submission_id', ids).orderBy('id')) as EventRow[]
    const acting = found.filter(hasActs).map(({ id }) => id)
    const acts: ActView[] = acting.length === 0 ? [] : await store('submission_acts').whereIn('submission_id', acting).orderBy('created_at')
    const joint = found.filter((row) => partiesOf(row) !== undefined).map(({ id }) => id)
    const parties: PartyRow[] =
      joint.length === 0 ? [] : await store('filing_parties').whereIn('submission_id', joint).where('place', '>', 0).orderBy('place')
    const toSubmission = (row: SubmissionRow, progress: Row | null): Submission => ({
      id: row.id,
      state: row.state,
      stateName: machineOf(row).titleOf(row.state),
      // The worker leaves no due time only on what has ended or waits for a person.
      final: row.due_at === null && row.state !== 'attention',
      attempts: row.attempts,
      lastError: row.last_error,
      createdAt: beijing(row.created_at),
      updatedAt: beijing(row.updated_at),
      receipt: row.receipt,
      ...lifeOf(row, progress),
      progress,
      ...(hasActs(row) ? { act: viewAct(acts.findLast((act) => act.submission_id === row.id)) } : {}),
      ...(partiesOf(row)
        ? { parties: parties.filter((party) => party.submission_id === row.id).map((party) => viewParty(row, party)) }
        : {}),
      history: events
        .filter((event) => event.submission_id === row.id)
        .map(({ to_state, at }) => ({ state: to_state, stateName: machineOf(row).titleOf(to_state), at: beijing(at) })),
    })
    return found.map((row) => toSubmission(row, progressOf(vault, row)))
  }

  function lifeOf(row: SubmissionRow, progress: Row | null): Pick<Submission, 'refusalReason' | 'nextStep'> {
    const policy: LifePolicy = policyOf(row) ?? {}
    const said = row.reason_sealed === null ? null : vault.open(row.reason_sealed, sealContext.reason(row.id))
    const steps = policy.supplement || policy.suspension ? { nextStep: nextStepOf(policy, row.state, progress) } : {}
    return { refusalReason: refusalOf(policy, row.state, progress, said), ...steps }
  }

  function viewParty(row: SubmissionRow, party: PartyRow) {
    const { name, role } = openParty(vault, party)
    return { name, role: partiesOf(row)?.roles.values[role] ?? role, state: party.state, stateName: partyStates[party.state] }
  }

  function readRow(where: Partial<SubmissionRow>): Promise<Submission | null> {
    return transact(database, async (transaction) => {
      const row = (await transaction('submissions').where(where).first()) as SubmissionRow | undefined
      const [submission] = row ? await toSubmissions([row], transaction) : []
      return submission ?? null
    })
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
      return { submission: (await readRow({ id })) as Submission, replayed: false }
    },
    findByKey,
    read: (reader, service, id) => readRow({ id, ...seenBy(reader), ...placeOf(service) }),
    list(reader, service, { page, pageSize }) {
      return transact(database, async (transaction) => {
        const seen = () => transaction('submissions').where({ ...seenBy(reader), ...placeOf(service) })
        const counted = (await seen().count({ n: '*' }).first()) as { n: number | string }
        const newestFirst = ['created_at', 'id'].map((column) => ({ column, order: 'desc' }))
        const found = (await seen()
          .orderBy(newestFirst)
          .limit(pageSize)
          .offset((page - 1) * pageSize)) as SubmissionRow[]
        return { rows: await toSubmissions(found, transaction), total: Number(counted.n) }
      })
    },
    async byReceipt(receipt) {
      const found = await readRow({ receipt })
      if (!found) return null
      const { id, state, stateName, final, createdAt, history, nextStep } = found
      return { id, state, stateName, final, filedAt: createdAt, since: history.at(-1)?.at ?? createdAt, until: nextStep?.until ?? null }
    },
    retry: (id) => operate(id, 'filed', 'operator: retry'),
    resolve: (id, outcome) => operate(id, outcome, `operator: ${outcome}`),
  }
}

/** The agency's latest row. */
export function progressOf(vault: Vault, { id, progress_sealed }: Pick<SubmissionRow, 'id' | 'progress_sealed'>): Row | null {
  return progress_sealed === null ? null : readRow(vault.open(progress_sealed, sealContext.progress(id)))
}

/** A submission as a caller reads it: every field of the contract, masked, and where it stands with the hub. */
export function toView(service: CompiledService, submission: Submission): Record<string, unknown> {
  const { progress, ...standing } = submission
  for (const party of standing.parties ?? []) party.name = masks.name(party.name)
  const row: Record<string, unknown> = {}
  for (const name of service.fieldNames) row[name] = progress?.[name] ?? null
  const words = ownWords(submission)
  for (const [name, word] of Object.entries(service.contract.submission?.words ?? {}))
    if (word !== undefined && row[name] === null) row[name] = words[word]
  return { ...standing, ...service.mask(row) }
}

/** What the hub can say of a filing before the agency has. */
function ownWords({ state, stateName, createdAt, updatedAt }: Submission): Record<SubmissionWord, unknown> {
  return { filedAt: createdAt, updatedAt, status: { code: state, name: stateName } }
}

function filedBy({ by, service }: Pick<KeyedRequest, 'by' | 'service'>) {
  return { user_id: by.userId, principal: by.principal, ...placeOf(service) }
}

function placeOf({ connector, contract }: CompiledService) {
  return { connector: connector.id, service: contract.id }
}

interface ActView {
  submission_id: string
  kind: ActKind
  state: ActState
  updated_at: number
}

function viewAct(act: ActView | undefined): NonNullable<Submission['act']> | null {
  return act ? { kind: act.kind, state: act.state, stateName: actStates[act.state].title, at: beijing(act.updated_at) } : null
}

interface EventRow {
  submission_id: string
  to_state: SubmissionState
  at: number
}
