import t from 'tap'
import { type ConnectorDeclaration, field, input, type Service } from '../../../core/connector.ts'
import { HOLDER } from '../../../plugins/kinds/simulation.ts'
import { accountsOf } from '../../../plugins/sandbox/accounts.ts'
import { createAnswers, findSubject } from '../../../plugins/sandbox/answers.ts'
import { enterprises, people } from '../../../plugins/sandbox/people.ts'
import { indexServices } from '../../../plugins/sandbox/services.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

/** A waterworks that knows its customers by number: `household` finds one, `bills` asks about it. */
function waterworks(pattern: string, change: Partial<ConnectorDeclaration> = {}): ConnectorDeclaration {
  const base = minimalConnector()
  const [{ contract }] = base.services as readonly [Service]
  const number = field.text('户号', { code: 'hh' })
  const holder = field.text('户主', { code: 'hz', mask: 'name' })
  const services = [
    {
      contract: { ...contract, id: 'household', inputs: { number: input.text('户号', { code: 'hh' }) }, fields: { number, holder } },
      handler: null,
    },
    {
      contract: {
        ...contract,
        id: 'bills',
        kind: 'list' as const,
        inputs: { account: input.verified('户号', 'account.externalId', { code: 'yhh' }) },
        fields: { customer: field.text('用户编号', { code: 'yhh' }), amount: field.money('金额', { code: 'je' }) },
      },
      handler: null,
    },
  ]
  const accountNumber = { service: 'household', input: 'number', externalId: 'number', title: '户号', pattern }
  const accounts = { cardinality: 'many-to-many', bind: ['account-number'], contact: '请拨打热线', accountNumber } as const
  return { ...base, services, accounts, health: { service: 'household', intervalSeconds: 60 }, ...change }
}

const [first, second, third] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]]
const offered = (connector: ConnectorDeclaration, id: string) => {
  const [service] = indexServices([connector]).get(`demo.${id}`) ?? []
  if (!service) throw new Error(`no service ${id}`)
  return service
}

t.test('made-up rows hold one account id a person, in the declared form, under every key that means it', async (t) => {
  for (const pattern of ['^\\d{8}$', '^XC\\d{6}$', '']) {
    const answers = createAnswers()
    const connector = waterworks(pattern)
    const ids = people.map((person) => accountsOf(connector, person))
    t.equal(new Set(ids.flat()).size, people.length, 'nobody shares one')
    for (const [index, person] of people.entries()) {
      const [id = ''] = ids[index] ?? []
      t.match(id, new RegExp(pattern))
      t.strictSame(answers.rowsOf(offered(connector, 'household'), person), [{ hh: id, hz: person.name }], 'the holder is that person')
      t.ok(answers.rowsOf(offered(connector, 'bills'), person).every(({ yhh }) => yhh === id))
    }
  }
})

t.test('a connector’s own rows say who has which account', async (t) => {
  const sandbox = { household: ({ index }: { index: number }) => (index <= 2 ? [{ hh: '10000001' }] : []) }
  const connector = waterworks('', { sandbox })
  t.strictSame(
    [first, second, third].map((person) => accountsOf(connector, person)),
    [['10000001'], ['10000001'], []],
  )
  const { accounts: _accounts, ...without } = connector
  t.strictSame(accountsOf(without, first), [])
})

t.test('an agency knows by the account whom it is asked about', async (t) => {
  const sandbox = { household: ({ index }: { index: number }) => (index <= 2 ? [{ hh: '10000001' }] : [{ hh: `2000000${index}` }]) }
  const bills = offered(waterworks('', { sandbox }), 'bills')
  const named = (person: typeof first) => ({ xingming: person.name, zjhm: person.number })
  t.equal(findSubject(bills, { yhh: '10000001' }), first, 'the first of a household')
  t.equal(findSubject(bills, { yhh: '10000001', ...named(second) }), second, 'whoever of it is named')
  t.equal(findSubject(bills, { yhh: '10000001', ...named(third) }), null, 'nobody who is not of it')
  t.equal(findSubject(bills, { yhh: 'none' }), null)
  t.equal(findSubject(bills, { [HOLDER]: third }), third, 'by the token')
  t.equal(findSubject(bills, { [HOLDER]: third, yhh: '10000001' }), null)
  t.equal(findSubject(offered(waterworks(''), 'household'), named(first)), first, 'without an account as before')
  t.equal(findSubject(offered(waterworks(''), 'household'), { zjhm: enterprises[0]?.number }), null)
})
