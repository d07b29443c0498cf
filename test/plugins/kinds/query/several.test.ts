import t from 'tap'
import { checkDeclarations } from '../../../../plugins/declarations/check.ts'
import { kinds } from '../../../../plugins/kinds/index.ts'
import { build } from '../../../helper/hub.ts'
import { minimalConnector } from '../../../helper/minimal-connector.ts'

const hub = await build(t)

interface Refusal {
  code: string
  choices: { parameter: string; values: string[]; options: { value: string; label: string }[] }
}

t.test('whoever has two funds chooses one of them by what he is shown of it, and each is had', async (t) => {
  const url = '/v1/housing-fund/personal-account'
  hub.app.sandbox?.faults.set({ kind: 'many', sid: 'housing-fund.personal-account' })
  const both = await hub.get(url, { person: 1 })
  const { code, choices } = both.json<Refusal>()
  t.same([both.statusCode, code, choices.parameter], [409, 'HUB_SEVERAL_RECORDS', 'personalAccountNumber'])
  t.equal(choices.options.length, 2)
  t.notMatch(both.body, /9900000000[17]/, 'a choice tells no more than the answer would')
  for (const { value, label } of choices.options) {
    t.match(label, /^个人账号 \*+\d{4}，个人账户状态 正常/)
    const one = await hub.get(`${url}?personalAccountNumber=${encodeURIComponent(value)}`, { person: 1 })
    t.equal(one.statusCode, 200)
    t.equal(one.json<{ data: { personalAccountNumber: string } }>().data.personalAccountNumber, value)
  }
  t.equal((await hub.get(`${url}?personalAccountNumber=99000000001`, { person: 1 })).statusCode, 200, 'the whole number does too')
  const other = await hub.get(`${url}?personalAccountNumber=99000000009`, { person: 1 })
  t.same([other.statusCode, other.json<Refusal>().code], [404, 'HUB_NO_RECORD'])
  hub.app.sandbox?.faults.clear()
})

t.test('what there is but one of is no choice: two are the mistake of the agency', async (t) => {
  hub.app.sandbox?.faults.set({ kind: 'many', sid: 'medical-insurance.medical-insurance-code' })
  const response = await hub.get('/v1/medical-insurance/medical-insurance-code', { person: 1 })
  t.match(response.json(), { code: 'HUB_UPSTREAM_INVALID', agency: '许昌市医疗保障局', detail: /每人只有一个医保码/ })
  hub.app.sandbox?.faults.clear()
})

t.test('a service of one record that says neither does not start', async (t) => {
  const demo = minimalConnector()
  const [service] = demo.services
  if (!service) throw new Error('no service')
  const { single: _, ...contract } = service.contract
  const problems = checkDeclarations([{ ...demo, services: [{ ...service, contract }] }], kinds)
  t.match(problems, [/^demo\.balance: one record needs a key/])
})

t.test('a query that assists no other service of its connector does not start', async (t) => {
  const demo = minimalConnector()
  const [service] = demo.services
  if (!service) throw new Error('no service')
  const problemsOf = (assists: string[]) =>
    checkDeclarations([{ ...demo, services: [{ ...service, contract: { ...service.contract, assists } }] }], kinds)
  t.same(problemsOf([]), ['demo.balance: assists names no service'])
  t.same(problemsOf(['balance', 'nowhere']), ['demo.balance: assists no service: balance', 'demo.balance: assists no service: nowhere'])
})
