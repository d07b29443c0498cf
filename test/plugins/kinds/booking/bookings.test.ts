import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Sandbox } from '../../../../plugins/sandbox/server.ts'
import { bookingConnector, HALL_DAY } from '../../../helper/booking-connector.ts'
import { build } from '../../../helper/hub.ts'
import { targets } from '../../../helper/targets.ts'

const AT = '/v1/rooms'
const PACE = { sweepMs: 50, pace: { baseMs: 50, maxMs: 100, settleMs: 100, leaseMs: 2000 } }

let keys = 0
const key = () => ({ 'idempotency-key': `hall-test-${++keys}` })
const BEGINS = Date.parse(`${HALL_DAY}T09:00:00+08:00`)

for (const target of targets)
  t.test(target.name, async (t) => {
    let ahead = 0
    const hub = await build(t, { target, declarations: [bookingConnector()], jobs: { ...PACE, bookingNow: () => Date.now() + ahead } })
    const sandbox = hub.app.sandbox as Sandbox
    const post = (service: string, body: object, as: object = {}, headers: Record<string, string> = key()) =>
      hub.post(`${AT}/${service}`, { ...as, headers, body })
    const take = (session: string, guests = 1, as: object = {}, headers = key()) => post('room', { session, guests }, as, headers)
    const left = async (session: string) =>
      (await hub.get(`${AT}/sessions`)).json().data.find((row: { session: string }) => row.session === session).left as number
    const look = async (url: string, state: string) => {
      for (const end = Date.now() + 8000; ; await sleep(20)) {
        const { data } = (await hub.get(url)).json()
        if (data.state === state || Date.now() > end) return data
      }
    }
    const toldOf = async (person: number): Promise<string[]> => {
      await hub.app.messages.settle()
      const { data } = (await hub.get('/v1/me/messages', { person })).json() as { data: { title: string; body: string }[] }
      return data.map(({ title, body }) => `${title}｜${body}`)
    }
    const fault = (kind: 'accepted-then-reset' | 'reset' | 'http-503' | 'refuse-submission', sid: string, times = 1) =>
      sandbox.faults.set({ kind, sid, times })

    await t.test('what the rules refuse never reaches the agency', async (t) => {
      t.match((await take('H9')).json(), { code: 'HUB_BOOKING_SLOT' })
      t.match((await take('H1', 21)).json(), { code: 'HUB_BOOKING_RULE', detail: '一次最多预约 20 人。' })
      t.match((await take('H2', 3)).json(), { code: 'HUB_BOOKING_FULL', detail: /只剩 2 个名额/ })
      t.match((await take('H1', 1, {}, {} as never)).json(), { code: 'HUB_IDEMPOTENCY_KEY_MISSING' })
      ahead = BEGINS - Date.now()
      t.match((await take('H1')).json(), { code: 'HUB_BOOKING_SLOT', detail: /不能再预约/ }, 'a session that has begun')
      ahead = -10 * 86_400_000
      t.match((await take('H1')).json(), { code: 'HUB_BOOKING_SLOT', detail: /最多提前 7 天/ })
      ahead = 0
      t.same([...sandbox.counts('booking')], [])
    })

    await t.test('an answer that is lost on its way: asked, never repeated', async (t) => {
      for (const [sid, state] of [
        ['hall.hold', 'requested'],
        ['hall.confirm', 'held'],
      ] as const) {
        fault('accepted-then-reset', sid)
        const made = await take('H1')
        t.equal(made.statusCode, 202, made.body)
        const { statusUrl, number, state: then } = made.json().data
        t.equal(then, state)
        t.equal(made.headers['location'], statusUrl)
        t.match(await look(statusUrl, 'confirmed'), { state: 'confirmed' })
        t.equal(sandbox.counts('booking').get(number), 1)
      }
      const told = await toldOf(1)
      t.match(told, [/^结果已查明：已预约｜“[^”]+”（[^）]+）的结果此前没有确认，现已查明：已预约。编号：/, /^结果已查明：已预约｜/])
      t.equal(told.length, 2, 'once for each doubt')
    })

    await t.test('an agency that is down, or says no', async (t) => {
      fault('reset', 'hall.hold')
      const cut = (await take('H3')).json().data
      t.match(await look(cut.statusUrl, 'failed'), { state: 'failed', lastError: /^HUB_UPSTREAM/ })
      fault('refuse-submission', 'hall.hold')
      const once = key()
      t.match((await take('H3', 1, {}, once)).json(), { code: 'HUB_UPSTREAM_REFUSED' })
      t.match((await take('H3', 1, {}, once)).json(), { code: 'HUB_UPSTREAM_REFUSED' }, 'told again as it was')
      t.match((await take('H3', 2, {}, once)).json(), { code: 'HUB_IDEMPOTENCY_CONFLICT' })
      t.equal(await left('H3'), 100)
    })

    await t.test('places that are held and cannot be confirmed go back', async (t) => {
      fault('refuse-submission', 'hall.confirm')
      fault('reset', 'hall.release')
      // Refused once, the agency says that it only holds them; by then it is too late.
      const made = (await take('H3', 5)).json().data
      t.equal(made.state, 'held')
      ahead = 121_000
      t.match(await look(made.statusUrl, 'failed'), { state: 'failed' })
      ahead = 0
      t.equal(await left('H3'), 100)
      t.same(await hub.app.database('booking_seats').where({ booking_id: made.id }), [])
    })

    await t.test('moved: into a full session the old one stays', async (t) => {
      const full = (await take('H2', 2)).json().data
      t.equal(full.state, 'confirmed')
      const booking = (await take('H1', 2)).json().data
      t.match((await post('room-move', { booking: booking.id, session: 'H2' })).json(), { code: 'HUB_BOOKING_FULL' })
      t.match((await hub.get(booking.statusUrl)).json().data, { state: 'confirmed', slot: 'H1', reschedulesLeft: 2 })
      const before = await left('H1')
      const once = key()
      fault('refuse-submission', 'hall.move')
      t.match((await post('room-move', { booking: booking.id, session: 'H3' }, {}, once)).json(), { code: 'HUB_UPSTREAM_REFUSED' })
      t.match((await post('room-move', { booking: booking.id, session: 'H3' }, {}, once)).json(), { code: 'HUB_UPSTREAM_REFUSED' })
      t.match((await post('room-move', { booking: booking.id, session: 'H1' }, {}, once)).json(), { code: 'HUB_IDEMPOTENCY_CONFLICT' })
      t.match((await hub.get(booking.statusUrl)).json().data, { state: 'confirmed', slot: 'H1', lastError: 'HUB_UPSTREAM_REFUSED' })
      const about = (text: string) => text.includes(booking.id)
      t.notOk((await toldOf(1)).some(about), 'whoever was answered is not told again')
      t.equal(await left('H1'), before)
      fault('accepted-then-reset', 'hall.move')
      const moved = await post('room-move', { booking: booking.id, session: 'H3', guests: 3 })
      t.equal(moved.statusCode, 202, moved.body)
      t.match(await look(booking.statusUrl, 'confirmed'), { slot: 'H3', people: 3, guests: 3 })
      t.equal(await left('H1'), before + 2)
      t.equal(await left('H3'), 97)
      t.match((await post('room-move', { booking: booking.id, guests: 4 })).json().data, { slot: 'H3', people: 4, reschedulesLeft: 0 })
      t.match((await post('room-cancel', { booking: booking.id })).json().data, { state: 'cancelled' })
      t.match((await post('room-cancel', { booking: booking.id })).json().data, { state: 'cancelled' }, 'what is so already is so')
      const twice = (await take('H1', 2)).json().data
      const key2 = key()
      const both = await Promise.all([0, 1].map(() => post('room-refund', { booking: twice.id }, {}, key2)))
      t.same(
        both.map(({ statusCode }) => [201, 202].includes(statusCode)),
        [true, true],
        'two at once with one key',
      )
      t.match(await look(twice.statusUrl, 'refunded'), { state: 'refunded' })
      t.match((await post('room-refund', { booking: full.id })).json().data, { state: 'refunded' })
      t.equal(await left('H2'), 2)
    })

    await t.test('too late is too late, and somebody else’s is not there', async (t) => {
      const booking = (await take('H1')).json().data
      for (const service of ['room-move', 'room-cancel', 'room-refund', 'room-remove', 'room-code'])
        t.match(
          (await post(service, { booking: booking.id, ...(service === 'room-move' ? { session: 'H3' } : {}) }, { person: 2 })).json(),
          {
            code: 'HUB_NO_RECORD',
          },
        )
      ahead = BEGINS - 24 * 3_600_000 + 1000 - Date.now()
      for (const service of ['room-cancel', 'room-refund', 'room-move'])
        t.match((await post(service, { booking: booking.id, ...(service === 'room-move' ? { session: 'H3' } : {}) })).json(), {
          code: 'HUB_BOOKING_RULE',
          detail: /须在 \d+月\d+日 09:00 之前办理/,
        })
      ahead = BEGINS + 2 * 3_600_000 + 1000 - Date.now()
      t.match(await look(booking.statusUrl, 'expired'), { state: 'expired', final: true }, 'nobody came')
      t.match((await post('room-code', { booking: booking.id })).json(), { code: 'HUB_BOOKING_STATE' })
      ahead = 0
      t.equal((await post('room-remove', { booking: booking.id })).statusCode, 201)
      t.notMatch((await hub.get(`${AT}/room`)).body, booking.id)
    })

    await t.test('what is being given back lets nobody in', async (t) => {
      const booking = (await take('H1', 2)).json().data
      ahead = BEGINS - Date.now()
      t.match((await post('room-code', { booking: booking.id }, { face: false })).json(), { code: 'HUB_FACE_REQUIRED' })
      const { code } = (await post('room-code', { booking: booking.id })).json().data
      const { rows, seats } = hub.app.bookings
      const { byId } = rows
      rows.byId = async (id) => {
        // Its user gives the booking back after the gate has looked at it, and the agency has not said so yet.
        rows.byId = byId
        const row = await byId(id)
        ahead = 0
        fault('accepted-then-reset', 'hall.cancel')
        t.match((await post('room-cancel', { booking: booking.id })).json().data, { state: 'cancelling' })
        ahead = BEGINS - Date.now()
        return row
      }
      t.match(await seats.enter('rooms', code), { state: 'void', visitor: null, usedAt: null })
      t.same(await hub.app.database('booking_seats').where({ booking_id: booking.id }).whereNotNull('used_at'), [])
      ahead = 0
      t.match(await look(booking.statusUrl, 'cancelled'), { state: 'cancelled' })
    })

    await t.test('a memorial: whole days, groups, changed as a whole', async (t) => {
      const day = (days: number) => new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10)
      const monday = Array.from({ length: 7 }, (_, days) => day(days + 1)).find((each) => new Date(each).getUTCDay() === 1) ?? ''
      const [first, second] = Array.from({ length: 9 }, (_, days) => day(days + 1)).filter((each) => new Date(each).getUTCDay() !== 1)
      const wish = { bookingType: '2', visitDate: first, visitorCount: 60, guide: true, contactPhone: '13900000000' }
      t.match((await post('tribute', { ...wish, visitDate: monday })).json(), { code: 'HUB_BOOKING_SLOT', detail: /这一天不开放/ })
      const made = await post('tribute', wish)
      t.match(made.json().data, { state: 'confirmed', people: 60, bookingType: { code: '2', name: '团队' }, visitDate: first })
      const { id } = made.json().data
      t.match((await post('tribute-change', { booking: id, visitorCount: 80 })).json().data, { people: 80, visitDate: first })
      t.match((await post('tribute-change', { booking: id, visitDate: second })).json().data, { people: 80, visitDate: second })
      t.match((await post('tribute-cancel', { booking: id })).json().data, { state: 'cancelled' })
    })

    await t.test('each call to the agency has its row, and nothing of a request stays readable', async (t) => {
      const rows: { record: string }[] = await hub.app.database('audit_rows').where({ connector: 'rooms' }).select('record')
      const told = new Set(rows.map(({ record }) => (JSON.parse(record) as { purpose: string | null }).purpose))
      for (const what of ['hold', 'confirm', 'reschedule', 'cancel', 'refund', 'release', 'status']) t.ok(told.has(what), what)
      t.notMatch(JSON.stringify(await hub.app.database('bookings').select()), '13900000000')
    })
  })
