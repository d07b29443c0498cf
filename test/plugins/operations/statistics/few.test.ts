import fc from 'fast-check'
import t from 'tap'
import type { StatisticsRow } from '../../../../plugins/operations/statistics/ask.ts'
import { chartOf } from '../../../../plugins/operations/statistics/chart.ts'
import { mostFirst, rounded, shownEvents, shownStatistics } from '../../../../plugins/operations/statistics/few.ts'
import { createRoll, HOUR_MS } from '../../../../plugins/operations/statistics/roll.ts'
import { build } from '../../../helper/hub.ts'
import { call } from '../../../helper/identity.ts'
import { readXlsx } from '../../../helper/xlsx.ts'

const ROW: StatisticsRow = {
  ...{ key: 'gas.bill', calls: 12, failed: 2, unanswered: 1, unreadable: 0, successRate: 0.8333, meanMs: 30, p50Ms: 20, p95Ms: 90 },
  users: 7,
}

t.test('two shown counts are equal or as far apart as the fewest, so that no difference of two is a smaller one', async (t) => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), fc.integer({ min: 1, max: 50 }), (one, other, fewest) => {
      const [shown, beside] = [rounded(one, fewest), rounded(other, fewest)]
      if (shown === null || beside === null) return Math.min(one, other) < fewest
      const apart = Math.abs(shown - beside)
      return shown >= fewest && Math.abs(shown - one) <= fewest / 2 && (apart === 0 || apart >= fewest)
    }),
  )
  t.same(
    [0, 1, 4, 5, 7, 8, 1234].map((count) => rounded(count, 5)),
    [null, null, null, 5, 5, 10, 1235],
  )
  t.same(
    [0, 1, 4].map((count) => rounded(count, 1)),
    [null, 1, 4],
    'with 1 as they are',
  )
})

t.test('a row says nothing of fewer', async (t) => {
  t.strictSame(shownStatistics(ROW, 5), {
    ...{ key: 'gas.bill', calls: 10, failed: 2, successRate: 0.8, meanMs: 30, p50Ms: 20, p95Ms: 90, fewCalls: false },
    ...{ users: 5, fewUsers: false },
  })
  t.match(shownStatistics({ ...ROW, users: 4 }, 5), { calls: 10, users: null, fewUsers: true, fewCalls: false })
  t.match(shownStatistics({ ...ROW, users: null }, 5), { users: null, fewUsers: false }, 'not kept')
  t.match(shownStatistics({ ...ROW, calls: 7, failed: 7 }, 5), { calls: 5, failed: 5, successRate: 0 }, 'nor what failed')
  const few = { calls: null, failed: null, successRate: null, meanMs: null, p50Ms: null, p95Ms: null, users: null }
  t.strictSame(shownStatistics({ ...ROW, calls: 4, users: 1 }, 5), { key: 'gas.bill', ...few, fewCalls: true, fewUsers: true })
  const pages = { key: '/bus', times: 12, seconds: 119, meanSeconds: 10, installs: 3 }
  t.strictSame(shownEvents(pages, 5), {
    ...{ key: '/bus', times: 10, seconds: 99, meanSeconds: 10, fewTimes: false, installs: null, fewInstalls: true },
  })
  t.match(shownEvents({ ...pages, times: 1 }, 5), { times: null, seconds: null, meanSeconds: null, fewTimes: true })
})

t.test('the order of what is withheld is that of its names', async (t) => {
  const rows = ['b', 'c', 'a'].map((key, index) => ({ key, calls: index === 1 ? 10 : null }))
  t.same(
    mostFirst(rows, ({ calls }) => calls).map(({ key }) => key),
    ['c', 'a', 'b'],
  )
})

t.test('a chart has a gap in its place, no bar, and says so', async (t) => {
  const span = { from: '2026-11-20', to: '2026-11-21', now: Date.parse('2026-11-21T23:00:00+08:00') }
  const shown = [ROW, { ...ROW, key: 'gas.account', calls: 3, users: 2 }].map((row) => ({ ...shownStatistics(row, 5), name: row.key }))
  t.match(chartOf({ by: 'service', measure: 'calls', ...span }, shown), { title: /（太少的不画）$/, labels: ['gas.bill'], values: [10] })
  const days = shown.map((row, index) => ({ ...row, key: `2026-11-2${index}` }))
  t.match(chartOf({ by: 'day', measure: 'users', ...span }, days), { series: [{ values: [5, null] }] })
  t.notMatch(chartOf({ by: 'day', measure: 'users', ...span }, days.slice(0, 1)).title, '太少')
})

t.test('whoever sees statistics sees the same in each form', async (t) => {
  const hub = await build(t)
  for (const person of [1, 2, 3]) await hub.get('/v1/social-security/benefit-eligibility', { person })
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  await createRoll(hub.app.database, () => hour + 2 * HOUR_MS).roll()
  const read = (query: string) => call(hub, 'GET', `/admin/statistics${query}`, { person: 3 })
  const few = { calls: null, failed: null, successRate: null, meanMs: null, fewCalls: true }
  for (const by of ['service', 'connector', 'agency', 'app', 'day', 'hour', 'clock', 'weekday', 'all']) {
    const { data, meta } = (await read(`?by=${by}`)).json()
    t.match([data, meta], [[few], { fewest: 5 }], by)
  }
  t.match((await read('?by=all')).json().data, [{ users: null, fewUsers: true }])
  t.match((await read('?format=csv')).body, /\n[^,]*,[^,]*,少于 5,,,,,,少于 5/)
  t.match(JSON.stringify(await readXlsx((await read('?format=xlsx')).rawPayload)), '少于 5')
  t.notMatch((await read('?by=agency&format=svg&measure=users')).body, /\d人/)
})
