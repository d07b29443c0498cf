import t from 'tap'
import {
  type ConnectorDeclaration,
  codeList,
  defineConnector,
  exchange,
  field,
  input,
  type ServiceContract,
} from '../../../core/connector.ts'
import { DeclarationError } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { buildRegistry } from '../../../plugins/registry.ts'
import { build } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { waterworks } from '../../helper/museum-connector.ts'

type Contract = ServiceContract
type Accounts = NonNullable<ConnectorDeclaration['accounts']>
type AccountNumber = NonNullable<Accounts['accountNumber']>

function violations(declarations: ConnectorDeclaration[], settings = {}): string {
  try {
    buildRegistry(declarations, settings, kinds)
  } catch (error) {
    if (error instanceof DeclarationError) return error.violations.join('\n')
    throw error
  }
  return ''
}

const withService = (change: Partial<Contract>) => {
  const base = minimalConnector()
  const [first] = base.services
  if (!first) throw new Error('no service')
  return { ...base, services: [{ contract: { ...first.contract, ...change } as Contract, handler: null }] }
}

t.test('the declaration that the other cases break is sound', async (t) => {
  t.equal(violations([minimalConnector()]), '')
})

t.test('each mistake is named with connector, service and field', async (t) => {
  const cases: [string, ConnectorDeclaration[], RegExp][] = [
    ['duplicate connector', [minimalConnector(), minimalConnector()], /^demo: duplicate connector id$/m],
    ['a sum of what is no day', [withService({ summaries: [{ at: 'no', sums: ['balance'] }] })], /summaries\[0\]: no must be a date/],
    ['a sum of a list that is not there', [withService({ summaries: [{ list: 'no', at: 'day', sums: [] }] })], /no such list: no$/m],
    [
      'a mark of what is no number',
      [withService({ marks: { late: { title: '逾期', when: { field: 'no', above: 0 } } } })],
      /^demo\.balance\.marks\.late: no such field: no$/m,
    ],
    [
      'duplicate service',
      [{ ...minimalConnector(), services: [...minimalConnector().services, ...minimalConnector().services] }],
      /^demo\.balance: duplicate service id: route clash$/m,
    ],
    [
      'account numbers by an expression that is none',
      [
        {
          ...waterworks,
          accounts: {
            ...(waterworks.accounts as Accounts),
            accountNumber: { ...(waterworks.accounts?.accountNumber as AccountNumber), pattern: '(' },
          },
        },
      ],
      /^waterworks\.accounts\.accountNumber: Invalid regular expression/m,
    ],
    ['reserved route', [{ ...minimalConnector(), id: 'catalog' }], /route clash/],
    [
      'required with a choice that is none, or that has no such code',
      [
        withService({
          inputs: {
            kind: input.choice('类型', codeList('test', { '1': '一' })),
            paper: input.text('材料', { requiredWhen: { kind: ['2'], other: ['1'] } }),
          },
        }),
      ],
      /^demo\.balance\.paper: requiredWhen: kind has no code 2\n.*paper: requiredWhen names no choice of the service: other$/m,
    ],
    ['missing title', [withService({ fields: { amount: field.money('') } })], /^demo\.balance\.amount: missing title$/m],
    [
      'unknown field type',
      [withService({ fields: { amount: { ...field.money('额'), notes: { ...field.money('额').notes, type: 'picture' as 'text' } } } })],
      /^demo\.balance\.amount: unknown type: picture \(known: text, money, .*files\)$/m,
    ],
    [
      'unmasked id number',
      [withService({ fields: { idNumber: field.text('证件号码') } })],
      /^demo\.balance\.idNumber: personal data without a mask$/m,
    ],
    [
      'empty code list',
      [withService({ fields: { state: field.code('状态', codeList('none', {})) } })],
      /^demo\.balance\.state: a code field needs a code list$/m,
    ],
    [
      'id number from the request',
      [withService({ inputs: { idNumber: input.text('身份证号') } })],
      /^demo\.balance\.idNumber: an id number is never taken from a request$/m,
    ],
    [
      'input of the hub',
      [withService({ inputs: { page: input.text('页') } })],
      /^demo\.balance\.page: the input name belongs to the hub$/m,
    ],
    [
      'filter on no field',
      [withService({ inputs: { period: input.period('期间', { field: 'nothing' }) } })],
      /^demo\.balance\.period: narrows no field: nothing$/m,
    ],
    ['retry of a POST', [withService({ retry: { attempts: 2 } })], /^demo\.balance: retry is only for GET/m],
    [
      'a document that is never valid',
      [withService({ kind: 'document', document: { title: '证明', minutes: 0 } })],
      /^demo\.balance: document\.minutes counts from 1 to 90 days$/m,
    ],
    [
      'an enterprise’s fact of a person',
      [withService({ inputs: { uscc: input.verified('代码', 'enterprise.uscc') } })],
      /^demo\.balance\.uscc: no enterprise asks: enterprise\.uscc$/m,
    ],
    [
      'a name of whoever has proved none',
      [withService({ identity: 'login', inputs: { who: input.verified('姓名', 'person.name') } })],
      /^demo\.balance\.who: needs an identity of real-name or above: person\.name$/m,
    ],
    ['cache of personal data', [withService({ cache: { seconds: 5 } })], /^demo\.balance: cache is only for public queries$/m],
    ['face without policy', [withService({ identity: 'face' })], /^demo\.balance: identity face needs a face policy$/m],
    [
      'a face of nobody',
      [withService({ audience: 'public', identity: 'none', face: { maxAgeSeconds: 300, once: false } })],
      /^demo\.balance: a face policy needs an identity of login or above$/m,
    ],
    ['identity for the public', [withService({ audience: 'public' })], /^demo\.balance: audience public needs identity none or login$/m],
    [
      'enterprise without mandate',
      [withService({ audience: 'enterprise', identity: 'login' })],
      /^demo\.balance: audience enterprise needs/m,
    ],
    [
      'dependants of an enterprise',
      [withService({ audience: 'enterprise', identity: 'authorised-agent', dependants: true })],
      /^demo\.balance: dependants are for queries of a verified person$/m,
    ],
    [
      'submission without policy',
      [withService({ kind: 'submit' })],
      /^demo\.balance: kind submit or payment and a submission policy go together$/m,
    ],
    [
      'secret not marked',
      [{ ...minimalConnector(), credentials: { apiKey: { title: '密钥', secret: false } } }],
      /^demo\.credentials\.apiKey: secret not marked$/m,
    ],
    [
      'health of no service',
      [{ ...minimalConnector(), health: { service: 'x', intervalSeconds: 60 } }],
      /^demo: health\.service names no service: x$/m,
    ],
  ]
  for (const [name, declarations, expected] of cases) t.match(violations(declarations), expected, name)
})

t.test('all mistakes come at once', async (t) => {
  const found = violations([withService({ name: '', fields: { amount: field.money('') } })]).split('\n')
  t.equal(found.length, 2)
})

t.test('configuration for what does not exist is a mistake too', async (t) => {
  const found = violations([minimalConnector()], { demo: { sids: { nothing: 's_1' }, credentials: { nothing: 'x' } }, other: {} })
  t.match(found, /demo has no service nothing/)
  t.match(found, /demo declares no credential nothing/)
  t.match(found, /there is no connector other/)
})

t.test('a mistake stops the start', async (t) => {
  const broken = withService({ fields: { amount: field.money('') } })
  await t.rejects(build(t, { declarations: [broken] }), { message: /demo\.balance\.amount: missing title/ })
})

t.test('a sound connector of somebody else is a plugin like any other', async (t) => {
  const hub = await build(t, {
    declarations: [defineConnector({ ...minimalConnector(), upstream: { ...minimalConnector().upstream, dialect: exchange() } })],
  })
  const answer = await hub.get('/v1/demo/balance')
  t.equal(answer.statusCode, 200)
  t.type(answer.json().data.amount, 'number')
})
