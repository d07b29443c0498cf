import { type PersonalData, sealedColumn } from '../../store/personal-data.ts'

const kept = 'revoked; whoever was shown the paper can still see that, until it would have expired'

export const personalData: PersonalData = {
  sealed: [sealedColumn('issued_documents', 'summary_sealed', { kept })],
  users: [{ table: 'issued_documents', column: 'user_id', kept }],
  /** What is about him goes, whoever had it printed. An enterprise's stay: the agent who had them printed leaves, the enterprise doesn't. */
  async erase({ transaction, userId, at }) {
    await transaction('issued_documents')
      .where((own) => own.where({ user_id: userId, enterprise_id: null }).orWhere({ principal: `dependant:${userId}` }))
      .whereNull('revoked_at')
      .update({ revoked_at: at })
  },
}
