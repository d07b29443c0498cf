import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { apiKey, type ConnectorDeclaration, defineConnector, envelope, field, input, service } from '../../../core/connector.ts'
import { createCounts } from '../../../plugins/operations/candidates/counts.ts'
import { createModes } from '../../../plugins/operations/candidates/modes.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { administrator, atConsole } from '../../helper/console.ts'
import { openStore } from '../../helper/filing.ts'
import { listen, send, words } from '../../helper/hall.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { call, userId } from '../../helper/identity.ts'
import { auditOf, trace } from '../../helper/queries.ts'
import { confirm, inOffice } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'

const [ADMIN, SECOND, AUDITOR] = [1, 2, 3] as const
const CARD = '/v1/reading/card'
const CANDIDATE = '/admin/connectors/reading/candidate'
const SECRET = '许昌方志孤本'

interface Version {
  version: string
  /** Where the version asks. */
  path?: string
  fields?: Parameters<typeof service>[0]['fields']
  name?: string
  /** Of the agency's system and of the card beyond what follows. */
  upstream?: Partial<ConnectorDeclaration['upstream']>
  lastGood?: { maxAgeSeconds: number }
  timeoutMs?: number
}

/** A small library: a card that is asked for, and a hold that changes something. */
function reading({ version, path = 'v1', fields = {}, upstream = {}, lastGood, timeoutMs = 2000 }: Version): ConnectorDeclaration {
  const card = service({
    id: 'card',
    name: '读者证',
    kind: 'query',
    single: '每人只有一张读者证',
    inputs: {},
    fields: {
      number: field.text('读者证号', { mask: 'account', required: true }),
      book: field.text('在借', { code: 'book' }),
      fine: field.money('待缴滞纳金', { code: 'fine', unit: 'fen', required: true }),
      ...fields,
    },
    upstream: { path: `${path}/card`, sid: `reading.card.${path}` },
    ...(lastGood ? { lastGood } : {}),
  })
  const hold = service({
    id: 'hold',
    name: '图书预约',
    kind: 'submit',
    inputs: { title: input.text('题名', { code: 'title', required: true }) },
    fields: { reference: field.text('编号', { code: 'id' }), state: field.text('状态', { code: 'state' }) },
    upstream: { path: `${path}/hold`, sid: `reading.hold.${path}` },
    submission: {
      ...{ serial: 'serial', reference: 'reference', pollSeconds: 3600, maxAttempts: 3 },
      progress: [{ state: 'approved', when: { state: ['done'] } }],
    },
  })
  return defineConnector({
    id: 'reading',
    name: '图书馆',
    agency: '示例图书馆',
    version,
    upstream: {
      dialect: apiKey(),
      envelope: envelope.rest(),
      subject: { person: { 'reader.idNumber': 'person.idNumber' } },
      dateFormat: 'YYYYMMDD',
      maxConcurrent: 8,
      ...upstream,
    },
    defaults: { audience: 'person', identity: 'real-name', timeoutMs, rate: { max: 10_000, perSeconds: 60 } },
    services: [card, hold],
    health: { service: 'card', intervalSeconds: 30 },
    sandbox: {},
  })
}

const OFTEN = { max: 10_000, perSeconds: 60 }

/** The same library's shelf, which is for everybody. */
function shelf(version: string, path: string): ConnectorDeclaration {
  const books = service({
    ...{ id: 'books', name: '新书', kind: 'list', audience: 'public', identity: 'none', inputs: {}, timeoutMs: 2000, rate: OFTEN },
    fields: {
      title: field.text('题名', { code: 'title', required: true }),
      copies: field.list('复本', { number: field.text('登录号', { code: 'number' }) }, { code: 'copies' }),
    },
    upstream: { path: `${path}/shelf`, sid: `reading.shelf.${path}` },
  })
  const { id, services: _services, ...library } = reading({ version, path })
  return { ...library, id, services: [books], health: { service: 'books', intervalSeconds: 30 } }
}

const RUNNING = reading({ version: '1.0.0' })

const BOOKS = [
  { title: '许昌县志', copies: [{ number: '1' }, { number: '2' }] },
  { title: '钧瓷', copies: [] },
  { title: '三国志', copies: [{ number: '3' }] },
]

const NOTHING = JSON.stringify({ data: null })

/** Answers by the path: what each version is told, and what it asked. */
async function startAgency(t: Test) {
  const asked: string[] = []
  const told = { fine: 150, body: null as string | null, hangs: false, missing: false, shelf: [] as object[], before: async () => {} }
  const hanging = new Set<() => void>()
  const server = createServer((request: IncomingMessage, response) => {
    const path = request.url ?? ''
    request.resume().once('end', () => {
      if (/card|hold|shelf/.test(path)) asked.push(path)
      const isNext = path.includes('v2')
      const send = async () => {
        await told.before()
        response.setHeader('content-type', 'application/json')
        if (path.includes('hold')) return response.end(JSON.stringify({ data: { id: 'H1', state: 'done' } }))
        if (path.includes('shelf'))
          return response.end(isNext && told.body !== null ? told.body : JSON.stringify({ data: isNext ? told.shelf : BOOKS }))
        if (told.missing && !isNext) return response.end(NOTHING)
        const data = { number: '9000000012', book: SECRET, fine: isNext ? told.fine : 150 }
        response.end(isNext && told.body !== null ? told.body : JSON.stringify({ data }))
      }
      if (!isNext || !told.hangs) return send()
      hanging.add(send)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'hub-candidates-'))
  const file = join(folder, 'connectors.json')
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  writeFileSync(file, JSON.stringify({ reading: { baseUrl, credentials: { apiKey: 'k' } } }))
  t.teardown(() => {
    for (const send of hanging) send()
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { env: { CONNECTORS_FILE: file }, asked, told, of: (path: string) => asked.filter((each) => each.includes(path)).length }
}

const demands = { leastReads: 6, leastCallers: 3, leastAnswers: 6, leastAnswered: 2, chance: 0.05 }

async function office(hub: Hub): Promise<void> {
  await inOffice(hub, ADMIN)
  await inOffice(hub, SECOND)
  await inOffice(hub, AUDITOR, 'auditor')
}

const put = (hub: Hub, body: object, person: number = ADMIN) =>
  call(hub, 'PUT', CANDIDATE, { person, body: { purpose: '试用新版', ...body } })
const show = async (hub: Hub) => (await call(hub, 'GET', CANDIDATE, { person: AUDITOR })).json().data
const ask = (hub: Hub, person: number, headers = {}) => call(hub, 'GET', CARD, { person, headers })

/** So many people, each once, and whatever follows from it. */
async function askAll(hub: Hub, persons = 6): Promise<void> {
  for (let person = 1; person <= persons; person++) t.equal((await ask(hub, person)).statusCode, 200)
  await hub.app.candidates.settled()
}

t.test('a candidate is asked what the running version was asked, and compared after masking', async (t) => {
  const agency = await startAgency(t)
  const candidate = reading({ version: '1.1.0', path: 'v2', fields: { branch: field.text('分馆') } })
  const hub = await build(t, { declarations: [RUNNING], candidates: [candidate], candidateDemands: demands, env: agency.env })
  await office(hub)

  t.test('nothing happens before somebody says so', async (t) => {
    await askAll(hub, 2)
    t.equal(agency.of('v2'), 0)
    t.match(await show(hub), {
      ...{ connector: 'reading', running: '1.0.0', version: '1.1.0', mode: 'off', share: 0, changedBy: null },
      declared: [{ service: 'card', field: 'branch', difference: 'added', differenceName: '新增' }],
      comparison: { reads: 0, since: null },
      verdict: { ready: false },
    })
  })

  t.test('an equal answer is told apart from one with another value, of which no value is kept', async (t) => {
    t.equal((await put(hub, { mode: 'shadow', shadowShare: 100 })).statusCode, 200)
    const { traceId, headers } = trace()
    t.match((await ask(hub, 1, headers)).json(), { data: { fine: 1.5, book: SECRET } })
    await hub.app.candidates.settled()
    t.equal(agency.of('v2'), 1)
    const rows = (await auditOf(hub, traceId)) as unknown as Record<string, unknown>[]
    t.match(
      rows.find(({ action }) => action === 'shadow'),
      { connector: 'reading', service: 'card', outcome: 'ok', version: '1.1.0', rows: 1, user: /^[0-9a-f]{32}$/, clientIp: null },
      'with evidence of its own',
    )
    t.equal(rows.find(({ action }) => action === 'call')?.['version'], undefined)
    t.match(await show(hub), { mode: 'shadow', comparison: { reads: 1, same: 1, different: 0, callers: null } })

    agency.told.fine = 990
    await ask(hub, 2)
    await hub.app.candidates.settled()
    agency.told.body = JSON.stringify({ data: { number: '9000000012', book: SECRET } })
    await ask(hub, 2)
    await hub.app.candidates.settled()
    const shown = await show(hub)
    t.match(shown.comparison, { reads: 3, same: 1, different: 2, errors: [{ running: 'ok', candidate: 'HUB_UPSTREAM_INVALID', count: 1 }] })
    t.match(
      shown.comparison.fields.find(({ field }: { field: string }) => field === 'fine'),
      { service: 'card', equal: 1, value: 1, missing: 0, type: 0 },
    )
    t.ok(shown.comparison.latency.candidate.p95 > 0)
    t.match(shown.verdict.reasons.join(), /有 2 次与现行版本不一致/)
    const kept = JSON.stringify([await hub.app.database('candidate_counts'), await hub.app.database('candidate_callers'), shown.comparison])
    for (const text of [SECRET, '9000000012', '990', '9.9', userId(1), ...people.slice(0, 3).flatMap(({ name, number }) => [name, number])])
      t.notMatch(kept, text)
    agency.told.body = null
  })

  t.test('what changes something is never asked twice', async (t) => {
    const reply = await call(hub, 'POST', '/v1/reading/hold', {
      ...{ person: 4, body: { title: '许昌县志' }, headers: { 'idempotency-key': 'hold-0001' } },
    })
    t.equal(reply.statusCode, 202, reply.body)
    const until = performance.now() + 5000
    while (agency.of('v1/hold') === 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50))
    await hub.app.candidates.settled()
    t.ok(agency.of('v1/hold') > 0)
    t.equal(agency.of('v2/hold'), 0)
  })

  t.test('everybody may be answered only by one that was compared enough, or by two persons', async (t) => {
    const refused = await put(hub, { mode: 'canary', share: 100, shadowShare: 100 })
    t.match(refused.json(), { status: 409, code: 'HUB_CANDIDATE_UNPROVEN', detail: /不一致/ })
    t.equal((await put(hub, { mode: 'canary', share: 10 }, AUDITOR)).statusCode, 403)
    t.equal((await put(hub, { mode: 'canary', share: 101 })).statusCode, 400)
    const asked = await call(hub, 'POST', `${CANDIDATE}/promotion`, { person: ADMIN, body: { purpose: '新版已经核对' } })
    t.equal((await confirm(hub, asked, ADMIN)).statusCode, 403, 'not by whoever asked for it')
    t.equal((await show(hub)).share, 0)
    t.equal((await confirm(hub, asked, SECOND)).statusCode, 200)
    t.match(await show(hub), { mode: 'canary', share: 100, changedBy: userId(ADMIN) })
    t.match((await ask(hub, 4)).json(), { data: { fine: 9.9 } }, 'answered by the candidate')
  })

  t.test('no candidate, no page', async (t) => {
    t.equal((await call(hub, 'GET', '/admin/connectors/nobody/candidate', { person: ADMIN })).statusCode, 404)
  })
})

t.test('a part of the users is answered by the candidate, the same ones each time, in every process', async (t) => {
  const agency = await startAgency(t)
  const created = await targets[0]?.create()
  if (!created) throw new Error('no store')
  t.teardown(created.drop)
  agency.told.fine = 250
  const candidates = [reading({ version: '2.0.0', path: 'v2' })]
  const clock = { ahead: 0 }
  const alertsPace = { now: () => Date.now() + clock.ahead }
  const options = { declarations: [RUNNING], candidates, candidateDemands: demands, env: agency.env, store: created.settings, alertsPace }
  const [hub, other] = [await build(t, options), await build(t, options)]
  await office(hub)
  t.equal((await put(hub, { mode: 'canary', share: 50 })).statusCode, 200)
  await other.app.candidates.tick()
  const PERSONS = 8
  const answered = async (at: Hub) =>
    Promise.all(
      Array.from({ length: PERSONS }, async (_, index) => ((await ask(at, index + 1)).json() as { data?: { fine: number } }).data?.fine),
    )
  const first = await answered(hub)
  t.same([...new Set(first)].sort(), [1.5, 2.5], 'some by the one, some by the other')
  t.same(await answered(hub), first)
  t.same(await answered(other), first)
  const next = first.indexOf(2.5) + 1
  const { traceId, headers } = trace()
  await ask(other, next, headers)
  t.match(await auditOf(other, traceId), [{ action: 'call', version: '2.0.0', outcome: 'ok' }])

  await put(hub, { mode: 'canary', share: 75 })
  const more = await answered(hub)
  for (const [index, fine] of first.entries()) if (fine === 2.5) t.equal(more[index], 2.5, 'whoever was among them stays')

  agency.told.body = '{"data":{"nothing":1}}'
  await other.app.candidates.tick()
  // Half of it each process sees, and neither enough.
  for (let turn = 0; turn < 3; turn++) for (const at of [hub, other]) await answered(at)
  await hub.app.candidates.counts.flush()
  await other.app.candidates.tick()
  await hub.app.candidates.tick()
  t.match(await show(hub), { mode: 'canary', share: 0, changedBy: null, reason: /无法识别的答复占/ })
  t.match(hub.logged() + other.logged(), /灰度已自动收回/, 'whoever of them saw it first')
  const taken: { record: string }[] = await hub.app.database('audit_rows').where({ service: 'candidate.taken-back' })
  t.match(
    taken.map(({ record }) => JSON.parse(record)),
    [{ connector: 'hub', target: 'reading', version: '2.0.0', outcome: 'ok', user: null }],
    'one of them put it on record',
  )
  const alerted = async () => {
    await hub.app.alerts.evaluate()
    const { rows } = await hub.app.alerts.list({ page: 1, pageSize: 50 })
    return rows.filter(({ rule }) => rule === 'candidate').map(({ target, state }) => [target, state])
  }
  t.same(await alerted(), [['reading', 'firing']])
  await put(hub, { mode: 'shadow', shadowShare: 100 })
  clock.ahead += 180_000
  t.same(await alerted(), [['reading', 'resolved']], 'somebody has said anew how it is used')
  t.same(await answered(hub), Array(PERSONS).fill(1.5), 'everybody is answered by the running version')
  t.same(await answered(other), Array(PERSONS).fill(1.5))
})

t.test('one that has no record of anybody is taken back, unless the running version has none either', async (t) => {
  const agency = await startAgency(t)
  agency.told.body = NOTHING
  const hub = await build(t, {
    ...{ declarations: [RUNNING], candidates: [reading({ version: '2.0.0', path: 'v2' })], candidateDemands: demands, env: agency.env },
  })
  await office(hub)
  const { candidates, database } = hub.app
  const everybody = () => Promise.all(Array.from({ length: 8 }, async (_, index) => (await ask(hub, index + 1)).statusCode))

  agency.told.missing = true
  await put(hub, { mode: 'canary', share: 70 })
  t.same(await everybody(), Array(8).fill(404))
  await candidates.tick()
  t.match(await show(hub), { share: 70, reason: null }, 'as often as the running version')

  for (const table of ['candidate_counts', 'candidate_receivers']) await database(table).delete()
  agency.told.missing = false
  const codes = await everybody()
  t.equal(codes.filter((code) => code === 404).length, 4, 'those whom the candidate answers')
  const one = codes.indexOf(404) + 1
  for (const table of ['candidate_counts', 'candidate_receivers']) {
    await candidates.counts.flush()
    await database(table).delete()
  }
  for (const [index, code] of codes.entries()) if (code === 200) await ask(hub, index + 1)
  for (let turn = 0; turn < 20; turn++) t.equal((await ask(hub, one)).statusCode, 404)
  await candidates.tick()
  const { answers } = await show(hub)
  t.match(answers, { candidate: { calls: 20, errors: 0, unreadable: 0, empty: 20 }, running: { empty: 0 } })
  t.equal((await show(hub)).share, 70, 'one caller alone decides nothing')

  await everybody()
  await candidates.tick()
  t.match(await show(hub), { mode: 'canary', share: 0, changedBy: null, reason: /^“读者证”没有查到任何记录的用户占 100%，现行版本 0%$/ })
  t.same(await everybody(), Array(8).fill(200))
  await hub.app.alerts.evaluate()
  const { rows } = await hub.app.alerts.list({ page: 1, pageSize: 50 })
  t.match(
    rows.filter(({ rule }) => rule === 'candidate'),
    [{ target: 'reading', state: 'firing' }],
  )
  const taken = await database('audit_rows').where({ service: 'candidate.taken-back' })
  t.equal(taken.length, 1)
  const kept = JSON.stringify(await database('candidate_receivers'))
  for (let person = 1; person <= 8; person++) t.notMatch(kept, userId(person))
  await database('candidate_receivers').update({ at: Date.now() - 3 * 3_600_000 })
  await candidates.counts.purge()
  t.same(await database('candidate_receivers'), [])
})

t.test('a candidate that hangs keeps nobody waiting, and takes but a few places', async (t) => {
  const agency = await startAgency(t)
  agency.told.hangs = true
  const timeoutMs = 5000
  const candidates = [reading({ version: '2.0.0', path: 'v2', timeoutMs })]
  const hub = await build(t, { declarations: [RUNNING], candidates, candidateDemands: demands, env: agency.env })
  await office(hub)
  await put(hub, { mode: 'shadow', shadowShare: 100 })
  const started = performance.now()
  for (let turn = 0; turn < 20; turn++) t.equal((await ask(hub, (turn % 5) + 1)).statusCode, 200)
  t.ok(performance.now() - started < timeoutMs, 'all before the first one of the candidate would have come')
  t.equal(agency.of('v2'), 2, 'a quarter of the places')
  await hub.app.candidates.settled()
  const { comparison } = await show(hub)
  t.match(comparison, { reads: 2, different: 2, skipped: 18, errors: [{ running: 'ok', candidate: 'HUB_UPSTREAM_TIMEOUT', count: 2 }] })
  t.equal(hub.app.upstreams.get('reading')?.state, 'closed')
})

t.test('one that breaks what callers were promised answers nobody', async (t) => {
  const agency = await startAgency(t)
  const candidate = reading({ version: '2.0.0', path: 'v2', fields: { book: field.integer('在借册数', { code: 'count' }) } })
  const hub = await build(t, { declarations: [RUNNING], candidates: [candidate], candidateDemands: demands, env: agency.env })
  await office(hub)
  t.match(await show(hub), { declared: [{ service: 'card', field: 'book', difference: 'type' }] })
  t.match((await put(hub, { mode: 'canary', share: 1 })).json(), { code: 'HUB_CANDIDATE_UNPROVEN' })
  const asked = await call(hub, 'POST', `${CANDIDATE}/promotion`, { person: ADMIN, body: { purpose: '新版已经核对' } })
  t.match(asked.json(), { code: 'HUB_CANDIDATE_UNPROVEN' }, 'not by two persons either')
  t.equal((await put(hub, { mode: 'shadow', shadowShare: 100 })).statusCode, 200)
})

t.test('enough equal answers to enough users, and everybody may be answered', async (t) => {
  const agency = await startAgency(t)
  const hub = await build(t, {
    ...{ declarations: [RUNNING], candidates: [reading({ version: '1.0.1', path: 'v2' })], candidateDemands: demands, env: agency.env },
  })
  await office(hub)
  await put(hub, { mode: 'shadow', shadowShare: 100 })
  for (let turn = 0; turn < 6; turn++) await ask(hub, 1)
  await hub.app.candidates.settled()
  t.match((await show(hub)).verdict, { ready: false, reasons: ['只涉及约 1 名用户，须有 3 名'] })
  await askAll(hub, 4)
  t.match((await show(hub)).verdict, { ready: true, reasons: [] })
  const browser = await atConsole(hub, await listen(hub), await administrator(hub, ADMIN, 'admin'))
  const page = await browser.open('/console/connectors/reading')
  t.match(words(page), '1.0.1（现行 1.0.0）')
  t.match(words(page), '可以答复全部用户')
  const typed = { mode: 'canary', shadowShare: '100', share: '100', purpose: '全面启用' }
  t.match(words(await send(browser, page, typed, { action: '/candidate' })), '已设置')
  t.match(await show(hub), { mode: 'canary', share: 100, shadowShare: 100 })
  await hub.app.database('candidate_counts').update({ at: Date.now() - 15 * 86_400_000 })
  await hub.app.candidates.counts.purge()
  t.same(await hub.app.database('candidate_counts'), [], 'what is two weeks old goes')
})

t.test('one that no longer looks whose the rows are answers nobody', async (t) => {
  const agency = await startAgency(t)
  const fields = { holder: field.text('持证人证件号', { code: 'holder', mask: 'idNumber', subject: 'person' as const }) }
  const running = reading({ version: '1.0.0', fields, upstream: { owner: { person: ['readerId'] } } })
  const forgetful = reading({
    version: '2.0.0',
    path: 'v2',
    fields: { holder: field.text('持证人证件号', { code: 'holder', mask: 'idNumber' }) },
  })
  const hub = await build(t, { declarations: [running], candidates: [forgetful], candidateDemands: demands, env: agency.env })
  await office(hub)
  t.match(await show(hub), {
    declared: [
      { service: 'card', field: null, difference: 'owner', differenceName: '不再核对数据属于谁' },
      { service: 'card', field: 'holder', difference: 'owner' },
      { service: 'hold', field: null, difference: 'owner' },
    ],
  })
  t.match((await put(hub, { mode: 'canary', share: 1 })).json(), { code: 'HUB_CANDIDATE_UNPROVEN' })
})

t.test('what it answered is not shown again once it was taken back', async (t) => {
  const agency = await startAgency(t)
  agency.told.fine = 250
  const clock = { at: null as number | null }
  const kept = {
    upstream: { calendar: { maintenance: [{ title: '日终处理', from: '23:00', to: '23:59' }] } },
    lastGood: { maxAgeSeconds: 604_800 },
  }
  const candidates = [reading({ version: '2.0.0', path: 'v2', ...kept })]
  const declarations = [reading({ version: '1.0.0', ...kept })]
  const hub = await build(t, {
    declarations,
    candidates,
    candidateDemands: demands,
    env: agency.env,
    calendarClock: { at: () => clock.at },
  })
  await office(hub)
  const fine = async () => (await ask(hub, 1)).json().data?.fine
  t.equal(await fine(), 1.5)
  const promote = await call(hub, 'POST', `${CANDIDATE}/promotion`, { person: ADMIN, body: { purpose: '新版已经核对' } })
  await confirm(hub, promote, SECOND)
  t.equal(await fine(), 2.5)
  clock.at = Date.parse(`${new Date().toISOString().slice(0, 10)}T23:30:00+08:00`)
  t.equal(await fine(), 2.5, 'while it answers')
  await put(hub, { mode: 'off' })
  t.equal(await fine(), 1.5)
})

t.test('of what is for everybody: rows in another order are the same, and one that breaks is taken back', async (t) => {
  const agency = await startAgency(t)
  const hub = await build(t, {
    ...{ declarations: [shelf('1.0.0', 'v1')], candidates: [shelf('2.0.0', 'v2')], candidateDemands: demands, env: agency.env },
  })
  await office(hub)
  await put(hub, { mode: 'shadow', shadowShare: 100 })
  const look = async () => {
    const { statusCode } = await hub.app.inject('/v1/reading/books')
    await hub.app.candidates.settled()
    return statusCode
  }
  const [first, ...rest] = BOOKS
  agency.told.shelf = [...rest.toReversed(), { title: '许昌县志', copies: [{ number: '2' }, { number: '1' }] }]
  t.equal(await look(), 200)
  t.match(await show(hub), { comparison: { reads: 1, same: 1, different: 0 } })
  agency.told.shelf = [...rest, { title: '许昌县志', copies: [{ number: '2' }, { number: '9' }] }]
  await look()
  agency.told.shelf = rest
  await look()
  t.match(await show(hub), {
    comparison: {
      ...{ reads: 3, same: 1, different: 2 },
      fields: [
        { field: 'copies', equal: 3, value: 0 },
        { field: 'copies.number', equal: 2, value: 1 },
        { field: 'title', equal: 3, value: 0 },
        { field: '*', value: 1 },
      ],
    },
  })

  agency.told.shelf = first ? [first] : []
  const promote = await call(hub, 'POST', `${CANDIDATE}/promotion`, { person: ADMIN, body: { purpose: '新版已经核对' } })
  await confirm(hub, promote, SECOND)
  t.equal(await look(), 200)
  agency.told.body = '{"data":{"nothing":1}}'
  for (let turn = 0; turn < demands.leastAnswers; turn++) await look()
  await hub.app.candidates.tick()
  t.match(await show(hub), { share: 0, reason: /答复占/ })
  t.equal(await look(), 200, 'by the running version')
})

t.test('turned off while a call is under way, it is asked no more', async (t) => {
  const agency = await startAgency(t)
  const hub = await build(t, {
    ...{ declarations: [RUNNING], candidates: [reading({ version: '2.0.0', path: 'v2' })], candidateDemands: demands, env: agency.env },
  })
  await office(hub)
  await put(hub, { mode: 'shadow', shadowShare: 100 })
  agency.told.before = async () => void (await put(hub, { mode: 'off' }))
  t.equal((await ask(hub, 4)).statusCode, 200)
  await hub.app.candidates.settled()
  t.equal(agency.of('v2'), 0)
})

for (const target of targets)
  t.test(`counts of several processes add up, and a share that was changed meanwhile is not taken back (${target.name})`, async (t) => {
    const { database, close } = await openStore(target)
    t.teardown(close)
    const subject = { connector: 'reading', version: '2.0.0' }
    const processes = [createCounts(database), createCounts(database)]
    for (const [index, counts] of processes.entries()) {
      counts.add(subject, 'card', 'shadow', 'same')
      counts.add(subject, 'card', 'value', 'fine')
      counts.add(subject, 'card', 'answers.candidate', 'calls')
      for (const caller of ['one', `another${index}`]) counts.caller(subject, 'shadow', caller)
    }
    await Promise.all(processes.map((counts) => counts.flush()))
    const { counts, callers } = (await processes[0]?.read(subject, 'shadow')) ?? {}
    t.match(counts, [
      { service: 'card', kind: 'shadow', name: 'same', n: 2 },
      { service: 'card', kind: 'value', name: 'fine', n: 2 },
    ])
    t.equal(callers, 3)
    t.match((await processes[1]?.read(subject, 'answers', 1_800_000))?.counts, [{ kind: 'answers.candidate', name: 'calls', n: 2 }])

    for (const [index, counts] of processes.entries()) {
      counts.receiver(subject, 'card', 'candidate', index === 0, 'one')
      counts.receiver(subject, 'card', 'candidate', false, `another${index}`)
      counts.receiver(subject, 'hold', 'running', true, 'one')
      await counts.flush()
    }
    const [received] = await Promise.all(processes.map((counts) => counts.receivers(subject, 'card', 1_800_000)))
    t.same(received, { running: { callers: 0, found: 0 }, candidate: { callers: 3, found: 1 } }, 'who once got something got something')

    processes[0]?.add(subject, 'card', 'shadow', 'same')
    processes[0]?.caller(subject, 'shadow', 'a third')
    for (const table of ['candidate_counts', 'candidate_callers']) await database.schema.renameTable(table, `${table}_gone`)
    await t.rejects(processes[0]?.flush() ?? Promise.resolve())
    for (const table of ['candidate_counts', 'candidate_callers']) await database.schema.renameTable(`${table}_gone`, table)
    processes[0]?.add(subject, 'card', 'shadow', 'same')
    processes[0]?.caller(subject, 'shadow', 'a fourth')
    await processes[0]?.flush()
    const again = await processes[0]?.read(subject, 'shadow')
    t.match(again?.counts[0], { name: 'same', n: 4 }, 'what a store in trouble did not take is written with the next')
    t.equal(again?.callers, 5)

    const [modes, others] = [createModes(database), createModes(database)]
    const wish = { ...subject, mode: 'canary', shadowShare: 0, share: 20, changedBy: 'x' } as const
    const first = await modes.set(wish)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await others.set({ ...wish, share: 30 })
    t.notOk(await modes.fallBack(first, '出错'), 'what was judged stands no more')
    t.match(modes.of('reading', '2.0.0'), { share: 30 })
    t.equal(modes.of('reading', '2.0.1'), null, 'of another version nothing was said')
    t.ok(await others.fallBack((await others.set(wish)) as typeof first, '出错'))
    await modes.load()
    t.match(modes.of('reading', '2.0.0'), { share: 0, reason: '出错', changedBy: null })
  })
