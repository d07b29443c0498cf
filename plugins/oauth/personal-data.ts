import { type PersonalData, sealedColumn } from '../../core/base/personal-data.ts'

const dead = 'dead with the commit; revocation.ts deletes it right after, with what hangs on it'

export const personalData: PersonalData = {
  sealed: [
    sealedColumn('oauth_clients', 'secret_sealed', { kept: 'an application’s own' }),
    sealedColumn('oauth_keys', 'jwk_sealed', { key: 'kid', kept: 'the hub’s own' }),
    sealedColumn('oauth_grants', 'payload_sealed', { kept: dead }),
    sealedColumn('oidc_entities', 'payload_sealed', { key: 'id_hash', kept: 'goes with its grant, or within its own short life' }),
  ],
  users: [{ table: 'oauth_grants', column: 'user_id', kept: dead }],
  async erase({ transaction, userId, at }) {
    await transaction('oauth_grants').where({ user_id: userId }).whereNull('revoked_at').update({ revoked_at: at })
  },
}
