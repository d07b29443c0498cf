import type { PersonalData } from '../../store/personal-data.ts'

export const personalData: PersonalData = {
  sealed: [],
  users: [{ table: 'candidate_modes', column: 'changed_by', kept: 'who had a connector answered by its candidate version' }],
}
