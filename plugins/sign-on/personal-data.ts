import { deleteRows, type PersonalData, sealedColumn } from '../store/personal-data.ts'

export const personalData: PersonalData = {
  sealed: [
    sealedColumn('log_ins', 'address_sealed'),
    sealedColumn('sign_on_flows', 'verifier_sealed', { key: 'state_hash', kept: 'a secret of minutes, of somebody who is no user yet' }),
  ],
  users: [
    { table: 'sessions', column: 'user_id' },
    { table: 'sign_on_accounts', column: 'user_id' },
    { table: 'page_visits', column: 'user_id' },
    { table: 'log_ins', column: 'user_id' },
    { table: 'devices', column: 'user_id' },
  ],
  erase: (erasure) => deleteRows(erasure, ['sessions', 'sign_on_accounts', 'page_visits', 'log_ins', 'devices']),
}
