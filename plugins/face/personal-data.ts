import { deleteRows, type PersonalData } from '../store/personal-data.ts'

export const personalData: PersonalData = {
  sealed: [],
  users: [{ table: 'face_verifications', column: 'user_id' }],
  erase: (erasure) => deleteRows(erasure, ['face_verifications']),
}
