import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { HubError } from '../../../core/base/errors.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { BookingPolicy } from './policy.ts'
import type { BookingRow, Visitor } from './row.ts'

/** Who sits where. `pending`: in a slot that the booking is being moved to. */
export interface Seating {
  place: string
  visitors: readonly Visitor[]
  /** Stands for all who come, where nobody of them is named. */
  unnamed: string
  pending: boolean
}

export const seatContext = (id: string) => `booking_seats.visitor:${id}`

/** Somebody of them sits in that slot already. */
export function alreadySeated(visitors: readonly Visitor[]): HubError {
  const detail = '您在这个时段已有预约，不能重复预约；要改的，请到原来的预约里改签，或取消后再约。'
  return new HubError('HUB_BOOKING_VISITOR', visitors.length > 0 ? {} : { detail })
}

/** Who sits there for a booking without names: whoever books, where he comes alone; a group may be one of several of his. */
export function unnamedOf(vault: Vault, { id, user_id, enterprise_id }: BookingRow, { people }: BookingPolicy): string {
  return people === undefined ? vault.fingerprint(`booker\0${enterprise_id ?? user_id}`, 'booking-visitor') : id
}

/** Takes seats of a slot. Rejects as a unique index does, where somebody of them sits there already. */
export async function seat(
  vault: Vault,
  transaction: Knex,
  { id, connector, service }: Pick<BookingRow, 'id' | 'connector' | 'service'>,
  { place, visitors, unnamed, pending }: Seating,
): Promise<void> {
  const place_hash = vault.fingerprint(`${connector}.${service}\0${place}`, 'booking-place')
  const all = visitors.length > 0 ? visitors : [{ hash: unnamed, name: '', idNumber: '' }]
  for (const visitor of all) {
    const seatId = randomUUID()
    await transaction('booking_seats').insert({
      id: seatId,
      booking_id: id,
      place_hash,
      visitor_hash: visitor.hash,
      visitor_sealed: vault.seal(JSON.stringify(visitor), seatContext(seatId)),
      pending,
      used_at: null,
    })
  }
}
