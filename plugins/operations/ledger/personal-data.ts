import { type PersonalData, sealedColumn } from '../../store/personal-data.ts'

export const personalData: PersonalData = {
  sealed: [sealedColumn('ledger_questions', 'text_sealed')],
  users: [
    {
      table: 'ledger_questions',
      column: 'user_id',
      kept: 'the case, without what was asked: how it was answered is an administrator’s act',
    },
    { table: 'ledger_question_events', column: 'acted_by', kept: 'the act of an administrator, as part of its history' },
  ],
  async erase({ transaction, userId, at }) {
    const own = () => transaction('ledger_questions').where({ user_id: userId })
    await own().whereIn('state', ['open', 'passed-on']).update({ state: 'closed', updated_at: at })
    await own().update({ text_sealed: null, open_key: null })
  },
}
