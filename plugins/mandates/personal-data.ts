import { IDENTITY_CARD, identityHash } from '../store/identity-hash.ts'
import { readIndexes } from '../store/indexes.ts'
import { type PersonalData, sealedColumn } from '../store/personal-data.ts'
import { changeMandate, holderKey, type MandateRow } from './mandates.ts'

const kept = 'an enterprise’s own record of who acted for it, in what and until when: the id of an account that is an empty shell'

/** Whoever leaves is nobody’s name, phone or number any more, whichever part he had in the mandate. */
const UNNAMED = { name_sealed: null, phone_sealed: null, id_number_sealed: null, id_number_hash: null }

export const personalData: PersonalData = {
  sealed: ['name_sealed', 'phone_sealed', 'id_number_sealed'].map((column) => sealedColumn('mandates', column)),
  indexed: [
    {
      ...{ table: 'mandates', key: 'id', sealed: 'id_number_sealed', columns: ['id_number_hash', 'holder_key'] },
      needs: ['role', 'enterprise_id'],
      context: (id) => `mandates.id_number:${id}`,
      hash(key, number, { role, enterprise_id, holder_key }, vault) {
        const id_number_hash = identityHash(key, IDENTITY_CARD, number)
        // Others are held by an id, which nobody finds by trying; one that is over holds no place.
        if (role !== 'agent' || holder_key === null) return { id_number_hash }
        return { id_number_hash, holder_key: holderKey(vault, role, enterprise_id ?? '', id_number_hash) }
      },
    },
  ],
  users: [
    { table: 'mandates', column: 'user_id', kept },
    { table: 'mandates', column: 'subject_user_id', kept: 'shows for whom a guardian or a relative acted' },
    { table: 'mandates', column: 'granted_by', kept },
    { table: 'mandate_events', column: 'actor', kept: 'the log of mandates: ids only' },
  ],
  /** Mandates that the user holds or held, those that others hold for him, and invitations of his id number. */
  async erase({ transaction, vault, userId }) {
    const user: { id_type: string | null; id_number_sealed: string | null } | undefined = await transaction('users')
      .where({ id: userId })
      .first('id_type', 'id_number_sealed')
    const sealed = user?.id_number_sealed ?? null
    const number = sealed === null ? null : vault.open(sealed, `users.id_number:${userId}`)
    const indexes = await readIndexes(transaction, vault)
    const hashes = number === null ? [] : indexes.each((key) => identityHash(key, user?.id_type ?? '', number))
    const living: MandateRow[] = await transaction('mandates')
      .where((query) => {
        query.where({ user_id: userId }).orWhere({ subject_user_id: userId })
        query.orWhereIn('id_number_hash', hashes)
      })
      .andWhereNot({ status: 'disabled' })
    const actor = { userId, role: 'holder', purpose: '注销账户' } as const
    for (const mandate of living) await changeMandate(transaction, mandate, { status: 'disabled' }, 'resigned', actor)
    await transaction('mandates').where({ user_id: userId }).update(UNNAMED)
    await transaction('mandates').whereIn('id_number_hash', hashes).update(UNNAMED)
  },
}
