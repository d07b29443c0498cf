import type { Knex } from 'knex'
import type { Row } from '../../../core/answer/reading.ts'
import type { Database } from '../../../core/base/database.ts'
import { beijing } from '../../../core/base/time.ts'
import { transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Fields } from '../../../core/contract/fields.ts'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import type { ActKind, SubmissionPolicy } from '../../../core/contract/types.ts'
import { type Acting, seenBy } from '../../access/principal.ts'
import { type ActState, actKinds, actStates } from './act-states.ts'
import { type PartView, viewParts } from './joint.ts'
import { readRow } from './kept.ts'
import { hasSteps, type LifePolicy, type NextStep, nextStepOf, refusalOf } from './life.ts'
import { type PartEvent, readPartEvents, statesIn } from './part-rows.ts'
import { openParty, type PartyRow, type PartyState, partyStates } from './parties.ts'
import { type MachineOf, type SubmissionRow, sealContext } from './rows.ts'
import { statesOf } from './states.ts'

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
  /** Of a joint case. */
  parts?: Omit<PartView, 'payment'>[]
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

/** Which service's a row is. */
type Place = Pick<SubmissionRow, 'connector' | 'service'>

export type PolicyOf = (row: Place) => SubmissionPolicy<Fields> | undefined

/** Filings as whoever may sees them. */
export interface SubmissionReader {
  /** Whosesoever it is. */
  one(where: Partial<SubmissionRow>): Promise<Submission | null>
  /** One submission, where this reader sees it, or null. */
  read(reader: Acting, service: CompiledService, id: string): Promise<Submission | null>
  /** What this reader sees, newest first. `page` starts at 1. */
  list(reader: Acting, service: CompiledService, paging: { page: number; pageSize: number }): Promise<{ rows: Submission[]; total: number }>
  /** What state the filing of a receipt is in, and since when: nothing of whose it is. Null for none. */
  byReceipt(receipt: string): Promise<Standing | null>
}

export function createSubmissionReader(database: Database, vault: Vault, policyOf: PolicyOf): SubmissionReader {
  const machineOf: MachineOf = (row) => statesOf(policyOf(row))
  const partiesOf = (row: Place) => policyOf(row)?.parties
  const hasActs = (row: Place) => actKinds.some((kind) => policyOf(row)?.[kind] !== undefined)

  /** `store`: the transaction that read the rows, so that a row and what hangs on it are of one moment. */
  async function toSubmissions(found: SubmissionRow[], store: Knex): Promise<Submission[]> {
    const ids = found.map(({ id }) => id)
    const events = (await store('submission_events').whereIn('submission_id', ids).orderBy('id')) as EventRow[]
    const acting = found.filter(hasActs).map(({ id }) => id)
    const acts: ActView[] = acting.length === 0 ? [] : await store('submission_acts').whereIn('submission_id', acting).orderBy('created_at')
    const joint = found.filter((row) => partiesOf(row) !== undefined).map(({ id }) => id)
    const parties: PartyRow[] =
      joint.length === 0 ? [] : await store('filing_parties').whereIn('submission_id', joint).where('place', '>', 0).orderBy('place')
    const inParts = found.filter((row) => policyOf(row)?.joint).map(({ id }) => id)
    const partEvents = inParts.length === 0 ? [] : await readPartEvents(store, inParts)
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
      ...viewCase(
        row,
        partEvents.filter((event) => event.submission_id === row.id),
        progress,
      ),
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
    const steps = hasSteps(policy) ? { nextStep: nextStepOf(policy, row.state, progress) } : {}
    return { refusalReason: refusalOf(policy, row.state, progress, said), ...steps }
  }

  function viewCase(row: SubmissionRow, events: readonly PartEvent[], progress: Row | null): Pick<Submission, 'parts'> {
    const joint = policyOf(row)?.joint
    const since = (part: string) => events.findLast((event) => event.part === part)?.at
    const sinceOf = (part: string) => (since(part) === undefined ? null : beijing(Number(since(part))))
    return joint ? { parts: viewParts(joint, statesIn(events), sinceOf, progress) } : {}
  }

  function viewParty(row: SubmissionRow, party: PartyRow) {
    const { name, role } = openParty(vault, party)
    return { name, role: partiesOf(row)?.roles.values[role] ?? role, state: party.state, stateName: partyStates[party.state] }
  }

  function one(where: Partial<SubmissionRow>): Promise<Submission | null> {
    return transact(database, async (transaction) => {
      const row = (await transaction('submissions').where(where).first()) as SubmissionRow | undefined
      const [submission] = row ? await toSubmissions([row], transaction) : []
      return submission ?? null
    })
  }

  return {
    one,
    read: (reader, service, id) => one({ id, ...seenBy(reader), ...placeOf(service) }),
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
      const found = await one({ receipt })
      if (!found) return null
      const { id, state, stateName, final, createdAt, history, nextStep } = found
      return { id, state, stateName, final, filedAt: createdAt, since: history.at(-1)?.at ?? createdAt, until: nextStep?.until ?? null }
    },
  }
}

/** The agency's latest row. */
export function progressOf(vault: Vault, { id, progress_sealed }: Pick<SubmissionRow, 'id' | 'progress_sealed'>): Row | null {
  return progress_sealed === null ? null : readRow(vault.open(progress_sealed, sealContext.progress(id)))
}

export function placeOf({ connector, contract }: CompiledService): Place {
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
