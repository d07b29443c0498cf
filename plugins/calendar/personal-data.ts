import { type PersonalData, sealedColumn } from '../store/personal-data.ts'

const kept = 'who told the citizens of a closing, and who took it back, is on record as the closing is'

export const personalData: PersonalData = {
  sealed: [sealedColumn('last_answers', 'answer_sealed')],
  users: [
    { table: 'last_answers', column: 'user_id' },
    { table: 'last_answers', column: 'about_user_id' },
    { table: 'agency_closings', column: 'created_by', kept },
    { table: 'agency_closings', column: 'ended_by', kept },
    { table: 'connector_switches', column: 'changed_by', kept: 'who turned a connector off or on' },
  ],
  /** Whatever he asked, and whatever others asked about him. */
  async erase({ transaction, userId }) {
    await transaction('last_answers').where({ user_id: userId }).orWhere({ about_user_id: userId }).delete()
  },
}
