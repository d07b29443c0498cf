import type { ServiceContract } from '../../../core/contract/types.ts'
import { apart } from '../apart.ts'
import type { ServiceKind } from '../kind.ts'
import { checkBooking } from './check.ts'
import { bookingDeeds, bookingOffers, bookingPage } from './deeds-offered.ts'
import { bookingUnderWay } from './held.ts'
import bookings from './index.ts'
import { personalData } from './personal-data.ts'
import { type BookingCall, takersOf } from './policy.ts'
import { bookingRoutes } from './routes.ts'
import { simulateBookings } from './simulator.ts'
import { type BookingState, bookingStates } from './states.ts'
import { bookingTrial } from './trial.ts'

/** A place in time at an agency: taken, moved, given back, and shown at its gate (docs/bookings.md). */
export default {
  name: 'booking',
  serves: ['booking'],
  words: { category: '预约', button: '预约' },
  asks: false,
  recordless: true,
  method: 'POST',
  plugin: bookings,
  check: checkBooking,
  routes: bookingRoutes,
  deeds: bookingDeeds,
  offers: bookingOffers,
  pageOf: bookingPage,
  sids: (contract) => callsOf(contract).map(({ sid }) => sid),
  paths: (contract) => Object.fromEntries(callsOf(contract).map(({ sid, path = sid }) => [sid, path])),
  uses: ({ booking }) =>
    booking && !('does' in booking) ? [booking.slots?.service, booking.visitors?.service] : booking ? [...takersOf(booking)] : [],
  double({ id, booking }) {
    if (!booking || 'does' in booking) return {}
    const { confirm, status, release } = booking
    const own = { status: callApart(id, status), release: callApart(id, release), ...(confirm ? { confirm: callApart(id, confirm) } : {}) }
    return { booking: { ...booking, ...own } }
  },
  simulate: simulateBookings,
  trial: bookingTrial,
  matters: {
    table: 'bookings',
    stateName: (_contract, state) => bookingStates[state as BookingState]?.title ?? state,
    demanding: { failed: '没有占用名额，仍需要的，请重新预约。', cancelled: '', refunded: '' },
  },
  personalData,
  holds: bookingUnderWay,
} satisfies ServiceKind

function callsOf({ booking }: ServiceContract): BookingCall[] {
  if (!booking || 'does' in booking) return []
  return [booking.confirm, booking.status, booking.release].filter((call) => call !== undefined)
}

function callApart<C extends { sid: string; path?: string }>(id: string, call: C): C {
  const { sid, path } = call
  return {
    ...call,
    sid: apart(`${id}.own`, sid),
    ...(path === undefined ? {} : { path: `${id}.own/${path}` }),
  }
}
