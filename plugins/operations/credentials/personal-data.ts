import type { PersonalData } from '../../store/personal-data.ts'

/** Who had an agency's credentials replaced; what was replaced is not here. */
export const personalData: PersonalData = {
  sealed: [],
  users: [{ table: 'credential_rotations', column: 'asked_by', kept: 'which administrator did it, like the audit log' }],
}
