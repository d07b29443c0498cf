import { type PersonalData, sealedColumn } from '../store/personal-data.ts'
import { shredded } from './rows.ts'
import { seenStates } from './states.ts'

const kept = 'a file that somebody brought for an enterprise is the enterprise’s, and stays with it'

export const personalData: PersonalData = {
  sealed: [sealedColumn('files', 'name_sealed', { kept }), sealedColumn('files', 'key_sealed', { kept })],
  users: [{ table: 'files', column: 'user_id' }],
  /** With its key a file is gone at once; its pieces follow, and its row. */
  async erase({ transaction, userId }) {
    const own = () => transaction('files').where({ user_id: userId })
    await own()
      .whereNot('principal', 'like', 'enterprise:%')
      .whereIn('state', [...seenStates])
      .update({ ...shredded(), state: 'erased', updated_at: Date.now() })
    await own().update({ user_id: null })
  },
}
