import { type PersonalData, sealedColumn } from '../../core/base/personal-data.ts'
import { changeMandate, type MandateRow } from './mandates.ts'

const kept = 'an enterprise’s own record of who acted for it, under which name, and until when'

export const personalData: PersonalData = {
  sealed: ['name_sealed', 'phone_sealed', 'id_number_sealed'].map((column) => sealedColumn('mandates', column, { kept })),
  users: [
    { table: 'mandates', column: 'user_id', kept },
    { table: 'mandates', column: 'subject_user_id', kept: 'shows for whom a guardian acted' },
    { table: 'mandates', column: 'granted_by', kept },
    { table: 'mandate_events', column: 'actor', kept: 'the log of mandates: ids only' },
  ],
  /** Mandates that the user holds, and those that others hold for him. */
  async erase({ transaction, userId }) {
    const mandates: MandateRow[] = await transaction('mandates')
      .where((query) => query.where({ user_id: userId }).orWhere({ subject_user_id: userId }))
      .andWhereNot({ status: 'disabled' })
    const actor = { userId, role: 'holder', purpose: '注销账户' } as const
    for (const mandate of mandates) await changeMandate(transaction, mandate, { status: 'disabled' }, 'resigned', actor)
  },
}
