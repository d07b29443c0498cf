import t from 'tap'
import { bookingConnector } from '../../../helper/booking-connector.ts'
import { build } from '../../../helper/hub.ts'

const FREEZE = Date.parse('2026-06-30T20:00:00+08:00')
const OPEN = Date.parse('2026-11-27T10:00:00+08:00')
const calendar = { freezes: [{ title: '年度盘点', from: '06-30T17:30', to: '07-01T12:00' }] }

t.test('while the agency changes nothing, nothing is booked, moved, given back or removed; a code is shown', async (t) => {
  const clock = { at: OPEN }
  const rooms = bookingConnector()
  const declarations = [{ ...rooms, upstream: { ...rooms.upstream, calendar } }]
  const hub = await build(t, { declarations, calendarClock: { at: () => clock.at } })
  let keys = 0
  const post = (service: string, body: object) =>
    hub.post(`/v1/rooms/${service}`, { body, headers: { 'idempotency-key': `closed-test-${++keys}` } })
  const made = await post('room', { session: 'H1', guests: 1 })
  t.equal(made.statusCode, 201, made.body)
  const { id: booking, state } = made.json().data
  t.equal(state, 'confirmed')

  clock.at = FREEZE
  const told = { code: 'HUB_AGENCY_CLOSED', until: '2026-07-01T12:00:00+08:00' }
  t.match((await post('room', { session: 'H1', guests: 1 })).json(), told)
  for (const [deed, body] of [
    ['room-move', { session: 'H3' }],
    ['room-cancel', {}],
  ] as const)
    t.match((await post(deed, { booking, ...body })).json(), told, deed)
  t.match((await hub.get(`/v1/rooms/room/${booking}`)).json(), { data: { state: 'confirmed' } })
  t.equal((await post('room-code', { booking })).statusCode, 200)

  clock.at = OPEN
  t.equal((await post('room-cancel', { booking })).json().data.state, 'cancelled')
  clock.at = FREEZE
  t.match((await post('room-remove', { booking })).json(), told)
})
