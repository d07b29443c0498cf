import t from 'tap'
import { bindAccounts } from '../../../test/helper/accounts.ts'
import { bringFile } from '../../../test/helper/bring-file.ts'
import { png } from '../../../test/helper/file-bytes.ts'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import xulin from '../index.ts'

const AT = '/v1/xulin'

let keys = 0
const key = () => ({ 'idempotency-key': `xulin-test-${++keys}` })

t.test('the promise has not shrunk', async (t) => {
  t.equal(promisesOf('xulin').length, 9)
})

t.test('许邻e家', async (t) => {
  const pace = { baseMs: 50, maxMs: 200, settleMs: 100 }
  const hub = await build(t, { declarations: [xulin], jobs: { sweepMs: 50, pace } })
  const post = async (service: string, body: object, as: object = {}) =>
    (await hub.post(`${AT}/${service}`, { ...as, headers: key(), body })).json()
  const read = async (service: string, as = {}) => (await hub.get(`${AT}/${service}`, as)).json().data
  const contactPhone = '13900000000'

  await t.test('lists need a login, what is one’s own an account there', async (t) => {
    t.equal((await hub.app.inject(`${AT}/activity-list`)).statusCode, 401)
    t.match(await read('government-services'), [{ itemName: '生育登记' }, {}, {}])
    t.match((await hub.get(`${AT}/grid-updates`)).json(), { code: 'HUB_ACCOUNT_UNBOUND' })
    t.match(await post('social-insurance', {}), { code: 'HUB_ACCOUNT_UNBOUND' })
    await bindAccounts(hub, [xulin])
    t.match(await post('social-insurance', {}), { data: { asks: true, facts: [{ id: 'account.externalId' }] } })
  })

  await t.test('one’s own grid, and no other', async (t) => {
    t.match(await read('grid-updates?updateKind=2'), {
      grid: '示例社区第一网格',
      gridWorker: '样*甲',
      gridUpdates: [{ updateKind: { name: '网格工作' } }],
    })
    t.match(await read('grid-updates', { person: 2 }), { grid: '示例社区第二网格' })
  })

  await t.test('one signs up for what takes people', async (t) => {
    const [open, , full] = await read('activity-list')
    t.match(await post('activity-registration', { activityNumber: full.activityNumber, participants: 1, contactPhone }), {
      code: 'HUB_VALIDATION',
    })
    t.match(await post('activity-registration', { activityNumber: open.activityNumber, participants: 6, contactPhone }), {
      code: 'HUB_VALIDATION',
    })
    t.match(await post('activity-registration', { activityNumber: open.activityNumber, participants: 2, contactPhone }), {
      data: { stateName: String },
    })
    const [wanted] = await read('recruitment-list')
    t.match(await post('volunteer-recruitment', { recruitmentNumber: wanted.recruitmentNumber, contactPhone }), {
      data: { stateName: String },
    })
    t.match(await post('volunteer-recruitment', { recruitmentNumber: 'ZM0', contactPhone }), { code: 'HUB_VALIDATION' })
  })

  await t.test('a room is one party’s for the half day', async (t) => {
    const free = (await read('room-slots?pageSize=100')).filter(({ bookable }: { bookable: boolean }) => bookable)
    const [slot, other] = free.slice(-4)
    const wish = { slotNumber: slot.slotNumber, guests: 12, roomUse: '2', contactPhone }
    t.match(await post('function-room-booking', { ...wish, guests: 60 }), { code: 'HUB_BOOKING_FULL' })
    const { data: booking } = await post('function-room-booking', wish)
    t.match(booking, { state: 'confirmed', people: 12, roomUse: { name: '居民议事' } })
    t.match(await post('function-room-booking', wish, { person: 2 }), { code: 'HUB_BOOKING_SLOT' })
    t.match(await post('function-room-cancel', { booking: booking.id }, { person: 2 }), { code: 'HUB_NO_RECORD' })
    const moved = await post('function-room-reschedule', { booking: booking.id, slotNumber: other.slotNumber })
    t.match(moved, { data: { slotNumber: other.slotNumber, reschedulesLeft: 1 } })
    t.match(await post('function-room-cancel', { booking: booking.bookingNumber }), { data: { state: 'cancelled' } })
    t.match(await post('function-room-booking', wish, { person: 2 }), { data: { state: 'confirmed' } }, 'free again')
  })

  await t.test('a whistle is answered', async (t) => {
    const photo = await bringFile(hub, png, { mediaType: 'image/png', name: '井盖.png' })
    const issue = {
      issueKind: '02',
      place: { division: '411002', detail: '示例路 1 号院门口' },
      description: '雨水井盖破损，夜里有人绊倒。',
      photos: [photo],
      contactPhone,
    }
    const { place: _, ...nowhere } = issue
    t.match(await post('issue-report', nowhere), { code: 'HUB_VALIDATION' })
    const { data } = await post('issue-report', issue)
    t.match(data, { stateName: '已提交' })
    const mine = async (as = {}) => (await hub.get(`${AT}/issue-report`, as)).json().data
    t.match(await mine(), [{ id: data.id }])
    t.same(await mine({ person: 2 }), [])
  })

  await t.test('生育登记: a spouse’s id number is one that can be', async (t) => {
    const filed = {
      personName: '甄某',
      spousePaperType: '1',
      spousePaperNumber: '411024201404010003',
      childOrder: '1',
      expectedDate: '2027-03-01',
      residence: { division: '411002', detail: '示例路 1 号' },
      contactPhone,
      truthDeclaration: '2026-1',
    }
    t.match(await post('birth-registration', filed), { code: 'HUB_VALIDATION', errors: [{ pointer: '/body/spousePaperNumber' }] })
    t.match(await post('birth-registration', { ...filed, spousePaperType: '2', spousePaperNumber: 'E12345678' }), {
      data: { stateName: '已提交' },
    })
  })
})
