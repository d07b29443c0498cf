import { deleteRows, type PersonalData, sealedColumn } from '../store/personal-data.ts'
import { endAccount } from './end-account.ts'
import { externalHash, sharedClaim, unionHash } from './store.ts'

const moved = 'how accounts moved between users, for whoever has to explain it; ids only'

export const personalData: PersonalData = {
  sealed: [
    sealedColumn('agency_accounts', 'external_sealed'),
    sealedColumn('agency_accounts', 'union_sealed'),
    sealedColumn('agency_accounts', 'shown_sealed'),
    sealedColumn('agency_tokens', 'data_key_sealed', { key: 'account_id' }),
    sealedColumn('agency_authorisations', 'verifier_sealed'),
    sealedColumn('agency_authorisations', 'grant_sealed'),
    sealedColumn('agency_revocations', 'token_sealed', { kept: 'until the agency has heard that the token is given up, a week at most' }),
  ],
  indexed: [
    {
      ...{ table: 'agency_accounts', key: 'id', sealed: 'external_sealed', columns: ['external_hash', 'external_claim'] },
      needs: ['connector', 'user_id'],
      context: (id) => `agency_accounts.external:${id}`,
      hash(key, externalId, { connector, user_id: userId, external_hash: former, external_claim: claim }, vault) {
        const external_hash = externalHash(key, connector ?? '', externalId)
        const own = claim === former ? external_hash : sharedClaim(vault, external_hash, userId ?? '')
        return { external_hash, external_claim: claim === null ? null : own }
      },
    },
    {
      ...{ table: 'agency_accounts', key: 'id', sealed: 'union_sealed', columns: ['union_hash'] },
      context: (id) => `agency_accounts.union:${id}`,
      hash: (key, unionId) => ({ union_hash: unionHash(key, unionId) }),
    },
  ],
  users: [
    {
      table: 'agency_accounts',
      column: 'user_id',
      kept: 'an operator can answer whether something was ever bound; what was bound is gone',
    },
    { table: 'agency_accounts', column: 'user_claim' },
    { table: 'agency_authorisations', column: 'user_id' },
    ...['from_user', 'to_user', 'actor'].map((column) => ({ table: 'account_moves', column, kept: moved })),
    ...['user_before', 'user_after'].map((column) => ({ table: 'account_move_items', column, kept: moved })),
  ],
  async erase(erasure) {
    const { transaction, vault, userId, at } = erasure
    const accounts: string[] = await transaction('agency_accounts').where({ user_id: userId }).andWhereNot({ state: 'revoked' }).pluck('id')
    for (const id of accounts) await endAccount(transaction, vault, id, 'deregistered', at)
    await deleteRows(erasure, ['agency_authorisations'])
  },
}
