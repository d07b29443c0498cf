import { personalData as agencyAccounts } from '../agency-accounts/personal-data.ts'
import { personalData as audit } from '../audit/personal-data.ts'
import { personalData as calendar } from '../calendar/personal-data.ts'
import { personalData as catalogue } from '../catalogue/personal-data.ts'
import { personalData as confirmations } from '../confirmations/personal-data.ts'
import { personalData as face } from '../face/personal-data.ts'
import { personalData as files } from '../files/personal-data.ts'
import { personalData as hall } from '../hall/personal-data.ts'
import { kinds } from '../kinds/index.ts'
import { personalData as mandates } from '../mandates/personal-data.ts'
import { personalData as messages } from '../messages/personal-data.ts'
import { personalData as oauth } from '../oauth/personal-data.ts'
import { personalData as partners } from '../partners/personal-data.ts'
import { personalData as signOn } from '../sign-on/personal-data.ts'
import type { Along, IndexedRows, PersonalData, SealedColumn } from '../store/personal-data.ts'
import { personalData as upstream } from '../store/secrets-data.ts'
import { personalData as users } from '../users/personal-data.ts'
import { personalData as alerts } from './alerts/personal-data.ts'
import { personalData as candidates } from './candidates/personal-data.ts'
import { personalData as credentials } from './credentials/personal-data.ts'
import { personalData as events } from './events/personal-data.ts'
import { personalData as ledger } from './ledger/personal-data.ts'

/** Who left and may never come back as himself, and what he spent on it. */
const deregistrations: PersonalData = {
  sealed: [],
  users: [{ table: 'deregistrations', column: 'user_id', kept: 'the act itself, and the face verification that it used up' }],
}

/** Of all capabilities, in the order in which a user's things end: what refers to something goes before it, the user last. */
export const personalData: readonly PersonalData[] = [
  calendar,
  catalogue,
  confirmations,
  agencyAccounts,
  mandates,
  oauth,
  files,
  ...kinds.flatMap(({ personalData }) => personalData ?? []),
  ledger,
  messages,
  partners,
  hall,
  signOn,
  face,
  users,
  deregistrations,
  alerts,
  events,
  candidates,
  credentials,
  audit,
  upstream,
]

export const sealedColumns: readonly SealedColumn[] = personalData.flatMap(({ sealed }) => sealed)

export const movedAlong: readonly Along[] = personalData.flatMap(({ along }) => along ?? [])

export const indexedRows: readonly IndexedRows[] = personalData.flatMap(({ indexed = [] }) => indexed)
