import fc from 'fast-check'
import t from 'tap'
import { NO_CALL } from '../../../plugins/audit/chain.ts'
import { openAuditLog } from '../../../plugins/audit/log.ts'
import { askStatistics } from '../../../plugins/operations/statistics/ask.ts'
import { bucketOf, quantile } from '../../../plugins/operations/statistics/buckets.ts'
import { chartOf } from '../../../plugins/operations/statistics/chart.ts'
import { createRoll, HOUR_MS } from '../../../plugins/operations/statistics/roll.ts'
import { createSketch } from '../../../plugins/operations/statistics/sketch.ts'
import { openStore } from '../../helper/filing.ts'
import { build } from '../../helper/hub.ts'
import { call } from '../../helper/identity.ts'
import { targets } from '../../helper/targets.ts'
import { readXlsx } from '../../helper/xlsx.ts'

t.test('a sketch counts names, a few of them exactly, and adds up', async (t) => {
  const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `user-${from + index}`)
  const of = (all: string[]) => {
    const sketch = createSketch()
    for (const name of [...all, ...all]) sketch.add(name)
    return sketch
  }
  t.equal(of(names(0, 10)).count(), 10)
  t.equal(createSketch().count(), 0)
  const [early, late] = [of(names(0, 30_000)), of(names(20_000, 50_000))]
  const both = createSketch(early.toText())
  both.merge(late)
  t.ok(Math.abs(both.count() / 50_000 - 1) < 0.07, String(both.count()))
  t.ok(of(names(0, 3)).toText().length < 60, 'a few names are short')
  t.throws(() => createSketch('AA=='))
})

t.test('a quantile lies within its bucket, whatever the calls', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4999 }), { minLength: 1, maxLength: 50 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (times, share) => {
        const buckets = Array.from({ length: 9 }, () => 0)
        for (const ms of times) buckets[bucketOf(ms)] = (buckets[bucketOf(ms)] ?? 0) + 1
        const exact = times.toSorted((a, b) => a - b)[Math.ceil(share * times.length) - 1] ?? 0
        const found = quantile(buckets, share) ?? -1
        return found >= 0 && Math.abs(bucketOf(found) - bucketOf(exact)) <= 1
      },
    ),
  )
  t.equal(quantile([0, 0, 0, 0, 0, 0, 0, 0, 0], 0.5), null)
  t.equal(quantile([0, 0, 0, 0, 0, 0, 0, 0, 3], 0.5), 5000, 'where the last one ends nobody knows')
})

/** The beginning of an hour in Beijing: 08:00. */
const HOUR = Date.parse('2026-11-20T00:00:00Z')

for (const target of targets)
  t.test(`${target.name}: hours are added up once they are over, each once`, async (t) => {
    const store = await openStore(target)
    t.teardown(() => store.close())
    const { database, vault } = store
    const audit = await openAuditLog({ database, vault, log: { info: () => undefined, error: () => undefined } })
    const note = (hours: number, more: object) =>
      audit.write({
        ...NO_CALL,
        action: 'call',
        traceId: 't'.repeat(32),
        at: HOUR + hours * HOUR_MS + 60_000,
        connector: 'gas',
        service: 'bill',
        durationMs: 40,
        ...more,
      })
    await Promise.all([
      ...['a', 'b', 'a'].map((user) => note(0, { user, app: 'bank' })),
      note(0, { user: 'c', outcome: 'HUB_UPSTREAM_TIMEOUT', durationMs: 3000 }),
      note(1, { user: 'a', service: 'account' }),
      note(1, { connector: null }),
      note(1, { action: 'delivery' }),
      note(24, { user: 'd', connector: 'water', service: 'bill' }),
      note(26, { user: 'e' }),
    ])
    let now = HOUR + 26 * HOUR_MS + 120_000
    const [roll, other] = [createRoll(database, () => now), createRoll(database, () => now)]
    t.equal(await roll.roll(), 25, 'the hour before is not settled yet')
    now += 300_000
    t.equal(await roll.roll(), 1)
    t.equal(await other.roll(), 0)

    const span = { from: '2026-11-20', to: '2026-11-21' }
    t.match(
      await askStatistics(database, { by: 'service', ...span }),
      [
        { key: 'gas.bill', calls: 4, failed: 1, successRate: 0.75, meanMs: 780, p50Ms: 40, users: 3 },
        { key: 'gas.account', calls: 1, users: 1 },
        { key: 'water.bill', calls: 1, users: 1 },
      ].sort((a, b) => b.calls - a.calls),
    )
    t.match(await askStatistics(database, { by: 'connector', ...span }), [
      { key: 'gas', calls: 5, users: 3 },
      { key: 'water', calls: 1 },
    ])
    t.match(
      await askStatistics(database, { by: 'agency', ...span, agencyOf: (key) => (key === 'gas.account' ? '营业厅' : '公用事业') }),
      [
        { key: '公用事业', calls: 5, failed: 1, users: 4 },
        { key: '营业厅', calls: 1, users: 1 },
      ],
      'services of several systems, and who called each of them counted once',
    )
    t.match(await askStatistics(database, { by: 'agency', ...span }), [
      { key: 'gas', calls: 5 },
      { key: 'water', calls: 1 },
    ])
    t.match(await askStatistics(database, { by: 'app', ...span, connector: 'gas' }), [
      { key: 'bank', calls: 3, users: null },
      { key: '', calls: 2 },
    ])
    t.match(await askStatistics(database, { by: 'clock', ...span }), [
      { key: '08', calls: 5 },
      { key: '09', calls: 1 },
    ])
    t.match(await askStatistics(database, { by: 'hour', ...span }), [
      { key: '2026-11-20 08' },
      { key: '2026-11-20 09' },
      { key: '2026-11-21 08' },
    ])
    t.match(await askStatistics(database, { by: 'day', ...span }), [
      { key: '2026-11-20', calls: 5, users: 3 },
      { key: '2026-11-21', calls: 1, users: 1 },
    ])
    t.match(await askStatistics(database, { by: 'weekday', from: '2026-11-13', to: '2026-11-21' }), [
      { key: '5 08', calls: 4 },
      { key: '5 09', calls: 1 },
      { key: '6 08', calls: 1 },
    ])
    t.match(await askStatistics(database, { by: 'all', ...span }), [{ key: '', calls: 6, failed: 1, users: 4 }])
    t.match(await askStatistics(database, { by: 'all', ...span, connector: 'water' }), [{ calls: 1, users: null }])
    t.same(await askStatistics(database, { by: 'all', from: '2026-01-01', to: '2026-01-02' }), [])
    await roll.purge(Date.parse('2026-11-21T00:00:00Z'))
    t.match(await askStatistics(database, { by: 'day', ...span }), [{ key: '2026-11-21' }])
    await audit.close()
  })

t.test('a chart has every moment of its span, and the longest bars alone', async (t) => {
  const row = (key: string, calls: number) => ({ key, name: `名${key}`, calls, failed: 1, p50Ms: 20, p95Ms: 90, users: 2, fewUsers: false })
  const span = { from: '2026-11-20', to: '2026-11-21', now: Date.parse('2026-11-21T03:10:00+08:00') }
  const chart = chartOf({ by: 'hour', measure: 'time', ...span }, [row('2026-11-20 08', 3)])
  t.ok(chart.kind === 'lines' && chart.labels.length === 28 && chart.labels.at(-1) === '11-21 03', 'up to the hour of now')
  t.ok(chart.kind === 'lines' && chart.series[1]?.values[8] === 90 && chart.series[1]?.values[9] === null)
  const days = chartOf({ by: 'day', measure: 'calls', ...span }, [row('2026-11-21', 3)])
  t.match(days, { labels: ['11-20', '11-21'], series: [{ values: [0, 3] }, { values: [0, 1] }] })
  const bars = chartOf(
    { by: 'service', measure: 'calls', ...span },
    Array.from({ length: 30 }, (_, index) => row(String(index), index)),
  )
  t.match(bars, { kind: 'bars', values: { length: 12, 0: 29 } })
  const week = chartOf({ by: 'weekday', measure: 'calls', ...span }, [row('7 23', 5)])
  t.ok(week.kind === 'heat' && week.values[6]?.[23] === 5 && week.values[0]?.[23] === 0)
})

t.test('what administrators see of it', async (t) => {
  const hub = await build(t, { env: { STATISTICS_FEWEST_PEOPLE: '1' } })
  await hub.get('/v1/social-security/benefit-eligibility')
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  await createRoll(hub.app.database, () => hour + 2 * HOUR_MS).roll()
  const read = (query: string) => call(hub, 'GET', `/admin/statistics${query}`, { person: 3 })
  const { data } = (await read('?by=service&connector=social-security')).json()
  t.match(data, [{ key: 'social-security.benefit-eligibility', name: /：/, calls: 1, failed: 0, successRate: 1, users: 1 }])
  t.match((await read('?by=all')).json().data, [{ key: '', users: 1 }])
  const workbook = await read('?format=xlsx')
  t.match(workbook.headers['content-disposition'], /statistics|%E7%BB%9F/)
  t.match(JSON.stringify(await readXlsx(workbook.rawPayload)), /调用次数.*benefit-eligibility/)
  const drawn = await read('?by=service&format=svg')
  t.equal(drawn.headers['content-type'], 'image/svg+xml')
  t.match(drawn.body, /^<svg .*从多到少：[^<]*：[^<]* 1次/)
  t.match((await read('?by=weekday&format=svg')).body, /最高 1次（周/)
  t.match((await read('?by=hour&format=svg&measure=time')).body, /中位数：最高/)
  t.match((await read('?by=agency&format=svg&measure=users')).body, /从多到少：许昌市[^<]* 1人/)
  t.match((await read('?by=agency')).json().data, [{ key: /^许昌市/, calls: 1, users: 1 }])
  const table = await read('?by=agency&format=csv')
  t.equal(table.headers['content-type'], 'text/csv; charset=utf-8')
  t.match(table.headers['content-disposition'], 'statistics.csv')
  t.match(table.body, /^\uFEFF编号,名称,调用次数,.*\r?\n许昌市[^,]*,许昌市[^,]*,1,0,1,/)
  t.equal((await read('?format=svg&measure=money')).statusCode, 400)
  for (const query of ['?from=2026-01-01&to=2026-06-01', '?from=2026-02-02&to=2026-02-01', '?by=week', '?from=yesterday'])
    t.equal((await read(query)).statusCode, 400, query)
})
