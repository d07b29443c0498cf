import t from 'tap'
import { type ConnectorDeclaration, defineConnector, envelope, field, service } from '../../../core/connector.ts'
import { compileEnvelope } from '../../../core/upstream/envelope.ts'
import { checkDeclarations } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { build } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

const fields = { amount: field.money('余额', { code: 'ye', required: true }) }
const paging = { style: 'page', page: 'p', size: 's', base: 1, rows: 10 } as const
const defaults = {
  audience: 'person',
  identity: 'real-name',
  timeoutMs: 3000,
  rate: { max: 5, perSeconds: 60 },
  face: { maxAgeSeconds: 600, once: false },
  method: 'GET',
  retry: { attempts: 1 },
  paging,
} as const

const plain = service({ id: 'plain', name: '余额', kind: 'query', single: '每人一个余额', inputs: {}, fields })
const listed = service({ id: 'listed', name: '明细', kind: 'list', inputs: {}, fields, upstream: { path: 'all' } })
const own = service({
  id: 'own',
  name: '余额',
  kind: 'query',
  single: '每人一个余额',
  identity: 'face',
  timeoutMs: 9000,
  inputs: {},
  fields,
  upstream: { method: 'POST' },
})
const filed = service({
  id: 'filed',
  name: '申请',
  kind: 'submit',
  inputs: {},
  fields: { ...fields, number: field.text('编号') },
  submission: { serial: 'lsh', reference: 'number', pollSeconds: 1, maxAttempts: 1, progress: [] },
})

const { upstream } = minimalConnector()
const about = { id: 'demo', name: '演示', agency: '演示单位', upstream, sandbox: {} } as const
const health = { service: 'plain', intervalSeconds: 60 } as const

t.test('what a service leaves open its connector says', async (t) => {
  const { services } = defineConnector({ ...about, defaults, services: [plain, listed, own, filed], health })
  const [first, second, third, fourth] = services.map(({ contract }) => contract)
  const { rate, retry, face } = defaults
  t.match(first, { audience: 'person', identity: 'real-name', timeoutMs: 3000, rate, retry, upstream: { method: 'GET' } })
  t.notOk(first?.face ?? first?.upstream?.paging, 'a face verification is for identity face, paging for lists')
  t.same(second?.upstream, { method: 'GET', paging, path: 'all' })
  t.match(third, { identity: 'face', face, timeoutMs: 9000, upstream: { method: 'POST' } })
  t.equal(third?.retry, undefined, 'a POST is not repeated')
  t.equal(fourth?.upstream?.method, undefined, 'an application is sent as it always was')
  t.equal(plain.contract.timeoutMs, undefined, 'the service itself stays what it was')
})

t.test('what nobody says is a mistake, and so is an owner who cannot be reached', async (t) => {
  const problems = (connector: ConnectorDeclaration) => checkDeclarations([connector], kinds)
  t.same(
    problems(defineConnector({ ...about, services: [plain], health })),
    ['audience', 'identity', 'timeoutMs', 'rate'].map(
      (part) => `demo.plain: missing ${part}: the service or the connector's defaults must say it`,
    ),
  )
  const sound = defineConnector({ ...about, defaults, services: [plain], health })
  t.same(problems(sound), [], 'neither section nor version is needed')
  t.match(problems({ ...sound, owner: { name: '信息科', contact: '' } }), [/demo\.owner: needs a name and a contact/])
  t.match(problems({ ...sound, documentation: 'see below' }), [/demo\.documentation: must be an address/])
})

t.test('owner and documentation stand in OpenAPI', async (t) => {
  const owner = { name: '演示单位信息科', contact: '0374-0000000' }
  const connector = defineConnector({ ...about, defaults, services: [plain], health, owner, documentation: 'https://agency.example/api' })
  const hub = await build(t, { declarations: [connector] })
  const { tags, paths } = (await hub.app.inject('/openapi.json')).json()
  t.match(tags, [{ name: '演示', description: /演示单位信息科/, externalDocs: { url: 'https://agency.example/api' } }])
  t.notMatch(paths['/v1/demo/plain'].get.description, /合同/)
  t.equal((await hub.get('/v1/demo/plain')).statusCode, 200)
})

t.test('envelopes for usual forms', async (t) => {
  const open = compileEnvelope(envelope.rest())
  const answer = (body: unknown) => open({ status: 200, contentType: '', body: Buffer.from(JSON.stringify(body)) })
  t.same(answer([{ a: 1 }]), { rows: [{ a: 1 }], total: null })
  t.same(answer({ a: 1, code: 'x' }), { rows: [{ a: 1, code: 'x' }], total: null }, 'a code is nothing but a field')
  t.same(answer({ data: { items: [{ a: 1 }], total: 7 } }), { rows: [{ a: 1 }], total: 7 })
  t.same(answer({ content: [], totalElements: 0 }), { rows: [], total: 0 })
  const coded = compileEnvelope(envelope.rest({ codeKeys: ['code'], success: ['200'] }))
  t.throws(() => coded({ status: 200, contentType: '', body: Buffer.from('{"code":500,"message":"x"}') }), { code: 'HUB_UPSTREAM_REFUSED' })
  t.ok(envelope.exchange({ charset: 'gbk' }).emptyTexts.includes('没有数据'))
})
