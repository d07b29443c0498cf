import { readFileSync } from 'node:fs'
import t from 'tap'
import { compileService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { FieldNotes } from '../../../core/contract/fields.ts'
import { everyField, promisesOf } from '../../../test/helper/promises.ts'
import { withdrawers } from '../../../test/helper/proper-filing.ts'
import housingFund from '../index.ts'
import { closingStates } from '../life.ts'

/** In the order of the contract. */
const WITHDRAWALS = Object.keys(withdrawers)
const contracts = housingFund.services.map(({ contract }) => contract)

t.test('the promise has not shrunk', async (t) => {
  const promised = promisesOf('housing-fund')
  t.same({ services: promised.length, fields: promised.flatMap(({ fields }) => fields).length }, { services: 15, fields: 201 })
})

t.test('the firm is the mandate’s, and nothing else is taken from verified facts by name', async (t) => {
  t.same(
    contracts.flatMap(({ id, inputs }) => Object.values(inputs).flatMap(({ notes }) => (notes.fact ? [`${id} ${notes.fact}`] : []))),
    [
      ...WITHDRAWALS.map((id) => `${id} person.name`),
      'withdrawal-check person.name',
      'employer-account enterprise.name',
      'employer-account enterprise.uscc',
      'employer-contributors enterprise.name',
      'employer-contributors enterprise.uscc',
    ],
  )
})

t.test('numbers of persons and accounts are masked, and the record’s owner is checked', async (t) => {
  const maskOf = ({ title }: FieldNotes) => {
    if (/证件号码/.test(title)) return 'idNumber'
    if (/^(个人账号|单位账号|公积金账户信息|目标银行账户|.*公积金账号)$/.test(title)) return 'account'
    if (/^(共同借款人姓名|职工姓名|收款账户名称|操作人|用户基本信息)$/.test(title)) return 'name'
    return title === '房屋坐落' ? 'address' : undefined
  }
  for (const { id, name, notes } of everyField(housingFund)) t.equal(notes.mask, maskOf(notes), `${id}.${name}`)
  t.same(
    everyField(housingFund)
      .filter(({ notes }) => notes.subject === 'person')
      .map(({ id, name }) => `${id}.${name}`)
      .sort(),
    ['home-withdrawal-records.idNumber', 'loan-contract.borrowerIdNumber', 'loan-information.idNumber', 'personal-account.idNumber'],
  )
})

t.test('face verification: half an hour for queries, five minutes and once for withdrawals', async (t) => {
  for (const { id, kind, face } of contracts) {
    t.same(face, kind === 'submit' ? { maxAgeSeconds: 300, once: true } : { maxAgeSeconds: 1800, once: false }, id)
  }
})

t.test('the README draws the centre’s own states', async (t) => {
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const drawn = [...text.matchAll(/^ {4}(\w+) --> (\w+)$/gm)].map(([, from, to]) => `${from} ${to}`)
  const declared = Object.entries(closingStates).flatMap(([name, { after }]) => after.map((from) => `${from} ${name}`))
  t.same(drawn.sort(), declared.sort())
})

t.test('withdrawals walk from review to the money and the closed account', async (t) => {
  const furthest = { 'rental-housing-withdrawal': 'arrived' } as Record<string, string>
  for (const { id, submission } of contracts) {
    if (!submission || !WITHDRAWALS.includes(id)) continue
    const states = submission.progress.map(({ state }) => state)
    t.same(states.slice(0, 3), ['withdrawn', 'incomplete', furthest[id] ?? 'closed'], `${id} ends`)
    t.ok(
      ['reviewing', 'approved', 'rejected', 'arrived'].every((state) => states.includes(state)),
      id,
    )
    t.equal(submission.serial, 'ywlsh')
  }
})

t.test('what goes to the agency', async (t) => {
  const person = { id: 'u1', name: '贾明', idType: '01', idNumber: '41100219900101000X' }
  const enterprise = { id: 'e1', name: '许昌示例制造有限公司', uscc: '91411000MA0000015J' }
  const paramsOf = (id: string, input: Record<string, unknown>, asker: Asker) => {
    const service = housingFund.services.find(({ contract }) => contract.id === id)
    return service ? compileService(housingFund, service).params(input, asker) : null
  }
  t.same(paramsOf('employer-account', { timeRange: { from: '2026-01-01', to: null } }, { person, enterprise }), {
    dwmc: enterprise.name,
    tyshxydm: enterprise.uscc,
    jbrxm: person.name,
    jbrzjlx: '01',
    jbrzjhm: person.idNumber,
    ksrq: '20260101',
  })
  const reasons: Record<string, [business: string, reason: string]> = {
    'overseas-settlement-withdrawal': ['12', '05'],
    'incapacity-withdrawal': ['12', '04'],
    'rental-housing-withdrawal': ['11', '07'],
    'employment-termination-withdrawal': ['12', '99'],
    'retirement-withdrawal': ['12', '03'],
  }
  for (const [id, [gjhtqywlx, tqyy]] of Object.entries(reasons)) {
    const expected = { xingming: person.name, zjlx: '01', zjhm: person.idNumber, skzhmc: person.name, gjhtqywlx, tqyy, tqfs: '02' }
    t.same(paramsOf(id, {}, { person, enterprise: null }), expected, id)
  }
})
