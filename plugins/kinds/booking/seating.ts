import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Vault } from '../../../core/base/vault.ts'
import type { BookingRow, Visitor } from './row.ts'

/** Who sits where. `pending`: in a slot that the booking is being moved to. */
export interface Seating {
  place: string
  visitors: readonly Visitor[]
  pending: boolean
}

export const seatContext = (id: string) => `booking_seats.visitor:${id}`

/**
 * Takes seats of a slot; without anybody named, one stands for all who come. Rejects as a unique index does, where somebody of them sits
 * there already.
 */
export async function seat(
  vault: Vault,
  transaction: Knex,
  { id, connector, service }: Pick<BookingRow, 'id' | 'connector' | 'service'>,
  { place, visitors, pending }: Seating,
): Promise<void> {
  const place_hash = vault.fingerprint(`${connector}.${service}\0${place}`, 'booking-place')
  const all = visitors.length > 0 ? visitors : [{ hash: id, name: '', idNumber: '' }]
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
