import type { PersonalData } from '../../store/personal-data.ts'
import { actContext } from './rows.ts'

const kept = 'an act at an authority: the law keeps by whom it was done and what was answered (办理记录依法留存)'

export const personalData: PersonalData = {
  sealed: [
    { table: 'acts', column: 'account_sealed', key: 'id', context: actContext.account, kept },
    { table: 'acts', column: 'answer_sealed', key: 'id', context: actContext.answer, kept },
  ],
  users: [{ table: 'acts', column: 'user_id', kept }],
}
