import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { build } from '../../../test/helper/hub.ts'
import { targets } from '../../../test/helper/targets.ts'

const URL = '/v1/medical-insurance/resident-enrolment'
const pace = { baseMs: 20, maxMs: 100, settleMs: 100, marginMs: 50 }

for (const target of targets) {
  t.test(`${target.name}: an enrolment is filed once and followed to the end of its review`, async (t) => {
    const hub = await build(t, { target, jobs: { sweepMs: 50, pace }, sandboxTiming: { progressStepMs: 0 } })
    const filing = { body: { enrolmentYear: 2027, enrolmentRegion: '411003', personCategory: '1505', contactPhone: '13800000000' } }
    const headers = { 'idempotency-key': 'enrolment-of-person-2' }
    const filed = await hub.post(URL, { person: 2, headers, ...filing })
    t.equal(filed.statusCode, 202, filed.body)
    t.equal((await hub.post(URL, { person: 2, headers, ...filing })).json().data.id, filed.json().data.id)

    const url = String(filed.headers['location'])
    let data = filed.json().data
    for (const end = Date.now() + 10_000; !data.final && Date.now() < end; await delay(50))
      data = (await hub.get(url, { person: 2 })).json().data
    t.match(data, {
      state: 'approved',
      final: true,
      applicationStatus: { code: '03', name: '审核通过' },
      enrolmentYear: 2027,
      enrolmentRegion: { code: '411003', name: '建安区' },
      idNumber: '411***********9991',
    })
    t.same([...(hub.app.sandbox?.filings().values() ?? [])], [1])
    t.match((await hub.get(url, { person: 1 })).json(), { status: 404 })
    t.match((await hub.post(URL, { person: 2, headers, body: { enrolmentYear: 2028 } })).json(), { code: 'HUB_IDEMPOTENCY_CONFLICT' })
    t.match((await hub.post(URL, { headers: { 'idempotency-key': 'wrong-region' }, body: { enrolmentRegion: '110000' } })).json(), {
      code: 'HUB_VALIDATION',
      errors: [{ pointer: '/body/enrolmentRegion' }],
    })
  })
}
