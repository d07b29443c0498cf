import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { readEntryCode, writeEntryCode } from './entry-code.ts'
import type { BookingRules } from './policy.ts'
import type { BookingRow, Visitor } from './row.ts'
import type { BookingRows } from './rows.ts'
import { entryTimes } from './rules.ts'
import { seatContext } from './seating.ts'

interface SeatRow {
  id: string
  booking_id: string
  visitor_sealed: string
  pending: boolean | number
  used_at: number | string | null
}

/** A place that somebody has, as its user sees it. */
export interface Seat {
  id: string
  visitor: Visitor
  usedAt: number | null
}

/** What a code says at the gate, and no more than is needed there. */
export interface EntryVerdict {
  state: EntryState
  /** Masked; with `valid` and `used`. */
  visitor: string | null
  people: number | null
  startsAt: number | null
  endsAt: number | null
  usedAt: number | null
}

/** `void`: no code of the hub's, of another place, or of a booking that has been given back or moved. */
export const entryStates = { valid: '有效', early: '未到入场时间', past: '已过期', used: '已经用过', void: '无效' } as const
export type EntryState = keyof typeof entryStates

/** Looks at a booking that others are moving, before its code counts as nobody's. */
const TRIES = 5

export type Seats = ReturnType<typeof createSeats>

export function createSeats(database: Database, vault: Vault, rows: BookingRows, rulesOf: (row: BookingRow) => BookingRules | null) {
  const visitorOf = ({ id, visitor_sealed }: SeatRow) => JSON.parse(vault.open(visitor_sealed, seatContext(id))) as Visitor
  const refused = (state: EntryState): EntryVerdict => ({ state, visitor: null, people: null, startsAt: null, endsAt: null, usedAt: null })

  /**
   * Uses a seat up: of two scanners at once one does. The booking is used by the first of its seats, in one transaction with it, so that
   * nobody comes in with what is being given back. Null for a booking that nobody comes in with any more.
   */
  async function take({ id }: SeatRow, row: BookingRow, at: number): Promise<boolean | null> {
    const use = async (knex: Knex) =>
      (await knex('booking_seats').where({ id, pending: false, used_at: null }).update({ used_at: at })) === 1
    // Another seat's scanner may have been faster, or somebody had just taken the booking to look at it.
    for (let tries = 0, now: BookingRow | null = row; tries < TRIES && now; tries++, now = await rows.byId(row.id)) {
      if (now.state === 'used') return use(database)
      if (now.state !== 'confirmed') return null
      let isFirst = false
      const moved = await rows.move(now, 'used', 'gate', { due_at: null }, async (transaction) => {
        isFirst = await use(transaction)
      })
      if (moved) return isFirst
    }
    return null
  }

  return {
    /** Who sits where now, by booking. */
    async of(bookings: readonly Pick<BookingRow, 'id'>[]): Promise<ReadonlyMap<string, readonly Seat[]>> {
      const ids = bookings.map(({ id }) => id)
      const found = (await database('booking_seats').whereIn('booking_id', ids).where({ pending: false }).orderBy('id')) as SeatRow[]
      const seatOf = (row: SeatRow): Seat => ({
        id: row.id,
        visitor: visitorOf(row),
        usedAt: row.used_at === null ? null : Number(row.used_at),
      })
      return new Map(ids.map((id) => [id, found.filter((row) => row.booking_id === id).map(seatOf)]))
    },
    /** A code for one seat, for some seconds and never longer than the visit. */
    code({ entry }: BookingRules, row: BookingRow, seat: Seat): { code: string; expiresAt: number } {
      const expiresAt = Math.min(rows.now() + (entry?.seconds ?? 0) * 1000, row.ends_at)
      return { code: writeEntryCode(vault, { seat: seat.id, expiresAt }), expiresAt }
    },
    /** What a code is worth at the gate of a connector's agency. A valid one is used up by it. */
    async enter(connector: string, text: string): Promise<EntryVerdict & { row: BookingRow | null }> {
      const now = rows.now()
      const ticket = readEntryCode(vault, text)
      const seat = ticket ? ((await database('booking_seats').where({ id: ticket.seat }).first()) as SeatRow | undefined) : undefined
      const row = seat ? await rows.byId(seat.booking_id) : null
      const rules = row && rulesOf(row)
      const isLive = row?.state === 'confirmed' || row?.state === 'used'
      if (!ticket || !seat || !row || !rules || seat.pending || !isLive || row.connector !== connector)
        return { ...refused(ticket && ticket.expiresAt <= now ? 'past' : 'void'), row }
      if (ticket.expiresAt <= now) return { ...refused('past'), row }
      const { from, until } = entryTimes(rules, row)
      if (now < from || now > until) return { ...refused(now < from ? 'early' : 'past'), row }
      const shown = { visitor: visitorOf(seat).name || null, people: row.people, startsAt: row.starts_at, endsAt: row.ends_at }
      const isFirst = await take(seat, row, now)
      // Given back or moved in the meantime.
      if (isFirst === null) return { ...refused('void'), row }
      if (!isFirst) {
        const again = (await database('booking_seats').where({ id: seat.id }).first('used_at')) as Pick<SeatRow, 'used_at'> | undefined
        return { state: 'used', ...shown, usedAt: again?.used_at ? Number(again.used_at) : null, row }
      }
      return { state: 'valid', ...shown, usedAt: now, row }
    },
  }
}
