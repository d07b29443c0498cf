import type { Principal } from '../../access/principal.ts'
import type { Keyed } from '../idempotency.ts'
import type { BookingPolicy } from './policy.ts'
import type { BookingState } from './states.ts'
import type { When } from './when.ts'

/** One row of `bookings`; times are epoch milliseconds. */
export interface BookingRow {
  id: string
  number: string
  connector: string
  service: string
  user_id: string
  enterprise_id: string | null
  principal: Principal
  idempotency_key: string
  request_hash: string
  state: BookingState
  place: string
  starts_at: number
  ends_at: number
  people: number
  changes: number
  reference: string | null
  details_sealed: string
  pending_sealed: string | null
  trace_id: string
  failures: number
  /** Since when nobody has known how it stands; null where it is known. */
  unclear_at: number | null
  sent_at: number | null
  last_error: string | null
  due_at: number | null
  lease_owner: string | null
  lease_until: number
  removed_at: number | null
  created_at: number
  updated_at: number
}

/** Who comes, as it is kept: masked for showing, and what tells one from another hashed. */
export interface Visitor {
  hash: string
  name: string
  idNumber: string
}

/** What was asked for, validated. */
export interface BookingDetails {
  input: Readonly<Record<string, unknown>>
  visitors: readonly Visitor[]
}

/** What a booking is being changed to: `service` says it to the agency, with its own inputs. */
export interface Pending extends When {
  service: string
  input: Readonly<Record<string, unknown>>
  people: number
}

export interface BookingEvent {
  from_state: BookingState | null
  to_state: BookingState
  cause: string
  at: number
}

export const bookingContext = {
  details: (id: string) => `bookings.details:${id}`,
  pending: (id: string) => `bookings.pending:${id}`,
}

export interface NewBooking extends Keyed {
  policy: BookingPolicy
  when: When
  people: number
  visitors: readonly Visitor[]
  traceId: string
}

/** Drivers give large whole numbers as text. */
export function readRow(row: BookingRow): BookingRow {
  const whole = (value: number | null) => (value === null ? null : Number(value))
  return {
    ...row,
    starts_at: Number(row.starts_at),
    ends_at: Number(row.ends_at),
    unclear_at: whole(row.unclear_at),
    sent_at: whole(row.sent_at),
    due_at: whole(row.due_at),
    removed_at: whole(row.removed_at),
    created_at: Number(row.created_at),
    updated_at: Number(row.updated_at),
  }
}
