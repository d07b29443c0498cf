import t from 'tap'
import { type ConnectorDeclaration, field, input, service } from '../../../../core/connector.ts'
import { checkDeclarations } from '../../../../plugins/declarations/check.ts'
import { kinds } from '../../../../plugins/kinds/index.ts'
import { build } from '../../../helper/hub.ts'
import { minimalConnector } from '../../../helper/minimal-connector.ts'

const found = service({
  section: '0',
  kind: 'query',
  rows: 'many',
  audience: 'public',
  identity: 'login',
  timeoutMs: 2000,
  rate: { max: 1000, perSeconds: 60 },
  id: 'register',
  name: '名录',
  anyOf: ['idNumber', 'number', 'firm'],
  inputs: {
    idNumber: input.text('证件号码', { code: 'zjhm', format: 'id-number', field: 'idNumber' }),
    number: input.text('编号', { code: 'bh', field: 'number' }),
    firm: input.text('企业名称', { code: 'mc', field: 'firm' }),
    year: input.text('年度', { code: 'nd' }),
  },
  fields: {
    number: field.text('编号', { code: 'bh', required: true }),
    idNumber: field.text('证件号码', { code: 'zjhm', mask: 'idNumber' }),
    firm: field.text('企业名称', { code: 'mc' }),
  },
})
const rows = [
  { bh: 'A1', zjhm: '41100219900101000X', mc: '甲' },
  { bh: 'A2', zjhm: '411003198512319991', mc: '甲' },
]
const demo: ConnectorDeclaration = {
  ...minimalConnector(),
  services: [found],
  health: { service: 'register', intervalSeconds: 60, inputs: { number: 'none' } },
  sandbox: { register: () => rows },
}

t.test('a register with several ways to ask', async (t) => {
  const hub = await build(t, { declarations: [demo] })
  const sent: Record<string, unknown>[] = []
  const upstream = hub.app.upstreams.get('demo')
  if (!upstream) throw new Error('no upstream')
  const call = upstream.call.bind(upstream)
  upstream.call = (outgoing, ...rest) => {
    sent.push(outgoing.params)
    return call(outgoing, ...rest)
  }
  const ask = async (query: string, token: object = { person: 3 }) => (await hub.get(`/v1/demo/register${query}`, token)).json()
  const numbers = ({ data }: { data: { number: string }[] }) => data.map(({ number }) => number)

  await t.test('any of them finds the same record; several narrow it', async (t) => {
    t.same(numbers(await ask('?number=A1')), ['A1'])
    t.same(numbers(await ask('?idNumber=41100219900101000x')), ['A1'], 'however it is typed')
    t.same(numbers(await ask(`?firm=${encodeURIComponent('甲')}`)), ['A1', 'A2'])
    t.same(numbers(await ask(`?firm=${encodeURIComponent('甲')}&number=A2`)), ['A2'])
    t.same(numbers(await ask('?number=A9')), [])
  })

  await t.test('none of them is refused, whatever else is given; a wrong number too', async (t) => {
    const detail = '这几项至少填写一项'
    const errors = ['idNumber', 'number', 'firm'].map((name) => ({ pointer: `/query/${name}`, detail }))
    for (const query of ['', '?year=2026', '?page=2']) t.match(await ask(query), { status: 400, code: 'HUB_VALIDATION', errors })
    t.match(await ask('?number='), { status: 400, errors: [{ pointer: '/query/number' }] })
    t.match(await ask('?idNumber=411002199001010001'), { status: 400, errors: [{ pointer: '/query/idNumber' }] })
  })

  await t.test('who asks has logged in, and is no part of the question', async (t) => {
    t.equal((await hub.app.inject({ url: '/v1/demo/register?number=A1' })).statusCode, 401)
    await ask('?number=A1', { person: 1 })
    t.same(sent.at(-1), { bh: 'A1' })
  })

  await t.test('the interface document says so', async (t) => {
    const { paths } = (await hub.app.inject({ url: '/openapi.json' })).json()
    const parameters: { name: string; description?: string }[] = paths['/v1/demo/register'].get.parameters
    t.match(parameters.find(({ name }) => name === 'firm')?.description, '至少填写其中一项：证件号码、编号、企业名称')
  })
})

t.test('ways to ask are inputs that need not be given', async (t) => {
  const wrong = (change: object, connector: Partial<ConnectorDeclaration> = {}) =>
    checkDeclarations(
      [{ ...demo, ...connector, services: [{ ...found, contract: { ...found.contract, ...change } as typeof found.contract }] }],
      kinds,
    ).join('\n')
  t.equal(wrong({}), '')
  t.match(wrong({ anyOf: ['number'] }), 'needs two inputs at least')
  t.match(wrong({ anyOf: ['number', 'colour'] }), 'no such input: colour')
  t.match(wrong({ inputs: { ...found.contract.inputs, firm: input.text('企业名称', { required: true }) } }), 'firm is given anyway')
  t.match(wrong({ identity: 'real-name' }), 'audience public needs identity none or login')
  t.match(wrong({}, { health: { service: 'register', intervalSeconds: 60, inputs: {} } }), 'needs one of idNumber, number, firm')
  t.match(
    wrong({}, { health: { service: 'register', intervalSeconds: 60, subject: { name: '健康', number: '1' } } }),
    'is asked about nobody',
  )
})
