import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { HubError } from '../../../core/base/errors.ts'
import { assertAge } from '../../../plugins/kinds/filing/ages.ts'
import { bringFile } from '../../../test/helper/bring-file.ts'
import { pdfOf } from '../../../test/helper/file-bytes.ts'
import { build } from '../../../test/helper/hub.ts'
import { targets } from '../../../test/helper/targets.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import { found } from '../../../test/helper/waiting.ts'
import medicalInsurance from '../index.ts'

const URL = '/v1/medical-insurance/resident-enrolment'
const pace = { baseMs: 20, maxMs: 100, settleMs: 100, marginMs: 50 }

for (const target of targets) {
  t.test(`${target.name}: an enrolment is filed once and followed to the end of its review`, async (t) => {
    const declarations = [unhurried(medicalInsurance, 0.1)]
    const hub = await build(t, { target, declarations, jobs: { sweepMs: 50, pace }, sandboxTiming: { progressStepMs: 0 } })
    const filing = { body: { enrolmentYear: 2027, enrolmentRegion: '411003', personCategory: '1505', contactPhone: '13800000000' } }
    const headers = { 'idempotency-key': 'enrolment-of-person-2' }
    const filed = await hub.post(URL, { person: 2, headers, ...filing })
    t.equal(filed.statusCode, 202, filed.body)
    t.equal((await hub.post(URL, { person: 2, headers, ...filing })).json().data.id, filed.json().data.id)

    const url = String(filed.headers['location'])
    const look = async () => (await hub.get(url, { person: 2 })).json().data
    t.match(await found(look, ({ final }) => final), {
      state: 'approved',
      final: true,
      applicationStatus: { code: '03', name: '审核通过' },
      enrolmentYear: 2027,
      enrolmentRegion: { code: '411003', name: '建安区' },
      idNumber: '411***********9991',
    })
    t.same([...(hub.app.sandbox?.filings().values() ?? [])], [1])
    t.match((await hub.get(url, { person: 1 })).json(), { status: 404 })
    t.match((await hub.post(URL, { person: 2, headers, body: { ...filing.body, enrolmentYear: 2028 } })).json(), {
      code: 'HUB_IDEMPOTENCY_CONFLICT',
    })
    t.match(
      (await hub.post(URL, { headers: { 'idempotency-key': 'wrong-region' }, body: { ...filing.body, enrolmentRegion: '110000' } })).json(),
      {
        code: 'HUB_VALIDATION',
        errors: [{ pointer: '/body/enrolmentRegion' }],
      },
    )
  })
}

t.test('who may enrol as what, and what it takes', async (t) => {
  const hub = await build(t, {
    declarations: [unhurried(medicalInsurance, 0.1)],
    jobs: { sweepMs: 20, pace },
    sandboxTiming: { progressStepMs: 1 },
  })
  const { app } = hub
  let turn = 0
  const file = async (body: object, person = 2) => hub.post(URL, { person, headers: { 'idempotency-key': `enrolment-${turn++}` }, body })
  const until = async (url: string, reached: string, person = 2) => {
    for (;;) {
      const { data } = (await hub.get(url, { person })).json()
      if (data.state === reached) return data
      if (data.final) throw new Error(`ended as ${data.state}, not ${reached}`)
      await delay(20)
    }
  }

  t.match((await file({})).json(), { code: 'HUB_VALIDATION', errors: [{ pointer: '/body/personCategory' }] })
  for (const [personCategory, person, words] of [
    ['1501', 2, /须未满 16 周岁/],
    ['新生儿', 2, /须未满 16 周岁/],
    ['1506', 2, /须年满 60 周岁/],
    ['1505', 3, /未满 60 周岁/],
  ] as const)
    t.match((await file({ personCategory }, person)).json(), { status: 409, code: 'HUB_FILING_UNFIT', detail: words })
  t.match((await file({ personCategory: '1504' })).json(), { errors: [{ pointer: '/body/studentPaper', detail: '缺少必填项' }] })
  t.equal(await app.database('submissions').first('id'), undefined, 'nothing is left of a refusal')
  const studentPaper = await bringFile(hub, pdfOf(64), { person: 4 })
  // To its end: on its way it would suffer what is meant for the next.
  await until((await file({ personCategory: '1504', studentPaper }, 4)).json().data.statusUrl, 'approved', 4)

  const sid = 'medical-insurance.resident-enrolment'
  app.sandbox?.faults.set({ kind: 'hold-submission', sid, times: 1 })
  const held = (await file({ personCategory: '1505' })).json().data.statusUrl
  await until(held, 'reviewing')
  t.equal((await hub.post(`${held}/cancel`, { person: 2, headers: { 'idempotency-key': 'take-back' }, body: {} })).statusCode, 202)
  t.match(await until(held, 'withdrawn'), { stateName: '已撤销', final: true })
  app.sandbox?.faults.set({ kind: 'reject-submission', sid, times: 1 })
  t.match(await until((await file({ personCategory: '1505' })).json().data.statusUrl, 'rejected'), { refusalReason: /不予办理/ })
  app.sandbox?.faults.set({ kind: 'ask-supplement', sid, times: 1 })
  const incomplete = (await file({ personCategory: '1505' })).json().data.statusUrl
  t.match(await until(incomplete, 'incomplete'), { nextStep: { kind: 'supplement', items: [{ reason: /照片/ }] } })
  const body = { statement: '已重新拍摄' }
  t.equal((await hub.post(`${incomplete}/supplement`, { person: 2, headers: { 'idempotency-key': 'more-of-it' }, body })).statusCode, 202)
  await until(incomplete, 'approved')
})

t.test('by the birthday, to the day', async (t) => {
  const rules = medicalInsurance.services.find(({ contract }) => contract.id === 'resident-enrolment')?.contract.submission?.ages ?? []
  const person = { id: 'u', name: '贾明', idType: '01', idNumber: '41100220101128001X' }
  const asked = (day: string, personCategory: string, idType = '01') => {
    try {
      assertAge(rules, { person: { ...person, idType }, enterprise: null }, { personCategory }, Date.parse(`${day}T12:00:00+08:00`))
      return null
    } catch (error) {
      return (error as HubError).extras.detail
    }
  }
  t.match(asked('2026-11-27', '1503'), /未满 16 周岁的，由监护人/)
  t.equal(asked('2026-11-28', '1503'), null)
  t.match(asked('2028-11-27', '1505'), /须年满 18/)
  t.equal(asked('2028-11-28', '1505'), null)
  t.match(asked('2070-11-28', '1505'), /未满 60/)
  t.equal(asked('2070-11-28', '1506'), null)
  t.equal(asked('2020-01-01', '1506', '02'), null, 'other papers tell no birthday')
})
