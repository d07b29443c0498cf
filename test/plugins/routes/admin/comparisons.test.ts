import t from 'tap'
import housingFund from '../../../../connectors/housing-fund/index.ts'
import type { ConnectorDeclaration } from '../../../../core/connector.ts'
import { pseudonymOf } from '../../../../plugins/users/users.ts'
import { build } from '../../../helper/hub.ts'
import { call, userId } from '../../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../../helper/queries.ts'

const [OPERATOR, AUDITOR, CITIZEN, WITHOUT] = [2, 3, 4, 6] as const
const SERVICE = 'housing-fund.loan-overdue-events'
const URL = `/admin/comparisons/${SERVICE}`
const purpose = '逾期清收核验'
const NONE = [404, 'HUB_NO_RECORD']

t.test('staff compare what was due with what came in', async (t) => {
  const hub = await build(t, { declarations: [housingFund] as readonly ConnectorDeclaration[] })
  const ask = (about: number, by: number = OPERATOR, url = URL, headers = {}) =>
    call(hub, 'POST', url, { person: by, headers, body: { userId: userId(about), purpose } })
  const [event] = (await hub.get('/v1/housing-fund/loan-overdue-events')).json().data

  await t.test('event by event and together, on record with purpose and whose it was', async (t) => {
    const { traceId, headers } = trace()
    const response = await ask(1, OPERATOR, URL, headers)
    t.equal(response.statusCode, 200, response.body)
    const { title, events, totals } = response.json().data
    t.equal(title, '贷款逾期实收/应收对比')
    const { totalPayable } = event
    t.match(events, [{ total: { due: totalPayable, received: totalPayable, outstanding: 0 }, remaining: 0, verdict: 'settled' }])
    t.match(
      events[0].facts.find(({ name }: { name: string }) => name === 'transactionSerialNumber'),
      { title: '交易流水号', value: event.transactionSerialNumber },
      'by which it is traced',
    )
    t.match(totals.at(-1), { title: '合计', due: totalPayable, received: totalPayable, outstanding: 0 })
    const target = pseudonymOf(hub.app.vault, userId(1))
    t.match(await auditOf(hub, traceId), [{ service: 'comparisons.compare', connector: 'housing-fund', purpose, target, rows: 1 }])
    t.notMatch(response.body, /41\d{15}/)
  })

  await t.test('what is still owed, what does not agree, what cannot be read', async (t) => {
    const cases: [values: Record<string, string>, verdict: string, outstanding: number | null][] = [
      [{ ssyqbjje: '"0.00"', syqk: JSON.stringify(String(event.overduePrincipal)) }, 'open', event.overduePrincipal],
      [{ ssyqbjje: '"0.00"' }, 'mismatch', event.overduePrincipal],
      [{ ssyqlxje: '"?"' }, 'unknown', null],
    ]
    for (const [values, expected, outstanding] of cases) {
      hub.app.sandbox?.faults.set({ kind: 'values', sid: SERVICE, values })
      const { events } = (await ask(1)).json().data
      t.match(events, [{ verdict: expected, total: { outstanding } }], expected)
      hub.app.sandbox?.faults.clear()
    }
  })

  await t.test('by whoever may, about whom there is, with a reason, of services that say so', async (t) => {
    for (const person of [AUDITOR, CITIZEN]) t.same(verdict(await ask(1, person)), [403, 'HUB_ROLE_REQUIRED'])
    t.same(verdict(await call(hub, 'POST', URL, { person: OPERATOR, body: { userId: userId(1) } })), [400, 'HUB_VALIDATION'])
    t.same(verdict(await ask(1, OPERATOR, '/admin/comparisons/housing-fund.personal-account')), NONE)
    const nobody = await call(hub, 'POST', URL, { person: OPERATOR, body: { userId: crypto.randomUUID(), purpose } })
    t.same(verdict(nobody), NONE)
    t.strictSame((await ask(WITHOUT)).json().data.events, [])
    const offered = (await call(hub, 'GET', '/admin/comparisons', { person: OPERATOR })).json().data
    t.strictSame(offered, [{ service: SERVICE, name: '个人住房贷款逾期登记信息查询', title: '贷款逾期实收/应收对比' }])
  })
})
