import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import credit from '../../../connectors/credit/index.ts'
import { erase } from '../../../plugins/operations/deregister.ts'
import { mandates, people } from '../../../plugins/sandbox/people.ts'
import { actConnector } from '../../helper/act-connector.ts'
import { billing } from '../../helper/bills.ts'
import { closingConnector } from '../../helper/closing-connector.ts'
import { heededAfter } from '../../helper/heeded.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { auditOf } from '../../helper/queries.ts'
import { inOffice } from '../../helper/second-person.ts'
import { type Target, targets } from '../../helper/targets.ts'
import { found } from '../../helper/waiting.ts'

const moment = (text: string) => Date.parse(`${text}:00+08:00`)
const OPEN = moment('2026-11-27T10:00')
const EVENING = moment('2026-11-27T20:00')
const NIGHT = moment('2026-11-27T23:30')
const FREEZE = moment('2026-06-30T20:00')
const SUNDAY = moment('2026-11-29T03:00')
const purpose = '对方单位公告停机'

const closing = closingConnector()
const { calendar = {} } = closing.upstream
const library = { ...actConnector(), upstream: { ...actConnector().upstream, calendar } }
const declarations = [closing, library, credit, { ...billing(), upstream: { ...billing().upstream, calendar } }]
const jobs = { sweepMs: 50, pace: { baseMs: 20, maxMs: 50, settleMs: 50 } }

const clock: { at: number | null } = { at: OPEN }
const calendarClock = { at: () => clock.at }
const BALANCE = '/v1/demo/balance'

/** Closed now, by the clock on the wall. */
const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)
const around = { maintenance: [{ title: '搬迁', from: `${day(-2)}T00:00`, to: `${day(2)}T00:00` }] }
const demo = minimalConnector()
const moving = { ...demo, upstream: { ...demo.upstream, calendar: around } }

/** How a refusal looks: the code, when to come back and in how many seconds. */
const refusalIn = (response: LightMyRequestResponse) => {
  const { code, until, retryAfter } = response.json() as Record<string, unknown>
  return [response.statusCode, code, until, retryAfter, response.headers['retry-after']]
}
const refused = (until: string, seconds: number) => [503, 'HUB_AGENCY_CLOSED', `${until}:00+08:00`, seconds, String(seconds)]
const TILL_ONE = refused('2026-11-28T01:00', 5400)

t.test('a hub whose agencies close', async (t) => {
  const hub = await build(t, { declarations, jobs, calendarClock, messagesPace: { sweepMs: 50 } })
  const { app } = hub
  t.beforeEach(() => {
    clock.at = OPEN
  })

  t.test('a query in a window shows the asker’s own last answer, marked with its time, or when to come back', async (t) => {
    const fresh = await hub.get(BALANCE)
    t.equal(fresh.statusCode, 200, fresh.body)
    t.notOk(fresh.json().meta.closed)
    const stored = await app.database('last_answers').select()
    t.equal(stored.length, 1)
    t.notMatch(JSON.stringify(stored), String(fresh.json().data.amount), 'sealed')
    const calls = app.upstreams.get('demo')?.summary().calls

    clock.at = NIGHT
    const kept = await hub.get(BALANCE)
    t.same(kept.json().data, fresh.json().data)
    t.equal(kept.json().meta.asOf, fresh.json().meta.asOf, 'of when it was answered')
    t.not(kept.json().meta.traceId, fresh.json().meta.traceId)
    t.same(kept.json().meta.closed, { reason: '日终处理', until: '2026-11-28T01:00:00+08:00' })

    t.same(refusalIn(await hub.get(BALANCE, { person: 2 })), TILL_ONE, 'of somebody else')
    t.same(
      refusalIn(await hub.get(BALANCE, { person: 1, enterprise: 1, headers: { accept: 'text/csv' } })),
      TILL_ONE,
      'no file of old rows',
    )
    t.same(refusalIn(await hub.get(`${BALANCE}?fields=amount`)), TILL_ONE, 'another question')
    const none = await hub.get('/v1/demo/limit')
    t.same(refusalIn(none), TILL_ONE, 'a service that keeps nothing')
    t.match(none.json(), {
      title: '对方系统计划内暂停',
      agency: '演示单位',
      detail: '演示单位因“日终处理”暂停服务，预计 11月28日 01:00 恢复，请届时再试。',
    })
    t.equal(app.upstreams.get('demo')?.summary().calls, calls, 'nobody was asked, and nothing counts against the agency')
    t.equal(app.upstreams.get('demo')?.state, 'closed')

    t.equal((await app.inject(BALANCE)).statusCode, 401, 'who may not ask is told nothing old either')
    await app.users.access.restrict('demo.balance', ['test'])
    t.equal((await hub.get(BALANCE)).json().code, 'HUB_SERVICE_NOT_OPEN')
    await app.users.access.restrict('demo.balance', [])
    t.equal((await hub.get(BALANCE, { face: false })).json().code, 'HUB_FACE_REQUIRED')

    clock.at = OPEN
    t.notOk((await hub.get(BALANCE)).json().meta.closed, 'asked again once it is open')
  })

  t.test('an agent sees what he was told for an enterprise while he may act for it, and only as its agent', async (t) => {
    const asAgent = { person: 1, enterprise: 1 }
    const fresh = await hub.get(BALANCE, asAgent)
    t.equal(fresh.statusCode, 200, fresh.body)
    clock.at = NIGHT
    t.same((await hub.get(BALANCE, asAgent)).json().data, fresh.json().data)
    t.same(refusalIn(await hub.get(BALANCE, { person: 1, enterprise: 2 })), TILL_ONE, 'of another enterprise')
    await inOffice(hub, 7)
    const ended = await hub.post(`/admin/mandates/${mandates[0]?.id}/disable`, { person: 7, body: { purpose } })
    t.equal(ended.statusCode, 200, ended.body)
    t.equal((await hub.get(BALANCE, asAgent)).json().code, 'HUB_MANDATE_REQUIRED')
  })

  t.test('an answer is kept as long as is declared, and no longer than its asker', async (t) => {
    clock.at = NIGHT
    const old = Date.now() - 86_400_000
    await app.database('last_answers').update({ answered_at: old })
    t.same(refusalIn(await hub.get(BALANCE)), TILL_ONE, 'the declaration may have become stricter')
    await app.database('last_answers').update({ answered_at: Date.now(), expires_at: Date.now() - 1 })
    t.same(refusalIn(await hub.get(BALANCE)), TILL_ONE)
    await app.calendar.lastAnswers.purge()
    t.equal((await app.database('last_answers').select()).length, 0)

    clock.at = OPEN
    await hub.get(BALANCE, { person: 6 })
    await hub.get(BALANCE, { person: 5 })
    const ofUser = () => app.database('last_answers').where({ user_id: people[5]?.id }).select()
    t.equal((await ofUser()).length, 1)
    await app.database.transaction((transaction) => erase(transaction, app.vault, people[5]?.id ?? '', people[5]?.id ?? ''))
    t.equal((await ofUser()).length, 0, 'gone with the user')
    t.equal((await app.database('last_answers').select()).length, 1)
  })

  t.test('a public answer is kept for everybody', async (t) => {
    const list = '/v1/credit/trustworthy-list?page=1&pageSize=2'
    const fresh = await app.inject(list)
    t.equal(fresh.statusCode, 200, fresh.body)
    clock.at = SUNDAY
    const kept = await app.inject(list)
    t.same(kept.json().data, fresh.json().data)
    t.match(kept.json().meta, { closed: { reason: '数据归集' }, page: fresh.json().meta.page })
    t.same(refusalIn(await app.inject('/v1/credit/typical-cases')).slice(0, 2), [503, 'HUB_AGENCY_CLOSED'])
  })

  t.test('a filing is taken in, says when it will be sent, and is sent when the agency opens', async (t) => {
    clock.at = FREEZE
    t.equal((await hub.get('/v1/demo/limit')).statusCode, 200, 'books that are being closed can be read')
    const filed = await file(hub, 'application')
    t.equal(filed.statusCode, 202, filed.body)
    const { id, receipt, waiting } = filed.json().data
    t.match(receipt, /\S/)
    t.same(waiting, {
      reason: '年度结息',
      until: '2026-07-01T12:00:00+08:00',
      detail: '您的申请已经收到。对方系统因“年度结息”暂停办理，将在 7月1日 12:00 之后自动报送，无需重复提交。',
    })
    await untilLookedAt(hub, id)
    const path = `/v1/demo/application/${id}`
    t.match((await hub.get(path)).json().data, { state: 'filed', waiting: { reason: '年度结息' } })
    const [mine] = (await hub.get('/v1/me/submissions?service=application')).json().data.rows
    t.match(mine, { id, waiting: { until: '2026-07-01T12:00:00+08:00' } })
    t.match((await hub.get(`/v1/me/submissions/${id}`)).json().data.waiting, { reason: '年度结息' })

    t.match(
      await messageOf(hub, id),
      /“申请”（演示单位）现在的状态是“已提交”。您的申请已经收到。对方系统因“年度结息”暂停办理，将在 7月1日 12:00 之后/,
    )

    clock.at = OPEN
    t.match(await reached(hub, path, 'approved'), { waiting: null })
    const row = await app.database('submissions').where({ id }).first('attempts', 'failures')
    t.same([Number(row?.attempts), Number(row?.failures)], [1, 0], 'waiting was no failure')
  })

  t.test('what takes people waits for them; what does not goes at once', async (t) => {
    clock.at = EVENING
    const plain = (await file(hub, 'application')).json().data
    t.equal(plain.waiting, null)
    await reached(hub, plain.statusUrl, 'approved')
    const appeal = (await file(hub, 'appeal')).json().data
    t.same(appeal.waiting, {
      reason: '非办公时间',
      until: '2026-11-30T09:00:00+08:00',
      detail: '您的申请已经收到。现在是对方的非办公时间，将在 11月30日 09:00 之后自动报送，无需重复提交。',
    })
    clock.at = moment('2026-11-30T09:00')
    await reached(hub, appeal.statusUrl, 'approved')
    t.equal((await file(hub, 'appeal')).json().data.waiting, null, 'within office hours it goes at once')
  })

  t.test('what is done while the caller waits, paid or jumped to is refused before anything is begun', async (t) => {
    clock.at = NIGHT
    const key = { 'idempotency-key': randomUUID() }
    t.same(refusalIn(await hub.post('/v1/library/cancellation', { headers: key, body: { term: '1' } })), TILL_ONE)
    t.equal((await app.database('acts').select()).length, 0)
    t.equal((await app.database('spent_face_verifications').select()).length, 0, 'nor is a face spent on it')
    t.same(refusalIn(await hub.post('/v1/waterworks/orders', { headers: key, body: { billNumber: 'B1' } })), TILL_ONE)
    t.equal((await app.database('orders').select()).length, 0)
    clock.at = FREEZE
    t.same(
      refusalIn(await hub.post('/v1/library/cancellation', { headers: key, body: { term: '1' } })),
      refused('2026-07-01T12:00', 57_600),
    )
    clock.at = OPEN
    t.equal((await hub.post('/v1/library/cancellation', { headers: key, body: { term: '1' } })).statusCode, 200)

    const jump = '/v1/credit/authorized-entry'
    const opened = await hub.post(jump, { body: {} })
    t.equal(opened.statusCode, 201, opened.body)
    clock.at = SUNDAY
    const told = await hub.post(jump, { body: {} })
    t.same(refusalIn(told), refused('2026-11-29T05:00', 7200))
    t.match(told.json().detail, /许昌市发展和改革委员会信用许昌信息平台因“数据归集”暂停服务，预计 11月29日 05:00 恢复/)
  })

  t.test('health shows what is planned instead of a fault', async (t) => {
    clock.at = NIGHT
    app.sandbox?.faults.set({ kind: 'http-503', sid: 'demo.balance' })
    const { checks } = (await app.inject('/health')).json()
    const [demo] = checks['connector:demo']
    t.match(demo, {
      status: 'pass',
      planned: { reason: '日终处理', until: '2026-11-28T01:00:00+08:00' },
      output: '计划内停机：日终处理',
      affectedEndpoints: ['/v1/demo/balance', '/v1/demo/limit', '/v1/demo/application', '/v1/demo/appeal'],
    })
    t.notOk(checks['connector:credit'][0].planned)
    const one = (await app.inject('/health/connectors/demo')).json()
    t.match(one, { status: 'pass', state: 'planned-maintenance', stateName: '计划内停机', probe: null, planned: { reason: '日终处理' } })
    clock.at = OPEN
    t.match((await app.inject('/health/connectors/demo')).json(), { planned: null, probe: { asked: /./ } })
    app.sandbox?.faults.clear()
  })

  t.test('the catalogue and OpenAPI tell the hours', async (t) => {
    const read = async () => {
      const { data } = (await app.inject('/v1/catalog')).json()
      return data.find(({ id }: { id: string }) => id === 'demo')
    }
    const open = await read()
    t.match(open.calendars, [{ system: 'demo', ...calendar, announced: [] }])
    t.match(open.services[0], { closed: null, hours: ['日终处理：每天 23:00 至次日 01:00，其间不能使用', /^年度结息/] })
    t.match(open.services[3].hours[2], /^办公时间：周一至周五 09:00 至 17:00/)
    clock.at = NIGHT
    t.match(await read(), { state: 'pass', services: [{ closed: { reason: '日终处理', until: '2026-11-28T01:00:00+08:00' } }] })
    const { paths, components } = (await app.inject('/openapi.json')).json()
    t.match(paths[BALANCE].get.description, /日终处理：每天 23:00 至次日 01:00/)
    t.match(JSON.stringify(components), /您上次查询的结果/)
  })

  t.test('administrators enter what an agency announces, and take it back', async (t) => {
    await inOffice(hub, 1)
    await inOffice(hub, 3, 'auditor')
    const url = '/admin/closings'
    const [from, to] = ['2026-11-27T09:00:00+08:00', '2026-11-27T12:00:00+08:00']
    const wanted = { system: 'demo', title: '系统升级', from, to, purpose }
    for (const [changes, pointer] of [
      [{ system: 'nobody' }, '/body/system'],
      [{ to: from }, '/body/to'],
      [{ from: '2026-11-26T09:00:00+08:00', to: '2026-11-27T09:59:00+08:00' }, '/body/to'],
      [{ to: '2026-12-30T12:00:00+08:00' }, '/body/to'],
      [{ from: '2028-01-01T00:00:00Z', to: '2028-01-02T00:00:00Z' }, '/body/from'],
      [{ from: '27 November' }, '/body/from'],
      [{ title: ' ' }, '/body/title'],
      [{ purpose: undefined }, '/body'],
    ] as const) {
      const response = await hub.post(url, { body: { ...wanted, ...changes } })
      t.equal(response.statusCode, 400, JSON.stringify(changes))
      t.match(response.json().errors[0].pointer, pointer)
    }
    t.equal((await hub.post(url, { person: 3, body: wanted })).json().code, 'HUB_ROLE_REQUIRED')
    t.equal((await hub.get('/v1/demo/limit')).statusCode, 200)

    const added = await hub.post(url, { body: wanted })
    t.equal(added.statusCode, 201, added.body)
    const { id } = added.json().data
    t.match(added.json().data, { state: 'current', createdBy: people[0]?.id, from, to, endedAt: null })
    t.same(refusalIn(await hub.get('/v1/demo/limit')), refused('2026-11-27T12:00', 7200), 'at once')
    const catalogue = (await app.inject('/v1/catalog')).json().data.find((each: { id: string }) => each.id === 'demo')
    t.match(catalogue.calendars, [{ announced: [{ title: '系统升级', from, to }] }], 'told before it begins, too')
    t.match((await hub.get(url, { person: 3 })).json(), { data: [{ id }], meta: { page: { total: 1 } } })
    t.match(await auditOf(hub, added.json().meta.traceId), [{ target: id, purpose }], 'on record')

    t.equal((await hub.post(`${url}/${id}/end`, { person: 3, body: { purpose } })).statusCode, 403)
    t.equal((await hub.post(`${url}/${id}/end`, { body: { purpose } })).statusCode, 200)
    t.equal((await hub.get('/v1/demo/limit')).statusCode, 200)
    t.equal((await hub.post(`${url}/${id}/end`, { body: { purpose } })).statusCode, 404)
    t.match((await hub.get(url)).json().data, [{ id, state: 'ended' }])
  })
})

t.test('what is announced counts in every process within five seconds, in the sandbox too', async (t) => {
  clock.at = null
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(() => drop())
  const first = await build(t, { store: settings, declarations: [moving], jobs, calendarClock: {} })
  const second = await build(t, { store: settings, declarations: [moving], jobs, calendarClock: {} })
  t.equal((await second.get(BALANCE)).statusCode, 200, 'what is declared does not, whatever the hour')
  const now = Date.now()
  await first.app.calendar.announced.add({
    system: 'demo',
    title: '系统升级',
    from: now - 1000,
    to: now + 3_600_000,
    createdBy: people[0]?.id ?? '',
  })
  t.equal((await first.get(BALANCE)).statusCode, 503)
  const ms = await heededAfter(async () => (await second.get(BALANCE)).statusCode === 200)
  t.ok(ms < 5000, `${Math.round(ms)} ms`)
  t.equal((await second.get(BALANCE)).json().code, 'HUB_AGENCY_CLOSED')
})

t.test('what is declared counts in the sandbox where an operator says so', async (t) => {
  const hub = await build(t, { declarations: [moving], env: { AGENCY_HOURS: 'on' }, calendarClock: {} })
  t.equal((await hub.get(BALANCE)).statusCode, 503)
})

function file(hub: Hub, service: string) {
  return hub.post(`/v1/demo/${service}`, { headers: { 'idempotency-key': randomUUID() }, body: { amount: 100 } })
}

async function reached(hub: Hub, url: string, state: string) {
  const look = async () => (await hub.get(url)).json().data
  const data = await found(look, (each) => each.state === state)
  if (data.state !== state) throw new Error(`not ${state}: ${JSON.stringify(data)}`)
  return data
}

/** A worker has had it in hand, and has put it off. */
async function untilLookedAt(hub: Hub, id: string): Promise<void> {
  for (const end = performance.now() + 10_000; ; await sleep(25)) {
    const row = await hub.app.database('submissions').where({ id }).first('due_at', 'created_at')
    if (Number(row?.due_at) > Number(row?.created_at)) return
    if (performance.now() > end) throw new Error('nobody looked')
  }
}

/** What the applicant was told of a filing. */
async function messageOf(hub: Hub, about: string): Promise<string> {
  const look = async () => (await hub.get('/v1/me/messages')).json().data.map(({ body }: { body: string }) => body) as string[]
  const told = (await found(look, (all) => all.some((body) => body.includes(about)))).find((body) => body.includes(about))
  if (told === undefined) throw new Error('nothing was told')
  return told
}
