import type { PersonalData } from '../../store/personal-data.ts'

export const personalData: PersonalData = {
  sealed: [],
  users: [{ table: 'event_sources', column: 'changed_by', kept: 'the act of an administrator, as part of its history' }],
}
