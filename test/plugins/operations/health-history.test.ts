import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { NO_CALL } from '../../../plugins/audit/chain.ts'
import { joined, type Vote, votesOf } from '../../../plugins/operations/health-history/join.ts'
import { findOutages } from '../../../plugins/operations/health-history/outages.ts'
import { createHistoryRows, type Spell } from '../../../plugins/operations/health-history/rows.ts'
import type { ProcessView } from '../../../plugins/operations/process-states.ts'
import { openStore } from '../../helper/filing.ts'
import { build } from '../../helper/hub.ts'
import { call } from '../../helper/identity.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { targets } from '../../helper/targets.ts'

const MINUTE = 60_000
const poppler = spawnSync('pdftotext', ['-v']).error === undefined
const AT = Date.parse('2026-11-20T00:00:00Z')

t.test('what processes see is one state: what half of them see, and ailing where fewer do', async (t) => {
  t.equal(joined([]), null)
  for (const [votes, state] of [
    [['up'], 'up'],
    [['down', 'up'], 'down'],
    [['down', 'up', 'up'], 'degraded'],
    [['down', 'timeout', 'up'], 'timeout'],
    [['credential-expiring', 'up'], 'credential-expiring'],
    [['credential-expiring', 'up', 'up'], 'up'],
    [['congested', 'up', 'up'], 'degraded'],
  ] as [Vote[], Vote][])
    t.equal(joined(votes), state, votes.join())
  const vote = fc.constantFrom<Vote>('up', 'degraded', 'timeout', 'down', 'unauthorised')
  fc.assert(
    fc.property(fc.array(vote, { minLength: 1, maxLength: 7 }), (votes) => {
      const state = joined(votes)
      // It is somebody's word or the doubt, whoever is asked first, and nobody alone takes a system down.
      return (
        (state === 'degraded' || votes.includes(state as Vote)) &&
        joined(votes.toReversed()) === state &&
        (state !== 'down' || votes.filter((each) => each === 'down').length * 2 >= votes.length) &&
        (state !== 'up' || votes.every((each) => each === 'up'))
      )
    }),
  )

  const view = (systems: object, probes: object) => ({ systems, probes }) as ProcessView
  const probe = (state: string, at: number) => ({ demo: { state, at } })
  const live = [
    view({ demo: { state: 'up' } }, probe('up', AT - 9 * MINUTE)),
    view({}, probe('planned-maintenance', AT - 3 * MINUTE)),
    view({ demo: { state: 'timeout' }, other: { state: 'up' } }, probe('down', AT - MINUTE)),
  ]
  t.strictSame(votesOf(live, AT).get('demo'), ['up', 'timeout', 'down'], 'every process that called, and the newest probe')
  t.strictSame(votesOf(live, AT + 10 * MINUTE).get('demo'), ['up', 'timeout'], 'an old probe says nothing any more')
  t.strictSame(votesOf(live, AT).get('other'), ['up'])
})

for (const target of targets)
  t.test(`${target.name}: states are kept from when until when`, async (t) => {
    const store = await openStore(target)
    t.teardown(() => store.close())
    const rows = createHistoryRows(store.database)
    const all = async (more: object = {}) =>
      (await rows.list({ systems: ['demo'], from: AT, to: AT + 600 * MINUTE, page: 1, pageSize: 10, ...more })).rows.map(
        ({ state, from, until }: Spell) => [state, (from - AT) / MINUTE, until === null ? null : (until - AT) / MINUTE],
      )
    const note = (minute: number, state: Spell['state'], sure = false) => rows.note('demo', state, AT + minute * MINUTE, sure)

    await note(0, 'up')
    await note(1, 'down')
    t.strictSame(await all(), [['up', 0, null]], 'one look is no change')
    await note(2, 'up')
    await note(3, 'down')
    await note(4, 'timeout')
    t.strictSame(await all(), [['up', 0, null]], 'two looks that differ are none either')
    await note(5, 'timeout')
    t.strictSame(
      await all(),
      [
        ['timeout', 4, null],
        ['up', 0, 4],
      ],
      'it began when it was first found',
    )
    await note(6, 'planned-maintenance', true)
    t.match(await all(), [['planned-maintenance', 6, null], ['timeout', 4, 6], {}], 'what was planned needs no second look')
    await note(60, 'planned-maintenance', true)
    t.match(
      await all(),
      [
        ['planned-maintenance', 60, null],
        ['planned-maintenance', 6, 6],
      ],
      'while nobody looked nobody knows',
    )

    const known = async (from: number, to: number) =>
      Object.fromEntries(
        [...(await rows.known(['demo', 'nobody'], { from: AT + from * MINUTE, to: AT + to * MINUTE }))].map(([key, ms]) => [
          key,
          ms / MINUTE,
        ]),
      )
    t.strictSame(await known(0, 100), { demo: 6 }, 'minutes 6 to 60 are not known, and 60 is a moment')
    t.strictSame(await known(2, 5), { demo: 3 })
    t.strictSame(await known(10, 50), {})
    await note(62, 'planned-maintenance')
    t.strictSame(await known(-10, 61), { demo: 7 })

    await rows.note('other', 'down', AT, false)
    await Promise.all([1, 2, 3].map(() => rows.note('third', 'up', AT, false)))
    t.equal((await rows.list({ systems: ['third'], from: AT, to: AT, page: 1, pageSize: 10 })).total, 1, 'several writers begin one')
    t.match(await all({ states: ['timeout'] }), [['timeout', 4, 6]])
    t.equal((await rows.list({ systems: ['demo'], from: AT, to: AT + 600 * MINUTE, page: 2, pageSize: 3 })).rows.length, 1)
    t.strictSame(await all({ from: AT + 100 * MINUTE }), [['planned-maintenance', 60, null]], 'what lasts touches every later span')

    const month = AT - 31 * 24 * 60 * MINUTE
    await rows.note('fourth', 'down', month, true)
    await store.database('health_history').where({ system: 'fourth' }).update({ seen_at: AT })
    let statements = 0
    store.database.on('query', ({ sql }: { sql: string }) => void (sql.includes('audit_rows') && statements++))
    const [outage] =
      (await findOutages(
        { list: rows.list, database: store.database, now: () => AT },
        { connector: 'fourth', systems: new Map([['fourth', ['x']]]), from: month, to: AT },
      )) ?? []
    t.match(outage, { system: 'fourth', from: month, until: AT, isOver: false, calls: 0 })
    t.ok(statements > 1 && statements <= 24, `an outage of a month is counted in a few pieces: ${statements}`)
    await rows.purge(AT + 7 * MINUTE)
    t.strictSame(await all(), [['planned-maintenance', 60, null]])
  })

t.test('the hub notes how systems are, and tells when they could not be reached', async (t) => {
  const hub = await build(t, { declarations: [minimalConnector()] })
  const { app } = hub
  const ask = async (path: string) => (await call(hub, 'GET', `/admin/health/${path}`, { person: 3 })).json()
  t.strictSame(await app.healthHistory.look(), [], 'of what nobody says anything nothing is known')
  t.match(await ask('demo/history'), { data: [], meta: { page: { total: 0 } } })
  app.processes.probed('demo', { status: 'pass', state: 'up' })
  await app.healthHistory.look()
  app.processes.probed('demo', { status: 'fail', state: 'down' })
  t.strictSame(await app.healthHistory.look(), ['demo'])
  t.match((await ask('demo/history')).data, [{ system: 'demo', state: 'up', stateName: '正常', until: null }])

  const now = Date.now()
  const row = { system: 'demo', seen_at: now, until_at: null, open_key: null }
  await app.database('health_history').delete()
  await app.database('health_history').insert([
    { ...row, state: 'down', from_at: now - 50 * MINUTE, until_at: now - 40 * MINUTE },
    { ...row, state: 'timeout', from_at: now - 40 * MINUTE, until_at: now - 20 * MINUTE },
    { ...row, state: 'unauthorised', from_at: now - 20 * MINUTE, until_at: now - 10 * MINUTE },
    { ...row, state: 'down', from_at: now - 2 * MINUTE, open_key: 'demo' },
  ])
  const service = 'balance'
  const note = (minutes: number, outcome: string) =>
    app.audit.write({
      ...{ ...NO_CALL, action: 'call', traceId: 't'.repeat(32), connector: 'demo', durationMs: 1 },
      ...{ at: now - minutes * MINUTE, service, outcome },
    })
  for (const [minutes, outcome] of [
    [55, 'HUB_UPSTREAM_TIMEOUT'],
    [45, 'HUB_UPSTREAM_UNREACHABLE'],
    [25, 'HUB_UPSTREAM_TIMEOUT'],
    [25, 'HUB_VALIDATION'],
    [15, 'HUB_UPSTREAM_TIMEOUT'],
  ] as const)
    await note(minutes, outcome)
  const midnight = Date.parse(`${new Date(now - 26 * 3_600_000).toISOString().slice(0, 10)}T00:00:00+08:00`)
  await app.database('health_history').insert({ ...row, state: 'up', from_at: midnight, until_at: now - 50 * MINUTE })
  const from = new Date(now - 26 * 3_600_000).toISOString().slice(0, 10)
  const { data } = await ask(`demo/outages?from=${from}`)
  t.match(data, [
    { system: 'demo', over: true, minutes: 30, calls: 3, failed: 2, services: [{ service, failed: 2, name: /./ }] },
    { over: false, minutes: 2, calls: 0, failed: 0, services: [] },
  ])

  const certificate = await call(hub, 'GET', `/admin/health/demo/outages?from=${from}&format=pdf`, { person: 3 })
  t.match(certificate.headers, { 'content-type': 'application/pdf', 'content-disposition': /filename\*=UTF-8''%E7%B3%BB/ })
  if (poppler) {
    const text = execFileSync('pdftotext', ['-layout', '-', '-'], { input: certificate.rawPayload }).toString().replace(/\s+/g, '')
    for (const words of [
      '系统中断证明',
      '中断合计32分钟',
      '中断次数2',
      '可用率9',
      '（按有记录的时间）',
      '尚未恢复',
      '依据其调用记录和存证出具',
    ])
      t.ok(text.includes(words), `${words}: ${text}`)
    const unknown = await call(hub, 'GET', '/admin/health/demo/outages?from=1999-01-01&to=1999-01-31&format=pdf', { person: 3 })
    const nothing = execFileSync('pdftotext', ['-layout', '-', '-'], { input: unknown.rawPayload }).toString().replace(/\s+/g, '')
    t.match(nothing, /有记录的时间0分钟.*可用率没有记录，不能证明/, 'of what nobody looked at nothing is certified')
    const [, code = ''] = /验证码([0-9A-Z-]+)/.exec(text) ?? []
    const verified = await hub.app.inject({ url: `/v1/verify/${code}`, headers: { accept: 'application/json' } })
    t.match(verified.json(), {
      data: {
        valid: true,
        service: '系统中断证明',
        holder: null,
        contentHash: createHash('sha256').update(certificate.rawPayload).digest('hex'),
      },
    })
  }

  for (const query of [
    'demo/outages?format=xlsx',
    'demo/history?from=2024-01-01&to=2026-01-01',
    'demo/outages?from=2026-01-01&to=2026-03-01',
    'demo/outages?by=x',
    'demo/outages?from=2999-01-01&to=2999-01-02&format=pdf',
  ])
    t.equal((await ask(query)).code, 'HUB_VALIDATION', query)
  for (const path of ['nothing/history', 'nothing/outages']) t.equal((await ask(path)).code, 'HUB_NO_RECORD', path)
  t.equal((await call(hub, 'GET', '/admin/health/demo/outages', { person: 4 })).json().code, 'HUB_ROLE_REQUIRED')
})
