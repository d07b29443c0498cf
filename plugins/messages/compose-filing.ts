import type { Row } from '../../core/answer/reading.ts'
import type { CompiledService } from '../../core/call/service.ts'
import { type SubmissionRow, sealContext } from '../kinds/filing/rows.ts'
import { statesOf } from '../kinds/filing/states.ts'
import { waitingOf } from '../kinds/filing/waiting.ts'
import { recipientsOf } from './recipients.ts'
import type { ComposeContext, OpenNotice, Told } from './told.ts'

/** Where the law gives the applicant something to do, or a reason to be told. */
const DECISIONS: ReadonlySet<string> = new Set(['rejected', 'refused'])

/** A filing's state, with what the agency's remarks say of it as the hub knows them by now. */
export async function composeFiling(
  { database, vault, services, calendar }: ComposeContext,
  { userId, principal, about, detail }: OpenNotice<'filing'>,
): Promise<Told[]> {
  const row: SubmissionRow | undefined = await database('submissions').where({ id: about }).first()
  const service = row && services.get(`${row.connector}.${row.service}`)
  if (!row || !service) return []
  const { connector, contract } = service
  const progress = row.progress_sealed === null ? null : (JSON.parse(vault.open(row.progress_sealed, sealContext.progress(about))) as Row)
  // Of a state that has passed, what is known now says nothing.
  const isNow = row.state === detail.state
  const { remarks, deadline } = isNow && progress ? remarksOf(service, progress) : NOTHING
  const waiting = isNow ? (waitingOf(calendar, service, row.state)?.detail ?? '') : ''
  const state = statesOf(contract.submission).titleOf(detail.state)
  const isDue = contract.submission?.joint?.payable === detail.state
  const demanding = DECISIONS.has(detail.state) || deadline !== '' || state.includes('补正') || isDue
  const topic = demanding ? 'decision' : 'filing'
  const facts = { service: contract.name, agency: connector.agency, state, remarks: remarks + waiting, deadline, about }
  const recipients = await recipientsOf(database, { userId, principal }, service.key)
  return [{ topic, template: topic, facts, recipients, connector: connector.id, service: contract.id }]
}

const NOTHING = { remarks: '', deadline: '' }

/** What the agency says beside the state: masked as its owner reads it. A day among it is the one by which something is due. */
function remarksOf(service: CompiledService, progress: Row): { remarks: string; deadline: string } {
  const shown = structuredClone(progress)
  service.mask(shown)
  const said = (service.contract.submission?.remarks ?? []).flatMap((name) => {
    const notes = service.contract.fields[name]?.notes
    const text = wordsOf(shown[name])
    return notes && text !== '' ? [{ ...notes, text }] : []
  })
  const due = said.find(({ type }) => type === 'date' || type === 'datetime')
  return {
    remarks: said.map(({ title, text }) => `${title}：${text}。`).join(''),
    deadline: due ? `，${due.title} ${due.text.slice(0, 10)}` : '',
  }
}

function wordsOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'name' in value) return String(value.name ?? '')
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
