import { type PersonalData, sealedColumn } from '../store/personal-data.ts'

const kept = 'who asked for what about whom, and who decided it: ids only'
const USERS = ['subject_user_id', 'other_user_id', 'requested_by'] as const

export const personalData: PersonalData = {
  sealed: [sealedColumn('admin_requests', 'payload_sealed')],
  users: [...USERS, 'decided_by'].map((column) => ({ table: 'admin_requests', column, kept })),
  /** What nobody can confirm any more is not open any more. */
  async erase({ transaction, userId, at }) {
    const his = () => transaction('admin_requests').where((query) => USERS.forEach((column) => void query.orWhere({ [column]: userId })))
    const ended = { state: 'withdrawn', decided_at: at, decision_reason: '注销账户' }
    await his().where({ state: 'requested' }).update(ended)
    await his().update({ payload_sealed: null, open_key: null })
  },
}
