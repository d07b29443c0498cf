import { identityHash } from '../store/identity-hash.ts'
import { deleteRows, type PersonalData, sealedColumn } from '../store/personal-data.ts'
import { moveUser, type UserStatus } from './states.ts'

/** Nobody's issuer: whom the app sends again under his old id is somebody new. */
const NO_ISSUER = 'urn:xuchang-hub:deregistered'

const ERASED = {
  name_sealed: null,
  name_hash: null,
  id_type: null,
  id_number_sealed: null,
  id_number_hash: null,
  phone_sealed: null,
  phone_hash: null,
  nickname_sealed: null,
  avatar_sealed: null,
  auth_methods: '',
}

export const personalData: PersonalData = {
  sealed: [
    ...['name_sealed', 'id_number_sealed', 'phone_sealed', 'nickname_sealed', 'avatar_sealed'].map((column) =>
      sealedColumn('users', column),
    ),
    ...['name_sealed', 'id_number_sealed'].map((column) => sealedColumn('real_name_records', column)),
    sealedColumn('second_factors', 'secret_sealed', { key: 'user_id' }),
  ],
  indexed: [
    {
      ...{ table: 'users', key: 'id', sealed: 'name_sealed', columns: ['name_hash'], context: (id) => `users.name:${id}` },
      hash: (key, name) => ({ name_hash: key.fingerprint(name, 'users.name') }),
    },
    {
      ...{ table: 'users', key: 'id', sealed: 'id_number_sealed', columns: ['id_number_hash'], needs: ['id_type'] },
      context: (id) => `users.id_number:${id}`,
      hash: (key, number, { id_type: type }) => ({ id_number_hash: identityHash(key, type ?? '', number) }),
    },
    {
      ...{ table: 'users', key: 'id', sealed: 'phone_sealed', columns: ['phone_hash'], context: (id) => `users.phone:${id}` },
      hash: (key, phone) => ({ phone_hash: key.fingerprint(phone, 'users.phone') }),
    },
  ],
  users: [
    { table: 'users', column: 'id', kept: 'an empty shell, to which filings and records that the law keeps still refer' },
    { table: 'users', column: 'subject', kept: 'the shell’s own id, in place of the app’s' },
    { table: 'real_name_records', column: 'user_id' },
    { table: 'real_name_records', column: 'recorded_by', kept: 'the administrator who vouched for somebody else' },
    { table: 'login_failures', column: 'user_id' },
    { table: 'user_events', column: 'user_id', kept: 'the log of the account’s states, its end included: no personal data' },
    { table: 'user_events', column: 'actor', kept: 'the same log' },
    { table: 'second_factors', column: 'user_id' },
    { table: 'admin_sessions', column: 'user_id' },
    { table: 'enrolment_codes', column: 'user_id' },
    { table: 'administrators', column: 'user_id', kept: 'who administered; an account that is closed administers no more' },
    { table: 'security_settings', column: 'changed_by', kept: 'who changed the rules of logging in is on record as the change is' },
    { table: 'administrators', column: 'granted_by', kept: 'who appointed whom' },
  ],
  async erase(erasure) {
    const { transaction, userId, by, wish, at } = erasure
    await deleteRows(erasure, ['real_name_records', 'login_failures', 'admin_sessions', 'enrolment_codes', 'second_factors'])
    const open: readonly UserStatus[] = wish ? ['active', 'locked', 'disabled'] : ['active', 'locked']
    const { actor, reason, traceId = null } = wish ?? { actor: by, reason: '注销账户' }
    const values = { ...ERASED, issuer: NO_ISSUER, subject: userId, level: 'login', locked_until: null }
    const move = { action: 'deregister', to: 'deregistered', at, actor, reason, traceId, values } as const
    await moveUser(transaction, userId, userId === by ? open : ['merged'], move)
  },
}
