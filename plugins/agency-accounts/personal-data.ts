import { deleteRows, type PersonalData, sealedColumn } from '../store/personal-data.ts'
import { endAccount } from './end-account.ts'

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
