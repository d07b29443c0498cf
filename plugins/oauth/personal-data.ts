import { type PersonalData, sealedColumn } from '../store/personal-data.ts'
import { endAuthorizations } from './end-all.ts'

const dead = 'dead with the commit; revocation.ts deletes it right after, with what hangs on it'

export const personalData: PersonalData = {
  sealed: [
    sealedColumn('oauth_clients', 'secret_sealed', { kept: 'an application’s own' }),
    sealedColumn('oauth_client_keys', 'secret_sealed', { kept: 'an application’s own' }),
    sealedColumn('oauth_keys', 'jwk_sealed', { key: 'kid', kept: 'the hub’s own' }),
    sealedColumn('cookie_keys', 'jwk_sealed', { key: 'kid', kept: 'the hub’s own' }),
    sealedColumn('oauth_grants', 'payload_sealed', { kept: dead }),
    sealedColumn('oidc_entities', 'payload_sealed', { key: 'id_hash' }),
  ],
  users: [
    { table: 'oauth_grants', column: 'user_id', kept: dead },
    { table: 'oauth_client_keys', column: 'created_by', kept: 'the act of whoever made it, as part of its history' },
    { table: 'oidc_entities', column: 'user_id' },
    { table: 'oidc_entities', column: 'actor_user_id' },
  ],
  erase: ({ transaction, userId, at }) => endAuthorizations(transaction, userId, at),
}
