import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { compileService } from '../../../core/call/service.ts'
import { apiKey, codeList, exchange, field, input, service } from '../../../core/connector.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../../core/contract/types.ts'
import { layOut } from '../../../core/dialects/exchange-request.ts'
import { createUpstream } from '../../../core/upstream/upstream.ts'
import { checkDeclarations } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

const asker: Asker = {
  userId: 'u1',
  person: { id: 'p1', name: '贾明', idType: '01', idNumber: '41100219900101001X' },
  enterprise: null,
  account: { externalId: 'R-1' },
}

type Change = Pick<ServiceContract, 'inputs' | 'upstream'> & { dateFormat?: string }

/** A connector whose agency has an address for every service. */
function declared({ inputs, upstream = {}, dateFormat = 'YYYYMMDD' }: Change): ConnectorDeclaration {
  const base = minimalConnector()
  const asked = service({
    id: 'balance',
    name: '查询',
    kind: 'query',
    single: '每人只有一条',
    audience: 'person',
    identity: 'real-name',
    section: '0',
    inputs,
    fields: { amount: field.money('余额'), day: field.date('日期') },
    upstream,
    timeoutMs: 2000,
    rate: { max: 10, perSeconds: 60 },
  })
  return { ...base, upstream: { ...base.upstream, dialect: apiKey(), subject: { person: {} }, dateFormat }, services: [asked] }
}

function outgoing(change: Change, given: Record<string, unknown>) {
  const connector = declared(change)
  const [first] = connector.services
  if (!first) throw new Error('no service')
  return compileService(connector, first).outgoing(given, asker)
}

const problems = (change: Change) => checkDeclarations([declared(change)], kinds).join('\n')
const loanId = input.text('借阅编号', { required: true })

t.test('an input in the path stands there, percent-encoded, and nowhere else', async (t) => {
  const change = {
    inputs: { loanId, copies: input.integer('册数', { code: 'n' }) },
    upstream: { path: '/借阅/{loanId}/renew', method: 'PUT' },
  } as const
  t.equal(problems(change), '')
  t.same(outgoing(change, { loanId: 'A 1/2?x', copies: 3 }), {
    sid: 'demo.balance',
    path: `${encodeURIComponent('借阅')}/A%201%2F2%3Fx/renew`,
    method: 'PUT',
    params: { n: 3 },
    userId: 'u1',
  })
  const verified = { inputs: { card: input.verified('读者证号', 'account.externalId') }, upstream: { path: 'readers/{card}' } }
  t.equal(outgoing(verified, {}).path, 'readers/R-1')
})

t.test('whatever a caller gives is one part of the path', async (t) => {
  const change = { inputs: { loanId }, upstream: { path: 'loans/{loanId}/renew' } }
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      if (/^\.*$/.test(text)) return
      const { pathname, search, hash } = new URL(`http://agency.example/${outgoing(change, { loanId: text }).path}`)
      const [, first, value = '', last, ...rest] = pathname.split('/')
      if (first !== 'loans' || last !== 'renew' || rest.length > 0 || search !== '' || hash !== '') throw new Error(text)
      if (decodeURIComponent(value) !== text) throw new Error(`${text} became ${value}`)
    }),
  )
  for (const text of ['.', '..', '...']) t.throws(() => outgoing(change, { loanId: text }), { code: 'HUB_VALIDATION' }, text)
})

t.test('a key with dots is a path into the body, and itself in a query string', async (t) => {
  const inputs = { name: input.text('姓名', { code: 'applicant.name' }), phone: input.text('电话', { code: 'applicant.contact.phone' }) }
  const constants = { 'applicant.type': '1', channel: 'app' }
  const given = { name: '贾明', phone: '100' }
  t.same(outgoing({ inputs, upstream: { constants } }, given).params, {
    applicant: { type: '1', name: '贾明', contact: { phone: '100' } },
    channel: 'app',
  })
  t.same(outgoing({ inputs, upstream: { constants, method: 'GET' } }, given).params, {
    'applicant.type': '1',
    'applicant.name': '贾明',
    'applicant.contact.phone': '100',
    channel: 'app',
  })
  const shared = { constants: { applicant: { type: '1' } } }
  const [connector] = [declared({ inputs, upstream: shared })]
  const compiled = compileService(connector, connector.services[0] as (typeof connector.services)[number])
  compiled.params(given, asker)
  t.same(compiled.params({}, asker), { applicant: { type: '1' } }, 'no caller’s values stay for the next')
})

t.test('a header holds a constant, an input or a verified fact', async (t) => {
  const inputs = { branch: input.choice('馆', codeList('test', { '01': '总馆' })) }
  const headers = { 'X-Channel': 'app', 'X-Branch': { input: 'branch' }, 'X-Reader': { fact: 'person.name' } } as const
  t.equal(problems({ inputs, upstream: { headers } }), '')
  const { params, headers: written } = outgoing({ inputs, upstream: { headers } }, { branch: '01' })
  t.same([params, written], [{}, { 'X-Channel': 'app', 'X-Branch': '01', 'X-Reader': encodeURIComponent('贾明') }])
  t.same(outgoing({ inputs, upstream: { headers } }, {}).headers, { 'X-Channel': 'app', 'X-Reader': encodeURIComponent('贾明') })
  t.equal(outgoing({ inputs, upstream: {} }, {}).headers, undefined)
  const text = { inputs: { word: input.text('词') }, upstream: { headers: { 'X-Word': { input: 'word' } } } }
  t.equal(outgoing(text, { word: 'a\r\nX-Admin: 1' }).headers?.['X-Word'], 'a%0D%0AX-Admin%3A%201', 'no line of its own')
})

t.test('days go out as the system or the input writes them', async (t) => {
  const inputs = {
    range: input.period('时间', { codes: ['from', 'to'], field: 'day' }),
    other: input.period('时间', { codes: ['a', 'b'], field: 'day', pattern: 'yyyy年M月d日' }),
    price: input.money('价', { code: 'fen', unit: 'fen' }),
  }
  const range = { from: '2026-03-04', to: null }
  t.same(outgoing({ inputs, dateFormat: 'dd/MM/yyyy' }, { range, other: range, price: 12.34 }).params, {
    from: '04/03/2026',
    a: '2026年3月4日',
    fen: 1234,
  })
})

t.test('what cannot be written is a mistake of the declaration', async (t) => {
  const free = input.text('号')
  const cases: [string, Change, RegExp][] = [
    ['unknown in path', { inputs: {}, upstream: { path: 'a/{b}' } }, /upstream: no such input: b/],
    ['optional in path', { inputs: { b: free }, upstream: { path: 'a/{b}' } }, /upstream\.path: the input b must be required/],
    ['stray brace', { inputs: {}, upstream: { path: 'a/{b' } }, /braces that hold no input/],
    ['unknown in header', { inputs: {}, upstream: { headers: { 'X-A': { input: 'b' } } } }, /no such input: b/],
    ['header of the connection', { inputs: {}, upstream: { headers: { Host: 'x' } } }, /Host is not the service's to set/],
    ['header name', { inputs: {}, upstream: { headers: { 'X A': 'x' } } }, /not a header's name: X A/],
    [
      'period in path',
      { inputs: { b: input.period('期', { field: 'day', required: true }) }, upstream: { path: '{b}' } },
      /a period cannot stand/,
    ],
    [
      'value and path',
      { inputs: { b: input.text('号', { code: 'a' }), c: input.text('号', { code: 'a.b' }) } },
      /a is a value and a path to others/,
    ],
    ['date format', { inputs: {}, dateFormat: 'MM/yyyy' }, /demo\.upstream\.dateFormat: the pattern MM\/yyyy lacks day/],
    ['date letters', { inputs: {}, dateFormat: 'dd-MON-yyyy' }, /unknown letters/],
  ]
  for (const [name, change, expected] of cases) t.match(problems(change), expected, name)
  const fixed = declared({ inputs: { loanId }, upstream: { path: 'a/{loanId}' } })
  t.match(
    checkDeclarations([{ ...fixed, upstream: { ...fixed.upstream, dialect: exchange() } }], kinds).join(),
    /the dialect has no place for a path/,
  )
})

t.test('verbs reach the agency with their parameters and headers', async (t) => {
  const seen: unknown[][] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    seen.push([request.method, request.url, request.headers['x-channel'], request.headers['x-key'], Buffer.concat(chunks).toString()])
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const upstream = createUpstream({
    agency: '图书馆',
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    maxConcurrent: 2,
    createSigner: () => ({
      sign: (call) => layOut({ path: `/${call.path}`, carriers: ['header'], bodyFormat: 'json' }, call, { 'x-key': 'k' }),
      refused: () => false,
      renew: async () => undefined,
      probe: async () => undefined,
    }),
  })
  t.teardown(() => upstream.close())
  const options = { deadline: performance.now() + 5000, retries: 0, cacheSeconds: 0 }
  for (const method of ['PUT', 'DELETE'] as const)
    await upstream.call(
      { sid: 's', path: 'loans/1', method, params: { n: 1 }, headers: { 'x-channel': 'app', 'x-key': 'forged' } },
      () => ({ rows: [], total: null }),
      options,
    )
  t.same(seen, [
    ['PUT', '/loans/1', 'app', 'k', '{"n":1}'],
    ['DELETE', '/loans/1?n=1', 'app', 'k', ''],
  ])
})
