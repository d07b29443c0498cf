import t from 'tap'
import { decideAt } from '../../../plugins/sandbox/agencies/visit.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { bindAccounts } from '../../../test/helper/accounts.ts'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import museum from '../index.ts'

const AT = '/v1/science-museum'

interface Slot {
  visitDate: string
  slotNumber: string
  placesLeft: number
  bookable: boolean
}

let keys = 0
const key = () => ({ 'idempotency-key': `museum-test-${++keys}` })

t.test('the promise has not shrunk', async (t) => {
  t.equal(promisesOf('science-museum').length, 13)
})

t.test('科技馆', async (t) => {
  let ahead = 0
  const pace = { baseMs: 50, maxMs: 200, settleMs: 100 }
  const hub = await build(t, { declarations: [museum], jobs: { sweepMs: 50, pace, bookingNow: () => Date.now() + ahead } })
  const sandbox = hub.app.sandbox as Sandbox
  const slots = async (as = {}): Promise<Slot[]> => (await hub.get(`${AT}/visit-slots?pageSize=100`, as)).json().data
  const post = (service: string, body: object, as: object = {}, headers: Record<string, string> = key()) =>
    hub.post(`${AT}/${service}`, { ...as, headers, body })
  const visitors = async (person = 1) => (await hub.get(`${AT}/visitor-list`, { person })).json().data as { visitorNumber: string }[]
  const gate = (code: string, changes = {}, connector = 'science-museum') => {
    const { headers, body, url } = sandbox.callbacks.make('science-museum', { serial: '', reference: code }, changes)
    return hub.app.inject({ method: 'POST', url: `/v1/entry-codes/${connector}${new URL(url, 'http://x').search}`, headers, payload: body })
  }

  await t.test('nobody books without an account there', async (t) => {
    t.match((await hub.get(`${AT}/visitor-list`)).json(), { code: 'HUB_ACCOUNT_UNBOUND' })
    const [slot] = await slots()
    t.ok(slot, 'days and sessions need a login only')
    t.equal((await hub.app.inject(`${AT}/visit-slots`)).statusCode, 401)
  })
  await bindAccounts(hub, [museum])
  const open = (await slots()).filter(({ bookable }) => bookable)
  const late = open.slice(-6)
  const wish = ({ visitDate, slotNumber }: Slot, ...who: string[]) => ({ visitDate, timeSlot: slotNumber, visitors: who })
  const SELF = 'GZ10000101'
  const CHILD = 'GZ10000102'

  await t.test('the museum is closed on Mondays', async (t) => {
    for (const { visitDate } of open) t.not(new Date(`${visitDate}T00:00:00Z`).getUTCDay(), 1)
  })

  await t.test('visitors are added, changed and taken off the list, with a number that can be', async (t) => {
    const wrong = await post('visitor-add', { personName: '贾小样', idType: '1', idNumber: '411024201404010003' })
    t.match(wrong.json(), { code: 'HUB_VALIDATION', errors: [{ pointer: '/body/idNumber' }] })
    const passport = { personName: '贾小样', idType: '2', idNumber: 'e12345678' }
    t.match((await post('visitor-add', passport)).json(), { code: 'HUB_VALIDATION' }, 'a passport tells no birthday')
    const added = await post('visitor-add', { personName: '贾小样', idType: '1', idNumber: '411024201404010002' })
    t.equal(added.statusCode, 200, added.body)
    const { visitorNumber } = added.json().data
    t.match((await visitors()).at(-1), { personName: '贾*样', idNumber: '411***********0002', visitorNumber, visitorKind: { code: '2' } })
    t.notMatch(
      (await visitors(2)).map(({ visitorNumber: number }) => number),
      [visitorNumber],
    )
    t.equal((await post('visitor-update', { ...passport, birthDate: '2014-04-01', visitorNumber })).statusCode, 200)
    t.match((await visitors()).at(-1), { idType: { code: '2' }, idNumber: 'E12**5678' })
    t.equal((await post('visitor-delete', { visitorNumber }, { person: 2 })).statusCode, 502, 'not of somebody else’s list')
    t.equal((await post('visitor-delete', { visitorNumber })).statusCode, 200)
    t.notOk((await visitors()).some((one) => one.visitorNumber === visitorNumber))
  })

  await t.test('booked, shown, moved, given back', async (t) => {
    const [first, second, third] = late as [Slot, Slot, Slot]
    const once = key()
    const made = await post('booking-create', wish(first, SELF, CHILD), {}, once)
    t.equal(made.statusCode, 201, made.body)
    const booking = made.json().data
    t.match(booking, {
      state: 'confirmed',
      people: 2,
      bookingNumber: /^KG/,
      bookingQrCode: `${AT}/booking-qr-code`,
      reschedulesLeft: 2,
      visitors: [{ name: '贾*' }, { name: '贾*满', idNumber: '411***********0007' }],
      history: [{ state: 'requested' }, { state: 'held' }, { state: 'confirmed' }],
    })
    t.equal((await post('booking-create', wish(first, SELF, CHILD), {}, once)).json().data.id, booking.id, 'the same key, once')
    t.equal((await slots()).find(({ slotNumber }) => slotNumber === first.slotNumber)?.placesLeft, first.placesLeft - 2)
    t.match((await post('booking-create', wish(first, CHILD, SELF))).json(), { code: 'HUB_BOOKING_VISITOR' }, 'nobody twice in one session')
    t.match((await hub.get(`${AT}/booking-list`)).json().data[0], { bookingNumber: booking.bookingNumber, visitors: [{}, {}] })
    t.equal((await hub.get(booking.statusUrl, { person: 2 })).statusCode, 404, 'another’s booking is not there')

    const codes = await post('booking-qr-code', { booking: booking.id })
    t.match(codes.json(), { code: 'HUB_SEVERAL_RECORDS', choices: { parameter: 'visitor' } })
    const shown = (await post('booking-qr-code', { booking: booking.bookingNumber, visitor: booking.visitors[0].id })).json().data
    t.match(shown, { bookingQrCode: /^data:image\/png;base64,iVBOR/, visitor: '贾*' })
    t.match((await gate(shown.code)).json().data, { state: 'early', visitor: null })

    const moved = await post('booking-reschedule', { booking: booking.id, timeSlot: second.slotNumber, visitDate: second.visitDate })
    t.equal(moved.statusCode, 201, moved.body)
    t.match(moved.json().data, { state: 'confirmed', slotNumber: second.slotNumber, reschedulesLeft: 1 })
    t.match((await gate(shown.code)).json().data, { state: 'void' }, 'a code dies with the time that it was for')
    t.equal((await slots()).find(({ slotNumber }) => slotNumber === first.slotNumber)?.placesLeft, first.placesLeft)
    const again = { booking: booking.id, timeSlot: third.slotNumber, visitDate: third.visitDate }
    t.equal((await post('booking-reschedule', again)).statusCode, 201)
    t.match((await post('booking-reschedule', { ...again, timeSlot: first.slotNumber, visitDate: first.visitDate })).json(), {
      code: 'HUB_BOOKING_RULE',
      detail: /最多改签 2 次/,
    })
    t.match((await post('booking-delete', { booking: booking.id })).json(), { code: 'HUB_BOOKING_STATE' })
    t.equal((await post('ticket-refund', { booking: booking.id }, { person: 2 })).statusCode, 404)
    t.match((await post('ticket-refund', { booking: booking.id })).json().data, { state: 'refunded', final: true, bookingQrCode: null })
    t.match((await post('booking-qr-code', { booking: booking.id })).json(), { code: 'HUB_BOOKING_STATE' })
    t.equal((await slots()).find(({ slotNumber }) => slotNumber === third.slotNumber)?.placesLeft, third.placesLeft)
    t.equal((await post('booking-delete', { booking: booking.id })).statusCode, 201)
    t.equal((await hub.get(booking.statusUrl)).statusCode, 404)
    t.notMatch((await hub.get(`${AT}/booking-list`)).body, booking.bookingNumber)
  })

  await t.test('a child comes with somebody of age, and everybody from one’s own list', async (t) => {
    const [first] = late as [Slot]
    t.match((await post('booking-create', wish(first, CHILD))).json(), { code: 'HUB_BOOKING_RULE', detail: /未满 14 周岁/ })
    t.match((await post('booking-create', wish(first, 'GZ10000201'))).json(), {
      code: 'HUB_VALIDATION',
      errors: [{ pointer: '/body/visitors/0' }],
    })
    t.match((await post('booking-create', { ...wish(first, SELF), visitDate: '2020-01-01' })).json(), { code: 'HUB_BOOKING_SLOT' })
  })

  await t.test('at the gate: once, in time, for one visitor', async (t) => {
    const [first] = late as [Slot]
    const { data: booking } = (await post('booking-create', wish(first, SELF, CHILD))).json()
    const [self, child] = booking.visitors as { id: string }[]
    const show = async (visitor?: { id: string }) =>
      (await post('booking-qr-code', { booking: booking.id, ...(visitor ? { visitor: visitor.id } : {}) })).json().data as { code: string }
    const begins = Date.parse(booking.startsAt)
    ahead = begins - 31 * 60_000 - Date.now()
    const early = await show(self)
    t.match((await gate(early.code)).json().data, { state: 'early' })
    ahead += 4 * 60_000
    t.match((await gate(early.code)).json().data, { state: 'past' }, 'three minutes, and no longer')
    const own = await show(self)
    const theirs = await show(child)
    t.equal((await gate(own.code, { forged: true })).statusCode, 401, 'whoever is no gate is told nothing')
    t.equal((await gate(own.code, { unsigned: true })).statusCode, 401)
    t.equal((await gate(own.code, {}, 'police')).statusCode, 404)
    t.match((await gate(`${own.code.slice(0, -1)}${own.code.endsWith('A') ? 'B' : 'A'}`)).json().data, { state: 'void' })
    const answers = await Promise.all([gate(own.code), gate(own.code)])
    t.same(answers.map((answer) => answer.json().data.state).sort(), ['used', 'valid'], 'two scanners at once let one in')
    t.match((await gate(own.code)).json().data, { state: 'used', visitor: '贾*', usedAt: /^\d{4}/ })
    t.match((await hub.get(booking.statusUrl)).json().data, { state: 'used', visitors: [{ usedAt: /^\d{4}/ }, { usedAt: null }] })
    t.match((await gate((await show()).code)).json().data, { state: 'valid', visitor: '贾*满' }, 'the other one’s is another code')
    t.match((await gate(theirs.code)).json().data, { state: 'used' })
    t.match((await post('booking-qr-code', { booking: booking.id })).json(), { code: 'HUB_BOOKING_STATE' }, 'everybody is in')
    t.match((await post('booking-cancel', { booking: booking.id })).json(), { code: 'HUB_BOOKING_STATE' })
    ahead = 0
  })

  await t.test('what was given back at the museum itself opens nothing', async (t) => {
    const [, , , , last] = late as Slot[]
    const { data: booking } = (await post('booking-create', wish(last as Slot, SELF))).json()
    sandbox.faults.set({ kind: 'values', sid: '/api/bookings/state', times: 1, values: { yyzt: '"3"' } })
    t.match((await post('booking-qr-code', { booking: booking.id })).json(), { code: 'HUB_BOOKING_STATE', detail: /已经在对方系统取消/ })
    t.match((await hub.get(booking.statusUrl)).json().data, { state: 'cancelled' })
    t.same(await hub.app.database('booking_seats').where({ booking_id: booking.id }), [])
  })

  await t.test('a way back from the museum that another began binds nothing', async (t) => {
    const begin = async (person: number) => {
      const begun = await hub.post('/v1/me/accounts/science-museum/authorise', { person })
      return { page: begun.json().data.url as string, cookie: String(begun.headers['set-cookie']).split(';', 1)[0] ?? '' }
    }
    const [own, another] = [await begin(1), await begin(2)]
    const { pathname, search } = await decideAt(own.page, 1)
    t.match((await hub.app.inject({ url: pathname + search, headers: { cookie: another.cookie } })).body, /授权链接已失效/)
  })

  await t.test('no name and no paper is readable in the store or the log', async (t) => {
    const tables = ['bookings', 'booking_seats', 'booking_acts', 'booking_events', 'acts', 'audit_rows', 'submissions']
    const stored = await Promise.all(tables.map(async (table) => JSON.stringify(await hub.app.database(table).select())))
    t.ok(stored[0]?.includes('cancelled') && stored[4]?.includes('visitor-add'), 'there is something to look at')
    for (const text of [...stored, hub.logged()])
      for (const secret of ['贾明', '贾小满', '贾小样', '41100219900101000X', '411002201605200007', '411024201404010002', 'E12345678'])
        t.notOk(text.includes(secret), secret)
    for (const token of sandbox.agencyOAuth.issued()) t.notOk(hub.logged().includes(token))
  })
})
