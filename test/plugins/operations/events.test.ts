import t from 'tap'
import { askEvents } from '../../../plugins/operations/events/ask.ts'
import { createEventCounter } from '../../../plugins/operations/events/counter.ts'
import { createEventSources, type EventSource } from '../../../plugins/operations/events/sources.ts'
import { openStore } from '../../helper/filing.ts'
import { build } from '../../helper/hub.ts'
import { call } from '../../helper/identity.ts'
import { targets } from '../../helper/targets.ts'
import { readXlsx } from '../../helper/xlsx.ts'

const app: EventSource = {
  ...{ id: 'app', name: '我的许昌', enabled: true, changedBy: 'somebody', changedAt: 1 },
  names: { page: { '/home': '首页', '/bus': '公交' }, arrival: { campaign: '推广活动' } },
}
/** 08:30 in Beijing. */
const AT = Date.parse('2026-11-20T00:30:00Z')
const DAYS = { from: '2026-11-20', to: '2026-11-21' }

for (const target of targets)
  t.test(`${target.name}: events are counted by the hour, and nobody is kept`, async (t) => {
    const store = await openStore(target)
    t.teardown(() => store.close())
    const { database } = store
    let now = AT
    const [counter, other] = [createEventCounter(database, () => now), createEventCounter(database, () => now)]
    const page = (name: string, seconds?: number) => ({ kind: 'page' as const, name, ...(seconds === undefined ? {} : { seconds }) })
    t.equal(
      counter.count(app, [page('/home', 10), page('/home', 20), page('/bus'), page('/secret?id=1'), page('constructor')], 'install-1'),
      5,
    )
    t.equal(counter.count(app, [{ kind: 'click', name: 'pay' }], 'install-9'), 0, 'of a kind that it may not send')
    other.count(app, [page('/home'), { kind: 'arrival', name: 'campaign' }], 'install-2')
    other.count(app, [page('/home')], null)
    await Promise.all([counter.flush(), other.flush()])
    await counter.flush()
    now += 24 * 3_600_000
    counter.count({ ...app, id: 'site' }, [page('/home')], 'install-1')
    await counter.flush()

    const ask = (more: object = {}) => askEvents(database, { by: 'name', kind: 'page', ...DAYS, ...more })
    t.strictSame(await ask({ source: 'app' }), [
      { key: '/home', times: 4, seconds: 30, meanSeconds: 8, installs: null },
      { key: '', times: 2, seconds: 0, meanSeconds: 0, installs: null },
      { key: '/bus', times: 1, seconds: 0, meanSeconds: 0, installs: null },
    ])
    t.match(await ask({ by: 'day' }), [
      { key: '2026-11-20', times: 7, installs: 2 },
      { key: '2026-11-21', times: 1, installs: 1 },
    ])
    t.match(await ask({ by: 'source' }), [
      { key: 'app', installs: 2 },
      { key: 'site', installs: 1 },
    ])
    t.match(await ask({ by: 'hour', name: '/home' }), [
      { key: '2026-11-20 08', times: 4, installs: null },
      { key: '2026-11-21 08', times: 1 },
    ])
    t.match(await ask({ kind: 'arrival' }), [{ key: 'campaign', times: 1 }])
    const kept = JSON.stringify(await Promise.all(['event_statistics', 'caller_statistics'].map((table) => database(table).select())))
    t.notMatch(kept, /install-\d|secret/, 'neither an installation nor a name of nobody')

    const sources = createEventSources(database)
    t.ok(await sources.add(app))
    t.notOk(await sources.add(app), 'there is one')
    t.ok(await sources.change('app', { enabled: false }))
    t.strictSame(await sources.find('app'), { ...app, enabled: false })
    t.equal((await sources.list({ page: 2, pageSize: 1 })).rows.length, 0)
    t.ok(await sources.remove('app'))
    t.notOk(await sources.remove('app'))
    t.equal((await ask({ source: 'app' })).length, 3, 'what was counted stays')
  })

t.test('what could not be written is counted with the next', async (t) => {
  const [target] = targets
  if (!target) return
  const store = await openStore(target)
  t.teardown(() => store.close())
  const counter = createEventCounter(store.database, () => AT)
  await store.database.schema.renameTable('event_statistics', 'away')
  counter.count(app, [{ kind: 'page', name: '/home' }], 'install-1')
  await t.rejects(counter.flush())
  await store.database.schema.renameTable('away', 'event_statistics')
  counter.count(app, [{ kind: 'page', name: '/home' }], 'install-1')
  await counter.flush()
  t.match(await askEvents(store.database, { by: 'day', kind: 'page', ...DAYS }), [{ times: 2, installs: 1 }])
})

t.test('an app tells what is done in it, without a token; administrators say what it may tell', async (t) => {
  const hub = await build(t, { env: { STATISTICS_FEWEST_PEOPLE: '1' } })
  const purpose = '接入应用内统计'
  const admin = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) =>
    call(hub, method, `/admin/${path}`, { person: 1, ...(body ? { body } : {}) })
  const post = (payload: object, headers: Record<string, string> = {}) =>
    hub.app.inject({ method: 'POST', url: '/v1/events', payload, headers })
  const batch = (more: object = {}) => ({ source: 'app', events: [{ kind: 'page', name: '/home', seconds: 5 }], ...more })

  t.equal((await post(batch())).json().code, 'HUB_NO_RECORD', 'nobody said that it may')
  const added = await admin('POST', 'event-sources', { id: 'app', name: '我的许昌', names: app.names, purpose })
  t.equal(added.statusCode, 201)
  t.match(added.json().data, { id: 'app', enabled: true, names: { page: { '/home': '首页' } } })
  t.equal((await admin('POST', 'event-sources', { id: 'app', name: '又一个', names: {}, purpose })).json().code, 'HUB_VALIDATION')
  const taken = await post(
    batch({
      events: [
        { kind: 'page', name: '/home' },
        { kind: 'click', name: 'pay' },
      ],
    }),
  )
  t.equal(taken.statusCode, 202)
  t.match(taken.json().data, { counted: 1, ignored: 1 })
  const install = 'a'.repeat(32)
  await post(batch({ install }), { authorization: 'Bearer of-nobody' })
  await post(batch({ install: 'b'.repeat(32), consent: true }))
  await post(batch({ install: hub.app.events.slips.make().slip }))
  await hub.app.events.flush()
  const read = async (query: string) => (await admin('GET', `statistics/pages${query}`)).json()
  t.match((await read('?page=/home')).data, [{ key: '/home', name: '首页', times: 4, seconds: 15 }])
  t.match((await read('?by=source')).data, [{ key: 'app', name: '我的许昌', installs: 1 }], 'one has a slip')
  const workbook = await admin('GET', 'statistics/pages?format=xlsx')
  t.match(JSON.stringify(await readXlsx(workbook.rawPayload)), /首页/)

  const event = { kind: 'page', name: '/home' }
  for (const [why, payload] of Object.entries({
    'names another user': batch({ userId: 'a0000000-0000-4000-8000-000000000001' }),
    'an event that does': batch({ events: [{ ...event, user: 'x' }] }),
    'too many': batch({ events: Array.from({ length: 51 }, () => event) }),
    none: batch({ events: [] }),
    'free text': batch({ events: [{ ...event, name: '我叫某某' }] }),
    'a long name': batch({ events: [{ ...event, name: 'x'.repeat(129) }] }),
    'an unknown kind': batch({ events: [{ ...event, kind: 'keystroke' }] }),
    'more than a day': batch({ events: [{ ...event, seconds: 86_401 }] }),
    'half a second': batch({ events: [{ ...event, seconds: 0.5 }] }),
  }))
    t.equal((await post(payload)).json().code, 'HUB_VALIDATION', why)
  t.equal((await post({ ...batch(), padding: 'x'.repeat(100_000) })).statusCode, 413)

  t.equal((await admin('PATCH', 'event-sources/app', { purpose })).json().code, 'HUB_VALIDATION', 'nothing to change')
  t.equal((await admin('PATCH', 'event-sources/none', { enabled: false, purpose })).json().code, 'HUB_NO_RECORD')
  await admin('PATCH', 'event-sources/app', { enabled: false, purpose })
  t.equal((await post(batch())).json().code, 'HUB_NO_RECORD', 'at once')
  t.match((await admin('GET', 'event-sources')).json(), { data: [{ id: 'app', enabled: false }], meta: { page: { total: 1 } } })
  t.equal((await admin('POST', 'event-sources/app/remove', { purpose })).statusCode, 200)
  t.equal((await admin('POST', 'event-sources/app/remove', { purpose })).json().code, 'HUB_NO_RECORD')
  for (const query of ['?from=2026-01-01&to=2026-12-01', '?by=user', '?kind=x', '?user=1'])
    t.equal((await read(query)).code, 'HUB_VALIDATION', query)
  const responses = await Promise.all(Array.from({ length: 60 }, () => post(batch())))
  t.ok(
    responses.some(({ statusCode }) => statusCode === 429),
    'of one address so many a minute',
  )
})
