import { HubError } from '../../../core/base/errors.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { ask, codeOf, hold, perform, type Standing, say, type Taker } from './agency.ts'
import { type Aim, attempt } from './attempt.ts'
import { type BookingContext, postpone, takerOf, told } from './context.ts'
import type { BookingCall } from './policy.ts'
import type { BookingRow } from './row.ts'
import { type BookingChanges, LEFT_MS } from './rows.ts'
import { type BookingState, UNDER_WAY } from './states.ts'
import { offerOf } from './when.ts'

const HOLD_S = 120
/** Looks at a visit that is over, before it counts as one that nobody made. */
const LAST_LOOKS = 4

type Moved = Promise<BookingRow | null>
const LIVES: ReadonlySet<Standing['state']> = new Set(['held', 'confirmed', 'used'])

/** Steps at once: two for a booking, and some for what is cleared up on the way. */
const STEPS = 4

/** Takes a booking that nobody holds as far as it goes now; `early`: it need not be due. → as it then stands, null where somebody else is at it. */
export async function proceed(context: BookingContext, id: string, early: boolean): Moved {
  const { rows, pace } = context
  let last: BookingRow | null = null
  for (let left = STEPS; left > 0; left--) {
    // Whoever has begun goes on, though others would have to wait.
    const claimed = await rows.claim(id, pace.leaseMs, early || last !== null)
    if (!claimed) return last
    last = await stepOn(context, claimed)
    const goesOn = last?.failures === 0 && last.sent_at === null && UNDER_WAY.includes(last.state)
    if (!goesOn) return last
  }
  return last
}

/**
 * One step in the life of a booking that somebody holds by a lease: does what its state asks for, lets it go. A step may die
 * anywhere; whoever claims the booking next finds in the row what to do (docs/bookings.md).
 */
export async function stepOn(context: BookingContext, row: BookingRow): Moved {
  const { rows, log } = context
  const taker = takerOf(context, row)
  if (!taker) return rows.note(row, { due_at: null })
  try {
    if (row.state === 'confirmed') return await closeVisit(context, taker, row)
    if (row.state === 'held' && !taker.policy.confirm) return await rows.move(row, 'confirmed', 'agency', { due_at: row.ends_at })
    const asker = await askerOf(context, taker, row)
    const aim = aimOf(context, taker, row, asker)
    if (!aim) return await rows.note(row, { due_at: null })
    return await attempt(context, taker, row, aim, asker)
  } catch (error) {
    if (!(error instanceof HubError)) log.error({ booking: row.id, error: (error as Error).name }, '预约处理中断，稍后继续')
    return postpone(context, row, { last_error: codeOf(error) })
  }
}

function askerOf({ asker }: BookingContext, { service }: Taker, row: BookingRow): Promise<Asker> {
  return asker(row.user_id, row.enterprise_id, service.key)
}

function aimOf(context: BookingContext, taker: Taker, row: BookingRow, asker: Asker): Aim | null {
  const { state } = row
  if (state === 'requested') return holding(context, taker, row, asker)
  if (state === 'held' && taker.policy.confirm) return confirming(context, taker, taker.policy.confirm, row, asker)
  if (state === 'rescheduling') return rescheduling(context, taker, row, asker)
  if (state === 'cancelling' || state === 'refunding') return givingBack(context, taker, row, asker, state)
  return state === 'releasing' ? releasing(context, taker, row, asker) : null
}

/** When what was asked for is no longer what its user waits for. */
const givesUpAt = ({ policy }: Taker, row: BookingRow) => row.created_at + (policy.holdSeconds ?? HOLD_S) * 1000

function holding(context: BookingContext, taker: Taker, row: BookingRow, asker: Asker): Aim {
  const { rows, agencies } = context
  const { input } = rows.details(row)
  return {
    what: 'hold',
    send: () => hold(agencies, taker, row, input, asker),
    judge: ({ state }) => (LIVES.has(state) ? 'done' : state === 'ended' ? 'undone' : 'open'),
    done: ({ reference }) => rows.move(row, 'held', 'agency', { reference, due_at: rows.now() + LEFT_MS }),
    undone: async (code) =>
      rows.move(row, 'failed', 'agency', { last_error: await reasonOf(context, taker, row, code, input, asker), due_at: null }),
    until: row.sent_at === null ? givesUpAt(taker, row) : row.ends_at,
  }
}

function confirming({ rows, agencies }: BookingContext, taker: Taker, confirm: BookingCall, row: BookingRow, asker: Asker): Aim {
  // Places that became known too late are let go: nobody counts on them any more.
  const isLate = rows.now() > givesUpAt(taker, row)
  return {
    what: 'confirm',
    send: () => say(agencies, taker, row, confirm, asker),
    judge: ({ state }) => (state === 'confirmed' || state === 'used' ? 'done' : state === 'held' && !isLate ? 'open' : 'undone'),
    done: () => rows.move(row, 'confirmed', 'agency', { due_at: row.ends_at }),
    undone: (code) => rows.move(row, 'releasing', 'agency', { last_error: code, due_at: rows.now() + LEFT_MS }),
    insists: true,
    until: row.sent_at === null ? givesUpAt(taker, row) : row.ends_at,
  }
}

function releasing({ rows, agencies }: BookingContext, taker: Taker, row: BookingRow, asker: Asker): Aim {
  const fail = () => rows.move(row, 'failed', 'agency', { last_error: row.last_error ?? 'HUB_UPSTREAM_REFUSED', due_at: null })
  return {
    what: 'release',
    send: () => say(agencies, taker, row, taker.policy.release, asker),
    judge: ({ state }) => (LIVES.has(state) ? 'open' : 'done'),
    done: fail,
    undone: fail,
    insists: true,
    until: row.ends_at,
  }
}

function rescheduling(context: BookingContext, taker: Taker, row: BookingRow, asker: Asker): Aim | null {
  const { rows, agencies } = context
  const pending = rows.pending(row)
  const deed = pending && agencies.services.get(`${row.connector}.${pending.service}`)
  if (!pending || !deed) return null
  const isThere = ({ place, people }: Standing) => place === pending.place && (people === null || people === pending.people)
  const details = rows.details(row)
  return {
    what: 'reschedule',
    send: () => perform(agencies, taker, deed, row, pending.input, asker),
    judge: (standing) => (standing.state === 'confirmed' && isThere(standing) ? 'done' : LIVES.has(standing.state) ? 'open' : 'undone'),
    done: () => {
      const { place, startsAt, endsAt, people } = pending
      const details_sealed = rows.sealDetails(row.id, { ...details, input: { ...details.input, ...pending.input } })
      const moved: BookingChanges = { place, starts_at: startsAt, ends_at: endsAt, people, changes: row.changes + 1, pending_sealed: null }
      return rows.move(row, 'confirmed', 'agency', { ...moved, details_sealed, due_at: endsAt }, async (transaction) => {
        const moves = (await transaction('booking_seats').where({ booking_id: row.id, pending: true }).first('id')) !== undefined
        if (moves) await transaction('booking_seats').where({ booking_id: row.id, pending: false }).delete()
        await transaction('booking_seats').where({ booking_id: row.id }).update({ pending: false })
        await outcome(transaction, row, 'done')
      })
    },
    undone: async (code) => {
      const last_error = await reasonOf(context, taker, row, code, { ...details.input, ...pending.input }, asker)
      return rows.move(row, 'confirmed', 'refused', { pending_sealed: null, last_error, due_at: row.ends_at }, async (transaction) => {
        await transaction('booking_seats').where({ booking_id: row.id, pending: true }).delete()
        await outcome(transaction, row, last_error)
      })
    },
    until: row.ends_at,
  }
}

function givingBack(
  { rows, agencies }: BookingContext,
  taker: Taker,
  row: BookingRow,
  asker: Asker,
  state: 'cancelling' | 'refunding',
): Aim | null {
  const pending = rows.pending(row)
  const deed = pending && agencies.services.get(`${row.connector}.${pending.service}`)
  if (!pending || !deed) return null
  const to: BookingState = state === 'cancelling' ? 'cancelled' : 'refunded'
  return {
    what: state === 'cancelling' ? 'cancel' : 'refund',
    send: () => perform(agencies, taker, deed, row, pending.input, asker),
    judge: (standing) => (standing.state === 'used' ? 'undone' : LIVES.has(standing.state) ? 'open' : 'done'),
    done: () => rows.move(row, to, 'agency', { pending_sealed: null, due_at: null }, (transaction) => outcome(transaction, row, 'done')),
    undone: (code) =>
      rows.move(row, 'confirmed', 'refused', { pending_sealed: null, last_error: code, due_at: row.ends_at }, (transaction) =>
        outcome(transaction, row, code),
      ),
    until: row.ends_at,
  }
}

/** The time of the visit is over: the agency knows whether anybody came. */
async function closeVisit(context: BookingContext, taker: Taker, row: BookingRow): Moved {
  const { rows, agencies } = context
  if (rows.now() < row.ends_at) return rows.note(row, { due_at: row.ends_at })
  try {
    const asker = await askerOf(context, taker, row)
    const { state } = await told(context, row, 'status', () => ask(agencies, taker, row, asker))
    if (state === 'used') return await rows.move(row, 'used', 'agency', { due_at: null })
  } catch (error) {
    if (row.failures < LAST_LOOKS) return postpone(context, row, { last_error: codeOf(error) })
  }
  return rows.move(row, 'expired', 'time', { due_at: null })
}

/** An agency that refuses has often no place left: where its list says so, that is what people are told. */
async function reasonOf(
  { agencies }: BookingContext,
  { service, policy }: Taker,
  row: BookingRow,
  code: string,
  input: Readonly<Record<string, unknown>>,
  asker: Asker,
): Promise<string> {
  if (code !== 'HUB_UPSTREAM_REFUSED' || !policy.slots) return code
  const offer = await offerOf(service, policy, input, asker, agencies).catch(() => null)
  return offer?.left !== null && offer !== null && offer.left < row.people ? 'HUB_BOOKING_FULL' : code
}

async function outcome(transaction: import('knex').Knex, { id }: BookingRow, said: string): Promise<void> {
  await transaction('booking_acts').where({ booking_id: id, outcome: null }).update({ outcome: said })
}
