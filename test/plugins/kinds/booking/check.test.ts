import t from 'tap'
import type { ConnectorDeclaration, ServiceContract } from '../../../../core/connector.ts'
import { checkDeclarations } from '../../../../plugins/declarations/check.ts'
import type { BookingDeed, BookingPolicy } from '../../../../plugins/kinds/booking/policy.ts'
import { kinds } from '../../../../plugins/kinds/index.ts'
import { bookingConnector } from '../../../helper/booking-connector.ts'

const hall = bookingConnector()

/** The connector with one service another. */
function bent(id: string, change: (contract: ServiceContract) => Partial<ServiceContract>): ConnectorDeclaration {
  return {
    ...hall,
    services: hall.services.map((service) =>
      service.contract.id === id ? { ...service, contract: { ...service.contract, ...change(service.contract) } } : service,
    ),
  }
}
const policy = (change: (policy: BookingPolicy) => Partial<BookingPolicy>) =>
  bent('room', ({ booking }) => ({ booking: { ...(booking as BookingPolicy), ...change(booking as BookingPolicy) } }))
const deed = (id: string, change: Partial<BookingDeed>) =>
  bent(id, ({ booking }) => ({ booking: { ...(booking as BookingDeed), ...change } }))

t.test('what a booking must say', async (t) => {
  t.same(checkDeclarations([hall], kinds), [])
  const told = (connector: ConnectorDeclaration, words: RegExp) => t.match(checkDeclarations([connector], kinds).join('\n'), words)
  told(
    bent('room', ({ booking: _, ...rest }) => ({ ...rest, booking: undefined as never })),
    /kind booking and a booking policy/,
  )
  told(
    policy(() => ({ slots: undefined as never })),
    /either slots or days/,
  )
  told(
    policy(() => ({ days: { input: 'session', from: '08:00', until: '17:00' } })),
    /either slots or days/,
  )
  told(
    policy(({ slots }) => ({ slots: { ...(slots as NonNullable<typeof slots>), service: 'nowhere' } })),
    /no service of the connector: nowhere/,
  )
  told(
    policy(({ slots }) => ({ slots: { ...(slots as NonNullable<typeof slots>), left: 'session' } })),
    /no such field for left/,
  )
  told(
    policy(({ slots }) => ({ slots: { ...(slots as NonNullable<typeof slots>), input: 'nothing' } })),
    /no required input: nothing/,
  )
  told(
    policy(({ states }) => ({ states: { ...states, confirmed: ['no-such-code'] } })),
    /^rooms\.room: booking\.states\.confirmed: stand has no code no-such-code$/m,
  )
  told(
    policy(() => ({ people: 'session' })),
    /people is no number/,
  )
  told(
    policy(() => ({ reference: 'slotted' })),
    /no such field: slotted/,
  )
  told(
    policy(() => ({ status: { sid: 'hall.confirm' } })),
    /different services of the agency/,
  )
  told(
    policy(({ rules }) => ({ rules: { ...rules, most: 0 } })),
    /nobody could book/,
  )
  told(
    policy(({ rules }) => ({ rules: { ...rules, child: { under: 14 } } })),
    /nobody is a child/,
  )
  told(
    policy(({ rules: { cancelHours: _, ...rules } }) => ({ rules })),
    /say nothing of cancel/,
  )
  told(
    policy(({ rules: { entry: _, ...rules } }) => ({ rules })),
    /how long an entry code lives/,
  )
  told(deed('room-cancel', { of: 'sessions' }), /takes bookings: sessions/)
  told(deed('room-code', { image: 'nothing' }), /no such field: nothing/)
  told(
    bent('room-move', () => ({ inputs: {} })),
    /another time, or another number/,
  )
  told(
    bent('room', () => ({ identity: 'none' })),
    /a caller who is known/,
  )
  told(
    bent('room', () => ({ face: { maxAgeSeconds: 60, once: true } })),
    /spends no face verification/,
  )
})
