import type { Database } from '../../../core/base/database.ts'
import { type ErrorCode, errorTable, HubError } from '../../../core/base/errors.ts'
import { isDuplicate } from '../../../core/base/transact.ts'
import { readKey } from '../idempotency.ts'
import type { BookingContext } from './context.ts'
import type { BookingRow, Pending, Visitor } from './row.ts'
import { LEFT_MS } from './rows.ts'
import { alreadySeated } from './seating.ts'
import type { BookingState } from './states.ts'
import { proceed } from './step.ts'

/** What tells one deed with a booking from another. */
export interface KeyedDeed {
  row: BookingRow
  /** Id of the service by which it is done. */
  service: string
  idempotencyKey: string
  input: Readonly<Record<string, unknown>>
}

/** What a citizen has done with a booking. */
export interface Deed extends KeyedDeed {
  traceId: string
  to: BookingState
  pending: Pending
  /** Who sits in another slot then. */
  seats?: readonly Visitor[]
}

interface ActRow {
  request_hash: string
  outcome: string | null
}

export type Deeds = ReturnType<typeof createDeeds>

/** What people do with bookings; what then happens by itself is the step's. */
export function createDeeds(context: BookingContext, database: Database, wake: (id: string, dueAt: number) => void) {
  const { rows } = context

  /** Whether this was done with the booking under this key before. Throws what was said then, HUB_IDEMPOTENCY_CONFLICT. */
  async function repeated({ row, service, idempotencyKey, input }: KeyedDeed): Promise<boolean> {
    const act = (await database('booking_acts')
      .where({ booking_id: row.id, service, idempotency_key: readKey(idempotencyKey) })
      .first('request_hash', 'outcome')) as ActRow | undefined
    if (!act) return false
    if (act.request_hash !== rows.hashOf(input)) throw new HubError('HUB_IDEMPOTENCY_CONFLICT')
    if (act.outcome !== null && act.outcome !== 'done') throw errorOf(act.outcome)
    return true
  }

  return {
    repeated,
    /** Does what can be done with a booking now. → as it stands then. */
    async drive(id: string): Promise<BookingRow> {
      await proceed(context, id, true)
      const row = await rows.byId(id)
      if (!row) throw new HubError('HUB_STORE_UNAVAILABLE')
      if (row.due_at !== null) wake(id, row.due_at)
      return row
    },

    /**
     * Writes down what is to be done, with its key, in the transaction that moves the booking; a request with the same key may have been
     * faster. Throws HUB_BOOKING_STATE, HUB_BOOKING_VISITOR.
     */
    async begin(deed: Deed): Promise<void> {
      const { row, service, idempotencyKey, input, traceId, to, pending, seats = [] } = deed
      const at = rows.now()
      const key = { booking_id: row.id, service, idempotency_key: readKey(idempotencyKey) }
      const act = { ...key, request_hash: rows.hashOf(input), outcome: null, at }
      const changes = { pending_sealed: rows.sealPending(row.id, pending), trace_id: traceId, due_at: at + LEFT_MS }
      try {
        const moved = await rows.move(row, to, 'citizen', changes, async (transaction) => {
          await transaction('booking_acts').insert(act)
          if (pending.place !== row.place) await rows.seat(transaction, row, pending.place, seats)
        })
        if (!moved && !(await repeated(deed))) throw new HubError('HUB_BOOKING_STATE')
      } catch (error) {
        if (isDuplicate(error)) throw alreadySeated(seats)
        throw error
      }
    },
  }
}

/** What was said of something that did not come about. */
export function errorOf(code: string | null): HubError {
  return new HubError(code !== null && code in errorTable ? (code as ErrorCode) : 'HUB_UPSTREAM_REFUSED')
}
