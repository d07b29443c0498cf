import { randomUUID } from 'node:crypto'
import t from 'tap'
import { bookingConnector } from '../../../helper/booking-connector.ts'
import { build, type Hub } from '../../../helper/hub.ts'
import { targets } from '../../../helper/targets.ts'

interface Answer {
  id?: string
  code?: string
  detail?: string
}

async function send(hub: Hub, service: string, person: number, body: object): Promise<[status: number, Answer]> {
  const headers = { 'idempotency-key': randomUUID() }
  const reply = await hub.post(`/v1/rooms/${service}`, { person, headers, body })
  const { data, ...problem } = reply.json()
  return [reply.statusCode, data ?? problem]
}

for (const target of targets)
  t.test(`${target.name}: whoever comes alone has one seat in a slot, and another when it was given back`, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const hub = await build(t, { store: settings, declarations: [bookingConnector()] })
    const book = (person: number, session: string) => send(hub, 'seat', person, { session })
    const [status, first] = await book(1, 'H1')
    t.equal(status, 201)
    t.match(await book(1, 'H1'), [409, { code: 'HUB_BOOKING_VISITOR', detail: /您在这个时段已有预约/ }])
    t.match(await Promise.all(Array.from({ length: 5 }, () => book(2, 'H1').then(([status]) => status))).then((all) => all.sort()), [
      ...[201, 409, 409, 409, 409],
    ])
    const [, other] = await book(1, 'H3')
    const moved = await send(hub, 'seat-move', 1, { booking: other.id, session: 'H1' })
    t.match(moved, [409, { code: 'HUB_BOOKING_VISITOR' }], 'nor by moving another one there')
    t.equal((await send(hub, 'seat-cancel', 1, { booking: first.id }))[0], 201)
    t.equal((await send(hub, 'seat-move', 1, { booking: other.id, session: 'H1' }))[0], 201)
    t.match(await book(1, 'H1'), [409, { code: 'HUB_BOOKING_VISITOR' }], 'what moved there counts')
    t.equal((await book(1, 'H3'))[0], 201)
  })
