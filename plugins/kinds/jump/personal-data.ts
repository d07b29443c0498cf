import { deleteRows, type PersonalData, sealedColumn } from '../../store/personal-data.ts'

/** Who went where is in the audit log; here it is only kept until the browser has gone. */
export const personalData: PersonalData = {
  sealed: [sealedColumn('jumps', 'request_sealed')],
  users: [
    { table: 'jumps', column: 'user_id' },
    { table: 'jump_consents', column: 'user_id' },
  ],
  erase: (erasure) => deleteRows(erasure, ['jumps', 'jump_consents']),
}
