import t from 'tap'
import { bindAccounts } from '../../../test/helper/accounts.ts'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import cemetery from '../index.ts'

const AT = '/v1/martyrs-cemetery'
const dayAhead = (days: number) => new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10)

let keys = 0
const key = () => ({ 'idempotency-key': `cemetery-test-${++keys}` })

t.test('the promise has not shrunk', async (t) => {
  t.equal(promisesOf('martyrs-cemetery').length, 12)
})

t.test('烈士陵园', async (t) => {
  const pace = { baseMs: 50, maxMs: 200, settleMs: 100 }
  const hub = await build(t, { declarations: [cemetery], jobs: { sweepMs: 50, pace } })
  await hub.app.listen({ port: 0, host: '127.0.0.1' })
  const post = async (service: string, body: object, as: object = {}) =>
    (await hub.post(`${AT}/${service}`, { ...as, headers: key(), body })).json()
  const mine = async (as = {}): Promise<{ bookingNumber: string }[]> => (await hub.get(`${AT}/booking-list`, as)).json().data
  const contact = { guideRequired: true, contactName: '贾明', contactPhone: '13900000000' }
  const alone = { ...contact, bookingType: '1', visitDate: dayAhead(2), visitorCount: 2 }
  const group = { ...contact, bookingType: '2', visitDate: dayAhead(9), visitorCount: 120, activityDescription: '新生入学教育' }

  await t.test('pages and news are everybody’s, and nobody is asked who they are', async (t) => {
    const features = (await hub.app.inject(`${AT}/online-features`)).json().data
    t.same(
      features.map(({ feature }: { feature: { name: string } }) => feature.name),
      ['全景预览', '语音导览', '清明祭英烈', '红色资讯'],
    )
    for (const [service, page] of [
      ['panorama-preview', 'h5/panorama'],
      ['audio-guide', 'h5/audio-guide'],
      ['qingming-memorial', 'h5/qingming'],
    ] as const) {
      const shown = await hub.app.inject({ method: 'POST', url: `${AT}/${service}`, payload: {} })
      const { url } = shown.json().data
      t.ok(String(url).endsWith(`/pages/martyrs-cemetery/${page}`), url)
      t.same(Object.keys(shown.json().data), ['url'])
      t.match(await (await fetch(url)).text(), /许昌市烈士陵园管理处线上服务平台的页面/)
      t.match((await hub.app.inject(`/hall/martyrs-cemetery/${service}`)).body, new RegExp(`href="[^"]*/${page}"`))
    }
    const news = (await hub.app.inject(`${AT}/red-news?newsKind=2`)).json().data
    t.equal(news.length, 2)
  })

  await t.test('what is one’s own needs an account there', async (t) => {
    t.match(await post('authorized-entry', {}), { code: 'HUB_ACCOUNT_UNBOUND' })
    t.equal((await hub.app.inject({ method: 'POST', url: `${AT}/authorized-entry`, payload: {} })).statusCode, 401)
    t.match(await post('individual-booking', alone), { code: 'HUB_ACCOUNT_UNBOUND' })
    await bindAccounts(hub, [cemetery])
    t.match(await post('authorized-entry', {}), { data: { asks: true, facts: [{ id: 'account.externalId' }] } })
  })

  await t.test('each type has its own way and rules', async (t) => {
    t.match(await post('individual-booking', { ...alone, bookingType: '2' }), { code: 'HUB_VALIDATION' })
    t.match(await post('individual-booking', { ...alone, visitorCount: 10 }), { code: 'HUB_BOOKING_RULE', detail: /最多预约 9 人/ })
    t.match(await post('individual-booking', { ...alone, visitDate: dayAhead(31) }), { code: 'HUB_BOOKING_SLOT' })
    t.match(await post('group-booking', { ...group, visitDate: dayAhead(0) }), { code: 'HUB_BOOKING_SLOT' }, 'planned the day before')
    const { activityDescription: _, ...silent } = group
    t.match(await post('group-booking', silent), { code: 'HUB_VALIDATION' })
  })

  await t.test('bookings of every type are changed and given back in one place', async (t) => {
    const made = {
      individual: (await post('individual-booking', alone)).data,
      group: (await post('group-booking', group)).data,
      volunteer: (await post('volunteer-booking', { ...group, bookingType: '3', visitorCount: 8, activityDescription: '清扫墓区' })).data,
    }
    for (const booking of Object.values(made)) t.match(booking, { state: 'confirmed', bookingNumber: String, guideRequired: true })
    t.match(await mine(), [
      { bookingType: { name: '预约志愿者' }, visitorCount: 8, activityDescription: '清扫墓区', contactName: '贾*' },
      { bookingType: { name: '团队预约' } },
      { bookingType: { name: '个人预约' }, visitDate: alone.visitDate },
      { bookingState: { name: '已参观' } },
    ])
    t.equal((await mine({ person: 2 })).length, 1, 'another sees his own')

    const changed = await post('booking-update', { booking: made.group.id, visitDate: dayAhead(10), visitorCount: 80 })
    t.match(changed.data, { id: made.group.id, visitDate: dayAhead(10), people: 80, bookingType: { name: '团队预约' } })
    const again = { ...alone, booking: made.individual.bookingNumber, guideRequired: false }
    t.match(
      (await post('booking-update', again)).data,
      { guideRequired: false, visitDate: alone.visitDate },
      'all said anew, one thing changed',
    )
    t.match(await post('booking-update', again), { code: 'HUB_BOOKING_STATE' }, 'nothing changed')
    t.match(
      await post('booking-update', { booking: made.individual.id, bookingType: '2' }),
      { code: 'HUB_VALIDATION', errors: [{ pointer: '/body/bookingType', detail: /只有个人预约/ }] },
      'another type is another booking',
    )
    t.match(
      await post('booking-update', { booking: made.individual.id, visitorCount: 20 }),
      { code: 'HUB_BOOKING_RULE' },
      'rules of its own type',
    )
    t.match(await post('booking-delete', { booking: made.group.id }, { person: 2 }), { code: 'HUB_NO_RECORD' }, 'not another’s')
    for (const { id } of [made.volunteer, made.individual])
      t.match(await post('booking-delete', { booking: id }), { data: { id, state: 'cancelled' } })
    t.same(
      (await mine()).map(({ bookingNumber }) => bookingNumber).slice(0, -1),
      [made.group.bookingNumber],
      'what was given back is off the list',
    )
  })
})
