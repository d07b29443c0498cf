import { type PersonalData, sealedColumn } from '../../store/personal-data.ts'
import { deleteBookings } from './rows.ts'
import { UNDER_WAY } from './states.ts'

/** Of a visit nothing stays when its user leaves; that there was one is in the audit log. */
export const personalData: PersonalData = {
  sealed: [
    sealedColumn('bookings', 'details_sealed'),
    sealedColumn('bookings', 'pending_sealed'),
    sealedColumn('booking_seats', 'visitor_sealed'),
  ],
  users: [{ table: 'bookings', column: 'user_id' }],
  /** Places that are being taken or given back need whoever does it, and those of a visit to come would be nobody's. */
  async needs(transaction, userIds) {
    const open = await transaction('bookings')
      .whereIn('user_id', [...userIds])
      .where((live) =>
        live.whereIn('state', [...UNDER_WAY]).orWhere((coming) => coming.where({ state: 'confirmed' }).where('ends_at', '>', Date.now())),
      )
      .first('id')
    return open !== undefined
  },
  async erase({ transaction, userId }) {
    const ids: string[] = await transaction('bookings').where({ user_id: userId }).pluck('id')
    await deleteBookings(transaction, ids)
  },
}
