import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { isDuplicate, transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { type Acting, seenBy } from '../../access/principal.ts'
import { post } from '../../outbox/outbox.ts'
import { isDue, takeLease } from '../../queue/lease.ts'
import { canonical, type Keyed, readKey } from '../idempotency.ts'
import { serialOf } from '../serial.ts'
import {
  type BookingDetails,
  type BookingEvent,
  type BookingRow,
  bookingContext,
  type NewBooking,
  type Pending,
  readRow,
  type Visitor,
} from './row.ts'
import { alreadySeated, seat, unnamedOf } from './seating.ts'
import { type BookingState, sourcesOf, UNDER_WAY, WITHOUT_PLACE } from './states.ts'

export type BookingChanges = Partial<
  Pick<
    BookingRow,
    | 'place'
    | 'starts_at'
    | 'ends_at'
    | 'people'
    | 'changes'
    | 'reference'
    | 'details_sealed'
    | 'pending_sealed'
    | 'failures'
    | 'sent_at'
    | 'last_error'
    | 'due_at'
    | 'trace_id'
  >
>
export type Also = (transaction: Knex.Transaction) => Promise<void>

/** Whoever wrote something down has so long to begin with it, before somebody else does. */
export const LEFT_MS = 5000

/** The table of bookings. The database is the truth: a state changes only where the row is still in one that leads there. */
export type BookingRows = ReturnType<typeof createBookingRows>

export function createBookingRows(database: Database, vault: Vault, now: () => number = Date.now) {
  const hashOf = (input: unknown) => vault.fingerprint(canonical(input), 'booking-request')
  const byKey = ({ service, by, idempotencyKey }: Keyed) => ({
    user_id: by.userId,
    principal: by.principal,
    ...placeOf(service),
    idempotency_key: readKey(idempotencyKey),
  })

  /** Guarded by state and lease: whoever holds no lease changes nothing that a holder relies on. */
  const guarded = (transaction: Knex, row: BookingRow) =>
    transaction('bookings').where({ id: row.id, state: row.state, lease_owner: row.lease_owner })

  return {
    now,
    hashOf,
    /** The booking of this key, or null. Throws HUB_IDEMPOTENCY_KEY_MISSING, HUB_IDEMPOTENCY_CONFLICT. */
    async find(booking: Keyed): Promise<BookingRow | null> {
      const row = await first(database('bookings').where(byKey(booking)))
      if (row && row.request_hash !== hashOf(booking.input)) throw new HubError('HUB_IDEMPOTENCY_CONFLICT')
      return row
    },
    /** Writes a new booking down, with who sits where; null where one with its key was faster. Throws HUB_BOOKING_VISITOR. */
    async begin(booking: NewBooking): Promise<BookingRow | null> {
      const { by, when, people, visitors, input, policy } = booking
      const id = randomUUID()
      const at = now()
      const details: BookingDetails = { input, visitors }
      const row: BookingRow = {
        id,
        number: serialOf(id),
        ...byKey(booking),
        enterprise_id: by.enterpriseId,
        request_hash: hashOf(input),
        state: 'requested',
        place: when.place,
        starts_at: when.startsAt,
        ends_at: when.endsAt,
        people,
        changes: 0,
        reference: null,
        details_sealed: vault.seal(JSON.stringify(details), bookingContext.details(id)),
        pending_sealed: null,
        trace_id: booking.traceId,
        failures: 0,
        unclear_at: null,
        sent_at: null,
        last_error: null,
        due_at: at + LEFT_MS,
        lease_owner: null,
        lease_until: 0,
        removed_at: null,
        created_at: at,
        updated_at: at,
      }
      try {
        await transact(database, async (transaction) => {
          await transaction('bookings').insert(row)
          await seat(vault, transaction, row, { place: when.place, visitors, unnamed: unnamedOf(vault, row, policy), pending: false })
          await record(transaction, id, null, 'requested', 'citizen', at)
        })
        return row
      } catch (error) {
        if (!isDuplicate(error)) throw error
        if (await first(database('bookings').where(byKey(booking)))) return null
        throw alreadySeated(visitors)
      }
    },
    details: ({ id, details_sealed }: BookingRow) => JSON.parse(vault.open(details_sealed, bookingContext.details(id))) as BookingDetails,
    pending: ({ id, pending_sealed }: BookingRow): Pending | null =>
      pending_sealed === null ? null : (JSON.parse(vault.open(pending_sealed, bookingContext.pending(id))) as Pending),
    sealPending: (id: string, pending: Pending) => vault.seal(JSON.stringify(pending), bookingContext.pending(id)),
    sealDetails: (id: string, details: BookingDetails) => vault.seal(JSON.stringify(details), bookingContext.details(id)),
    /** A booking, where this reader sees it; by its id, or by the agency's number. */
    read: (reader: Acting, service: CompiledService, name: string): Promise<BookingRow | null> =>
      first(
        database('bookings')
          .where({ ...seenBy(reader), ...placeOf(service), removed_at: null })
          .where((either) => either.where({ id: name }).orWhere({ reference: name })),
      ),
    byId: (id: string): Promise<BookingRow | null> => first(database('bookings').where({ id })),
    async list(reader: Acting, service: CompiledService, { page, pageSize }: { page: number; pageSize: number }) {
      const own = () => database('bookings').where({ ...seenBy(reader), ...placeOf(service), removed_at: null })
      const [count] = await own().count({ n: '*' })
      const rows = await own()
        .orderBy([{ column: 'starts_at', order: 'desc' }, 'id'])
        .offset((page - 1) * pageSize)
        .limit(pageSize)
      return { rows: rows.map(readRow), total: Number(count?.['n']) }
    },
    async events(id: string): Promise<BookingEvent[]> {
      const rows = await database('booking_events').where({ booking_id: id }).orderBy('id').select('from_state', 'to_state', 'cause', 'at')
      return rows.map((row) => ({ ...row, at: Number(row.at) }))
    },
    /** Takes a booking that nobody holds, for `leaseMs`: one that is due, or `early` whoever has just changed it. */
    async claim(id: string, leaseMs: number, early = false): Promise<BookingRow | null> {
      const at = now()
      const booking = database('bookings').where({ id })
      const free = early ? booking.where('lease_until', '<=', at) : booking.modify(isDue, at)
      const lease_owner = await takeLease(free, at, leaseMs)
      return lease_owner === null ? null : first(database('bookings').where({ id, lease_owner }))
    },
    /** Moves a booking on as `row` shows it, with what caused it on record; null where it is no longer so. A lease ends here. */
    async move(row: BookingRow, to: BookingState, cause: string, changes: BookingChanges = {}, also?: Also): Promise<BookingRow | null> {
      if (!sourcesOf(to).includes(row.state)) throw new Error(`no way from ${row.state} to ${to}`)
      const at = now()
      const isSettled = !UNDER_WAY.includes(to)
      const columns = {
        failures: 0,
        unclear_at: isSettled ? null : row.unclear_at,
        sent_at: null,
        last_error: null,
        ...changes,
        state: to,
        lease_owner: null,
        lease_until: 0,
        updated_at: at,
      }
      return transact(database, async (transaction) => {
        if ((await guarded(transaction, row).update(columns)) === 0) return null
        if (WITHOUT_PLACE.includes(to)) await transaction('booking_seats').where({ booking_id: row.id }).delete()
        await record(transaction, row.id, row.state, to, cause, at)
        if (isSettled && row.unclear_at !== null) await tell(transaction, row, to, at)
        await also?.(transaction)
        return { ...row, ...columns }
      })
    },
    /** Leaves the state and changes the rest; the lease ends unless `keepUntil` renews it. */
    async note(row: BookingRow, changes: BookingChanges, keepUntil?: number): Promise<BookingRow | null> {
      const lease = keepUntil === undefined ? { lease_owner: null, lease_until: 0 } : { lease_until: keepUntil }
      const isDoubt = changes.failures !== undefined && UNDER_WAY.includes(row.state)
      const unclear_at = row.unclear_at ?? (isDoubt ? now() : null)
      const columns = { ...changes, ...lease, unclear_at, updated_at: now() }
      return (await guarded(database, row).update(columns)) === 0 ? null : { ...row, ...columns }
    },
    async due(limit: number): Promise<string[]> {
      const at = now()
      const query = database('bookings').modify(isDue, at)
      return (await query.orderBy('due_at').limit(limit).pluck('id')) as string[]
    },
    /** Its user looks at it no more. False where it is under way. */
    async remove(row: BookingRow): Promise<boolean> {
      const at = now()
      const changed = await database('bookings').where({ id: row.id, state: row.state }).update({ removed_at: at, updated_at: at })
      return changed === 1
    },
    /** Seats in another slot, to which the booking is being moved. */
    /** In a further slot, whoever has a seat of this booking now. */
    async seat(transaction: Knex, row: BookingRow, place: string, visitors: readonly Visitor[]): Promise<void> {
      const held: { visitor_hash: string } | undefined = await transaction('booking_seats')
        .where({ booking_id: row.id, pending: false })
        .first('visitor_hash')
      await seat(vault, transaction, row, { place, visitors, unnamed: held?.visitor_hash ?? row.id, pending: true })
    },
    /** Forgets bookings whose time is long past, and all that belongs to them. */
    async purge(before: number): Promise<void> {
      for (;;) {
        const old = database('bookings')
          .where('ends_at', '<', before)
          .whereNotIn('state', [...UNDER_WAY])
        const ids = (await old.limit(500).pluck('id')) as string[]
        if (ids.length > 0) await transact(database, (transaction) => deleteBookings(transaction, ids))
        if (ids.length < 500) return
      }
    },
  }
}

export async function deleteBookings(transaction: Knex, ids: readonly string[]): Promise<void> {
  for (const table of ['booking_events', 'booking_acts', 'booking_seats'])
    await transaction(table)
      .whereIn('booking_id', [...ids])
      .delete()
  await transaction('bookings')
    .whereIn('id', [...ids])
    .delete()
}

async function record(
  transaction: Knex,
  id: string,
  from: BookingState | null,
  to: BookingState,
  cause: string,
  at: number,
): Promise<void> {
  await transaction('booking_events').insert({ booking_id: id, from_state: from, to_state: to, cause, at })
}

/** Whoever was told that nobody knows is told how it ended, once for each doubt. */
async function tell(transaction: Knex, row: BookingRow, state: BookingState, at: number): Promise<void> {
  const { id, user_id: userId, principal, unclear_at } = row
  const once = `booking:${id}:${unclear_at}`
  await post(transaction, { topic: 'outcome', userId, principal, about: id, detail: { of: 'booking', state }, once, at })
}

async function first(query: Knex.QueryBuilder): Promise<BookingRow | null> {
  const row = (await query.first()) as BookingRow | undefined
  return row ? readRow(row) : null
}

function placeOf({ connector, contract }: CompiledService) {
  return { connector: connector.id, service: contract.id }
}
