import fc from 'fast-check'
import t from 'tap'
import type { StatisticsRow } from '../../../../plugins/operations/statistics/ask.ts'
import { chartOf } from '../../../../plugins/operations/statistics/chart.ts'
import { rounded, shownEvents, shownStatistics } from '../../../../plugins/operations/statistics/few.ts'
import { createRoll, HOUR_MS } from '../../../../plugins/operations/statistics/roll.ts'
import { build } from '../../../helper/hub.ts'
import { call } from '../../../helper/identity.ts'
import { readXlsx } from '../../../helper/xlsx.ts'

const ROW: StatisticsRow = {
  ...{ key: 'gas.bill', calls: 12, failed: 2, unanswered: 1, unreadable: 0, successRate: 0.8333, meanMs: 30, p50Ms: 20, p95Ms: 90 },
  users: 7,
}

t.test('two shown numbers are equal or as far apart as the fewest, so that no difference of two is a smaller one', async (t) => {
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

t.test('a row says its calls as they were, and its people where they are many', async (t) => {
  t.strictSame(shownStatistics(ROW, 5), { ...ROW, users: 5, fewUsers: false })
  t.strictSame(shownStatistics({ ...ROW, users: 4 }, 5), { ...ROW, users: null, fewUsers: true })
  t.strictSame(shownStatistics({ ...ROW, users: null }, 5), { ...ROW, users: null, fewUsers: false }, 'not kept')
  const pages = { key: '/bus', times: 12, seconds: 119, meanSeconds: 10, installs: 3 }
  t.strictSame(shownEvents(pages, 5), { ...pages, installs: null, fewInstalls: true })
  t.strictSame(shownEvents({ ...pages, installs: 12 }, 5), { ...pages, installs: 10, fewInstalls: false })
  t.strictSame(shownEvents({ ...pages, installs: null }, 5), { ...pages, installs: null, fewInstalls: false }, 'not kept')
})

t.test('a chart of people has no point and no bar for few, and says so', async (t) => {
  const span = { from: '2026-11-20', to: '2026-11-21', now: Date.parse('2026-11-21T23:00:00+08:00') }
  const shown = [ROW, { ...ROW, key: 'gas.account', users: 2 }].map((row) => ({ ...shownStatistics(row, 5), name: row.key }))
  t.match(chartOf({ by: 'service', measure: 'users', ...span }, shown), { title: /（太少的不画）$/, labels: ['gas.bill'], values: [5] })
  t.match(chartOf({ by: 'service', measure: 'calls', ...span }, shown), { title: /\d$/, values: [12, 12] }, 'calls are drawn')
  const days = shown.map((row, index) => ({ ...row, key: `2026-11-2${index}` }))
  t.match(chartOf({ by: 'day', measure: 'users', ...span }, days), { series: [{ values: [5, null] }] })
})

t.test('whoever sees statistics sees the same in each form', async (t) => {
  const hub = await build(t)
  for (const person of [1, 2, 3]) await hub.get('/v1/social-security/benefit-eligibility', { person })
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  await createRoll(hub.app.database, () => hour + 2 * HOUR_MS).roll()
  const read = (query: string) => call(hub, 'GET', `/admin/statistics${query}`, { person: 3 })
  for (const by of ['service', 'connector', 'agency', 'app', 'day', 'all']) {
    const { data, meta } = (await read(`?by=${by}`)).json()
    t.match([data, meta], [[{ calls: 3, users: null, fewUsers: true }], { fewest: 5 }], by)
  }
  t.match((await read('?format=csv')).body, /\n[^,]*,[^,]*,3,.*,少于 5/)
  t.match(JSON.stringify(await readXlsx((await read('?format=xlsx')).rawPayload)), '少于 5')
  t.match((await read('?by=service&format=svg&measure=users')).body, '太少的不画')
})
