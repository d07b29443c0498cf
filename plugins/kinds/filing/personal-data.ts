import { deleteRows, type PersonalData } from '../../store/personal-data.ts'
import { type Party, partyContext, personHash } from './parties.ts'
import { sealContext } from './rows.ts'

const kept = 'a filing is an act with an authority: the law keeps what was filed, by whom and what became of it (办理记录依法留存)'

export const personalData: PersonalData = {
  sealed: [
    { table: 'submissions', column: 'request_sealed', key: 'id', context: sealContext.request, kept },
    { table: 'submissions', column: 'progress_sealed', key: 'id', context: sealContext.progress, kept },
    { table: 'submissions', column: 'reason_sealed', key: 'id', context: sealContext.reason, kept },
    { table: 'submissions', column: 'account_sealed', key: 'id', context: sealContext.account, kept },
    { table: 'submissions', column: 'carried_sealed', key: 'id', context: sealContext.carried, kept },
    { table: 'filing_parties', column: 'party_sealed', key: 'id', context: partyContext, kept },
    { table: 'submission_acts', column: 'request_sealed', key: 'id', context: sealContext.act, kept },
  ],
  indexed: [
    {
      ...{ table: 'filing_parties', key: 'id', sealed: 'party_sealed', columns: ['person_hash'], context: partyContext },
      hash: (key, party) => ({ person_hash: personHash(key, (JSON.parse(party) as Party).idNumber) }),
    },
  ],
  users: [
    { table: 'submissions', column: 'user_id', kept },
    { table: 'submission_acts', column: 'user_id', kept },
    { table: 'filing_parties', column: 'user_id', kept },
    { table: 'filing_codes', column: 'user_id' },
  ],
  /** A filing under way needs its applicant: it can neither be withdrawn nor finished without. */
  async needs(transaction, userIds) {
    const open = await transaction('submissions')
      .whereIn('user_id', [...userIds])
      .andWhere((query) => query.whereNotNull('due_at').orWhere({ state: 'attention' }))
      .first('id')
    return open !== undefined
  },
  erase: (erasure) => deleteRows(erasure, ['filing_codes']),
}
