import fc from 'fast-check'
import t from 'tap'
import { compileService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { systemOf } from '../../../core/contract/systems.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { worldAt } from '../../../plugins/sandbox/world.ts'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import { registrationBodies, withPapers } from '../../../test/helper/proper-filing.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import { found } from '../../../test/helper/waiting.ts'
import realEstate from '../index.ts'

t.test('the promise has not shrunk', async (t) => {
  const promised = promisesOf('real-estate')
  t.same({ services: promised.length, fields: promised.flatMap(({ fields }) => fields).length }, { services: 12, fields: 112 })
})

const contracts = realEstate.services.map(({ contract }) => contract)
const compiled = (id: string) => {
  const found = realEstate.services.find(({ contract }) => contract.id === id)
  if (!found) throw new Error(`no service ${id}`)
  return compileService(realEstate, found)
}
const world = worldAt(Date.now())
const askerOf = (index: number): Asker => {
  const { id = '', name = '', number: idNumber = '' } = people[index - 1] ?? {}
  return { person: { id, name, idType: '01', idNumber }, enterprise: null }
}
const rowOf = (id: string, person: number) => {
  const [row] = realEstate.sandbox[id]?.(people[person - 1] ?? { index: 0, name: '', number: '' }, world) ?? []
  if (!row) throw new Error(`no row of ${id}`)
  return row
}

t.test('the zone is the WeChat platform’s, all queries go through the exchange', async (t) => {
  const direct = contracts.filter((contract) => systemOf(realEstate, contract).agency === '许昌市不动产登记交易中心微信服务平台')
  t.equal(direct.length, 6)
  t.same(
    direct.map(({ id }) => id),
    contracts.filter(({ section, agents }) => section === '1.4.2.1' && agents).map(({ id }) => id),
  )
  t.equal(realEstate.upstream.dialect.name, 'exchange')
})

t.test('what goes to the agency', async (t) => {
  const identity = { QLRMC: '贾明', ZJH: '41100219900101000X' }
  t.same(compiled('purchase-invoices').params({ contractFilingNumber: 'XCWQ2019000001' }, askerOf(1)), {
    ...identity,
    htbah: 'XCWQ2019000001',
  })
  t.same(compiled('deed-tax-payment-certificate').params({}, askerOf(1)), { ...identity, nsrsbh: identity.ZJH })
  const price = (transactionPrice: number) => compiled('contract-online-signing').params({ transactionPrice }, askerOf(1))['fdcjyjg']
  t.equal(price(800_000.01), 80.000001, 'in 万元')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), (fen) => {
      const row = { slbh: 'S1', fdcjyjg: price(fen / 100) }
      return compiled('contract-online-signing').map(row, askerOf(1))['transactionPrice'] === fen / 100
    }),
  )
})

t.test('amounts of the register are in 万元, its two dates one period', async (t) => {
  const { map } = compiled('property-mortgage')
  const [shop, flat] = realEstate.sandbox['property-mortgage']?.(people[0] as (typeof people)[0], world) ?? []
  t.match(map({ ...flat }, askerOf(1)), { securedPrincipalClaimAmount: 300_000, debtPerformancePeriod: '2019-07-09 至 2034-07-20' })
  t.match(map({ ...shop }, askerOf(1)), { maximumClaimAmount: 458_000, debtPerformancePeriod: '2021-04-01 至 2031-03-31' })
  t.match(map({ ...flat, zwlxjssj: '' }, askerOf(1)), { debtPerformancePeriod: '2019-07-09 00:00:00' })
})

t.test('only a party may see a record, shown or not who the parties are', async (t) => {
  for (const id of [
    'property-registration',
    'property-mortgage',
    'property-seizure',
    'property-objection',
    'deed-tax',
    'purchase-invoices',
  ]) {
    const { map } = compiled(id)
    t.ok(map(rowOf(id, 1), askerOf(1)), id)
    for (const other of [2, 3, 7])
      t.throws(() => map(rowOf(id, 1), askerOf(other)), { code: 'HUB_UPSTREAM_WRONG_SUBJECT' }, `${id} ${other}`)
  }
  const seizure = compiled('property-seizure')
  const { ZTT_GY_QLR: owners, ...bare } = rowOf('property-seizure', 3)
  t.throws(() => seizure.map(bare, askerOf(3)), { code: 'HUB_UPSTREAM_WRONG_SUBJECT' }, 'a record that names no party is nobody’s')
  t.ok(seizure.map({ ...bare, qlrxx: owners }, askerOf(3)))
  t.ok(seizure.map({ ...bare, zjh: '411***********999X' }, askerOf(3)))
})

t.test('through the hub', async (t) => {
  const pace = { baseMs: 20, maxMs: 100, settleMs: 100, marginMs: 50 }
  const hub = await build(t, {
    declarations: [unhurried(realEstate, 0.1)],
    jobs: { sweepMs: 50, pace },
    sandboxTiming: { progressStepMs: 0 },
  })
  const url = '/v1/real-estate'
  const flat = `${url}/property-registration?propertyCertificateNumber=${encodeURIComponent('豫（2019）许昌市不动产权第0000001号')}`

  t.test('every query answers person 1 with all its fields', async (t) => {
    for (const { id, fields, submission, order } of contracts) {
      if (submission || order) continue
      const { data, meta } = (await hub.get(`${url}/${id}`)).json()
      const filled = Object.keys(fields).filter((name) => [data].flat().some((row?: Record<string, unknown>) => row && row[name] !== null))
      // A building under construction is mortgaged by its developer.
      t.same(
        filled,
        Object.keys(fields).filter((name) => name !== 'buildingUnderConstructionLocation'),
        id,
      )
      t.equal(meta?.absent, undefined, id)
    }
  })

  t.test('both co-owners see the flat, with everybody on it shortened', async (t) => {
    const [mine, theirs] = await Promise.all([hub.get(flat), hub.get(flat, { person: 2 })])
    t.equal(mine.statusCode, 200, mine.body)
    t.match(mine.json().data, [
      {
        coOwnership: { code: '1', name: '共同共有' },
        rightHolderIdentityDetails: [
          { name: '贾*', idNumber: '411***********000X' },
          { name: '甄*禾', idNumber: '411***********9991', phone: '138****0002', address: '许昌市魏都区****' },
        ],
      },
    ])
    t.same(theirs.json().data, mine.json().data)
    t.notMatch(mine.body, /甄晓禾|411003198512319991|13800000002/)
  })

  t.test('somebody else’s record is withheld', async (t) => {
    for (const id of ['property-registration', 'deed-tax', 'purchase-invoices']) {
      hub.app.sandbox?.faults.set({ kind: 'wrong-person', sid: `real-estate.${id}`, times: 1 })
      t.match((await hub.get(`${url}/${id}`)).json(), { status: 502, code: 'HUB_UPSTREAM_WRONG_SUBJECT' }, id)
    }
    t.same((await hub.get(flat, { person: 3 })).json().data, [])
    t.same((await hub.get(`${url}/property-registration`, { person: 7 })).json().data, [])
  })

  t.test('a registration is filed by a person, and by an agent for the enterprise', async (t) => {
    for (const [key, who] of [
      ['by-person', {}],
      ['by-agent', { enterprise: 1 }],
    ] as const) {
      const body = await withPapers(hub, 'real-estate.mortgage-registration', registrationBodies['mortgage-registration'], who)
      const filed = await hub.post(`${url}/mortgage-registration`, { ...who, headers: { 'idempotency-key': key }, body })
      t.equal(filed.statusCode, 202, filed.body)
      const look = async () => (await hub.get(String(filed.headers['location']), who)).json().data
      t.match(await found(look, ({ final }) => final), {
        state: 'approved',
        registrationType: { name: '首次登记' },
        securedPrincipalClaimAmount: 625_000.5,
      })
    }
    t.same([...(hub.app.sandbox?.filings().values() ?? [])], [1, 1])
    const missing = await hub.post(`${url}/tax-and-fee-payment`, { headers: { 'idempotency-key': 'without-case' }, body: {} })
    t.match(missing.json(), { code: 'HUB_VALIDATION' })
  })
})
