import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { VerifiedPerson } from '../../../core/contract/asker.ts'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import { wordsFor } from '../../../core/contract/inputs.ts'
import { masks } from '../../../core/contract/masks.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import { prepareFaceSpending } from '../../face/spend.ts'
import { readIndexes } from '../../store/indexes.ts'
import { openParty, type PartyRow, type PartyState, partyList, personHash } from './parties.ts'
import type { PartiesPolicy } from './policy.ts'
import { type SubmissionRow, sealContext, tell } from './rows.ts'
import { statesOf } from './states.ts'
import type { Transitions } from './transitions.ts'

/** A filing of somebody else's that wants this person's consent, as he reads it. Times are epoch milliseconds. */
export interface Consent {
  id: string
  service: CompiledService
  agency: string
  applicant: string
  role: string
  state: PartyState
  /** Where the filing itself stands. */
  filing: string
  /** What was applied for, in words. */
  terms: { title: string; value: string }[]
  expiresAt: number
}

export interface Answering {
  userId: string
  person: VerifiedPerson
  id: string
  agrees: boolean
  faceVerification: string | null
}

export interface Consents {
  /** Newest first. */
  list(person: VerifiedPerson): Promise<Consent[]>
  /** Throws HUB_NO_RECORD for one that is not this person's. */
  read(person: VerifiedPerson, id: string): Promise<Consent>
  /** Once: the last consent sends the filing on, one refusal ends it. Throws HUB_NO_RECORD, HUB_FILING_STATE, HUB_FACE_REQUIRED, HUB_FACE_USED. */
  answer(answering: Answering): Promise<Consent>
}

interface ConsentParts {
  database: Database
  vault: Vault
  services: ReadonlyMap<string, CompiledService>
  /** Told of a filing that became due, after the commit. */
  wake(id: string, dueAt: number): void
  transitions: Transitions
}

type Joined = PartyRow &
  Pick<SubmissionRow, 'connector' | 'service' | 'request_sealed' | 'carried_sealed'> & { filing_state: SubmissionState }

const LISTED = 100

export function createConsents({ database, vault, services, wake, transitions }: ConsentParts): Consents {
  /** Those that name this person, by number and by name. */
  async function ofPerson(person: VerifiedPerson, where: object = {}): Promise<Joined[]> {
    const hashes = (await readIndexes(database, vault)).each((key) => personHash(key, person.idNumber))
    const found = (await database('filing_parties')
      .join('submissions', 'submissions.id', 'filing_parties.submission_id')
      .where(where)
      .whereIn('person_hash', hashes)
      .where('place', '>', 0)
      .orderBy('filing_parties.expires_at', 'desc')
      .limit(LISTED)
      .select('filing_parties.*', 'submissions.connector', 'submissions.service', 'submissions.request_sealed')
      .select('submissions.carried_sealed', { filing_state: 'submissions.state' })) as Joined[]
    return found.filter((row) => openParty(vault, row).name === person.name && policyOf(row) !== undefined)
  }

  async function one(person: VerifiedPerson, id: string): Promise<Joined> {
    const [row] = await ofPerson(person, { 'filing_parties.id': id })
    if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到需要您确认的这项申请。' })
    return row
  }

  const serviceOf = ({ connector, service }: Pick<Joined, 'connector' | 'service'>) => services.get(`${connector}.${service}`)
  const policyOf = (row: Joined): PartiesPolicy | undefined => serviceOf(row)?.contract.submission?.parties

  async function present(row: Joined): Promise<Consent> {
    const service = serviceOf(row)
    const policy = policyOf(row)
    if (!service || !policy) throw new HubError('HUB_SERVICE_UNKNOWN')
    const { connector, contract } = service
    const applicant = (await database('filing_parties').where({ submission_id: row.submission_id, place: 0 }).first()) as PartyRow
    const input = JSON.parse(vault.open(row.request_sealed, sealContext.request(row.submission_id))) as Record<string, unknown>
    const { role, share } = openParty(vault, row)
    const own = share === undefined ? [] : [{ title: '您的份额', value: `${share}%` }]
    const terms = Object.entries(contract.inputs).flatMap(([name, { notes }]) =>
      input[name] === undefined || notes.type === 'file' ? [] : [{ title: notes.title, value: wordsFor(notes, input[name]) }],
    )
    return {
      id: row.id,
      service,
      agency: agencyOf(connector, contract),
      applicant: masks.name(openParty(vault, applicant).name),
      role: policy.roles.values[role] ?? role,
      state: row.state,
      filing: statesOf(contract.submission).titleOf(row.filing_state),
      terms: [...own, ...terms],
      expiresAt: Number(row.expires_at),
    }
  }

  /** → whether the filing is on its way now. */
  function take(row: Joined, { userId, agrees, faceVerification }: Answering): Promise<boolean> {
    const service = serviceOf(row)
    const policy = policyOf(row)
    if (!service || !policy) throw new HubError('HUB_SERVICE_UNKNOWN')
    const at = Date.now()
    const filing = { id: row.submission_id, state: 'awaiting' }
    const spend = agrees ? prepareFaceSpending(vault, policy.face, { userId, faceVerification }) : null
    return transact(database, async (transaction) => {
      // A write first: it takes the filing, so that of two who answer at once each sees the other.
      if ((await transaction('submissions').where(filing).update({ updated_at: at })) === 0) throw over()
      const state: PartyState = agrees ? 'agreed' : 'refused'
      const answered = await transaction('filing_parties')
        .where({ id: row.id, state: 'pending' })
        .where('expires_at', '>', at)
        .update({ state, user_id: userId, answered_at: at })
      if (answered === 0) throw over()
      await spend?.(transaction, { submission_id: row.submission_id }, at)
      const rows = (await transaction('filing_parties').where({ submission_id: row.submission_id }).orderBy('place')) as PartyRow[]
      if (agrees && rows.some((party) => party.state === 'pending')) return false
      const carried = agrees ? { ...carriedOf(row), [policy.code]: partyList(policy, rows.map(agreement)) } : null
      await move(transaction, service, filing.id, agrees ? 'filed' : 'declined', at, carried)
      return agrees
    })
  }

  function carriedOf({ submission_id, carried_sealed }: Joined): Record<string, unknown> {
    return carried_sealed === null ? {} : JSON.parse(vault.open(carried_sealed, sealContext.carried(submission_id)))
  }

  const agreement = (row: PartyRow) => ({ ...openParty(vault, row), agreedAt: Number(row.answered_at) })

  async function move(
    transaction: Knex.Transaction,
    { contract }: CompiledService,
    id: string,
    to: 'filed' | 'declined',
    at: number,
    carried: Record<string, unknown> | null,
  ): Promise<void> {
    statesOf(contract.submission).assertMove('awaiting', to)
    await transaction('submissions')
      .where({ id })
      .update({
        state: to,
        due_at: to === 'filed' ? at : null,
        updated_at: at,
        ...(carried ? { carried_sealed: vault.seal(JSON.stringify(carried), sealContext.carried(id)) } : {}),
      })
    const filing = (await transaction('submissions').where({ id }).first()) as SubmissionRow
    await transitions.record(transaction, { filing, from: 'awaiting', to, at, note: null })
    await tell(transaction, filing, at)
  }

  return {
    list: async (person) => Promise.all((await ofPerson(person)).map(present)),
    read: async (person, id) => present(await one(person, id)),
    async answer(answering) {
      const row = await one(answering.person, answering.id)
      if (await take(row, answering)) wake(row.submission_id, Date.now())
      return present(await one(answering.person, answering.id))
    },
  }
}

function over(): HubError {
  return new HubError('HUB_FILING_STATE', { detail: '这项申请已经有了结果或者已过期限，不能再确认。' })
}
