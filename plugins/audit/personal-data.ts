import type { PersonalData } from '../store/personal-data.ts'

export const personalData: PersonalData = {
  sealed: [],
  users: [{ table: 'audit_rows', column: 'user', kept: 'evidence; it names people by a pseudonym that leads nowhere without the user' }],
}
