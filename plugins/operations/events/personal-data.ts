import { deleteRows, type PersonalData } from '../../store/personal-data.ts'
import { consentAlong } from './consents.ts'

export const personalData: PersonalData = {
  sealed: [],
  users: [
    { table: 'event_sources', column: 'changed_by', kept: 'the act of an administrator, as part of its history' },
    { table: 'statistics_consents', column: 'user_id' },
  ],
  erase: (erasure) => deleteRows(erasure, ['statistics_consents']),
  along: consentAlong,
}
