import { type PersonalData, sealedColumn } from '../store/personal-data.ts'
import { changeMandate, type MandateRow } from './mandates.ts'

const kept = 'an enterprise’s own record of who acted for it, in what and until when: the id of an account that is an empty shell'

/** Whoever leaves is nobody’s name, phone or number any more, whichever part he had in the mandate. */
const UNNAMED = { name_sealed: null, phone_sealed: null, id_number_sealed: null, id_number_hash: null }

export const personalData: PersonalData = {
  sealed: ['name_sealed', 'phone_sealed', 'id_number_sealed'].map((column) => sealedColumn('mandates', column)),
  users: [
    { table: 'mandates', column: 'user_id', kept },
    { table: 'mandates', column: 'subject_user_id', kept: 'shows for whom a guardian or a relative acted' },
    { table: 'mandates', column: 'granted_by', kept },
    { table: 'mandate_events', column: 'actor', kept: 'the log of mandates: ids only' },
  ],
  /** Mandates that the user holds or held, those that others hold for him, and invitations of his id number. */
  async erase({ transaction, userId }) {
    const user: { id_number_hash: string | null } | undefined = await transaction('users').where({ id: userId }).first('id_number_hash')
    const hash = user?.id_number_hash ?? null
    const living: MandateRow[] = await transaction('mandates')
      .where((query) => {
        query.where({ user_id: userId }).orWhere({ subject_user_id: userId })
        if (hash !== null) query.orWhere({ id_number_hash: hash })
      })
      .andWhereNot({ status: 'disabled' })
    const actor = { userId, role: 'holder', purpose: '注销账户' } as const
    for (const mandate of living) await changeMandate(transaction, mandate, { status: 'disabled' }, 'resigned', actor)
    await transaction('mandates').where({ user_id: userId }).update(UNNAMED)
    if (hash !== null) await transaction('mandates').where({ id_number_hash: hash }).update(UNNAMED)
  },
}
