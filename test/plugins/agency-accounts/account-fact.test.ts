import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { apiKey, type ConnectorDeclaration, input, type Service } from '../../../core/connector.ts'
import { checkDeclarations } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { build } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

type Contract = Service['contract']

/** A waterworks: `usage` declares the account as an input, `bill` stands behind a system that always wants it, `household` finds accounts. */
function waterworks(change: Partial<Contract> = {}): ConnectorDeclaration {
  const base = minimalConnector()
  const [{ contract }] = base.services as readonly [Service]
  const upstream = { ...base.upstream, dialect: apiKey(), subject: { person: { zjhm: 'person.idNumber' } } } as const
  const service = (more: Partial<Contract>): Service => ({ contract: { ...contract, ...more }, handler: null })
  return {
    ...base,
    upstream,
    systems: { billing: { ...upstream, subject: { person: { yhh: 'account.externalId' } } } },
    accounts: {
      cardinality: 'many-to-many',
      bind: ['id-match'],
      contact: '请拨打热线',
      idMatch: { service: 'household', externalId: 'amount' },
    },
    services: [
      service({ id: 'usage', inputs: { account: input.verified('户号', 'account.externalId', { code: 'hh' }) }, ...change }),
      service({ id: 'bill', upstream: { system: 'billing' } }),
      service({ id: 'household' }),
    ],
    health: { service: 'household', intervalSeconds: 3600 },
  }
}

t.test('the asker’s own account goes along, and nobody else’s', async (t) => {
  const asked: Record<string, unknown>[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      asked.push(JSON.parse(body))
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ code: '0', message: '', data: [{ ye: '12.50' }] }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const folder = mkdtempSync(join(tmpdir(), 'hub-account-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const address = { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, credentials: { apiKey: 'k' } }
  const CONNECTORS_FILE = join(folder, 'connectors.json')
  writeFileSync(CONNECTORS_FILE, JSON.stringify({ demo: { ...address, systems: { billing: address } } }))
  const hub = await build(t, { declarations: [waterworks()], env: { CONNECTORS_FILE } })

  const { store } = hub.app.accounts
  const userId = (person: number) => people[person - 1]?.id ?? ''
  const bind = (person: number, externalId: string) =>
    store.bind({ userId: userId(person), connector: 'demo', externalId, unionId: null, level: 'real-name', by: 'id-match' })
  const get = async (path: string, person = 1) => {
    asked.length = 0
    const reply = await hub.get(`/v1/demo/${path}`, { person })
    return { status: reply.statusCode, problem: reply.json(), asked: [...asked], calls: asked.length }
  }
  const unbound = { code: 'HUB_ACCOUNT_UNBOUND', stepUp: { method: 'account', connector: 'demo', url: '/v1/me/accounts/demo' } }

  const second = await bind(2, '20000002')
  for (const service of ['usage', 'bill']) {
    const { status, problem, asked } = await get(service)
    t.equal(status, 403, service)
    t.match(problem, unbound)
    t.strictSame(asked, [], 'the agency was not asked')
  }
  t.equal((await get('household')).status, 200, 'a service that needs no account')

  const first = await bind(1, '10000001')
  t.match(await get('usage'), { status: 200, asked: [{ hh: '10000001' }] })
  t.match(await get('bill'), { status: 200, asked: [{ yhh: '10000001' }] })
  t.match(await get('usage', 2), { status: 200, asked: [{ hh: '20000002' }] })
  t.strictSame(Object.keys((await get('household')).asked[0] ?? {}), ['zjhm'])
  t.ok((await store.list(userId(1)))[0]?.lastUsedAt, 'a use is noted')

  await t.test('none that the request names', async (t) => {
    t.match(await get('usage?account=20000002'), { status: 400, calls: 0 })
    t.match(await get(`usage?binding=${second.id}`), { status: 403, problem: unbound, calls: 0 })
    t.match(await get('household?binding=x'), { status: 400 }, 'only where an account is asked about')
  })

  await t.test('of several, the one that is chosen', async (t) => {
    const further = await bind(1, '10000009')
    const several = await get('usage')
    t.match(several, { status: 409, problem: { code: 'HUB_SEVERAL_RECORDS', choices: { parameter: 'binding' } }, calls: 0 })
    t.strictSame([...several.problem.choices.values].sort(), [first.id, further.id].sort())
    t.match(await get(`usage?binding=${further.id}`), { status: 200, asked: [{ hh: '10000009' }] })
    t.match(await get(`usage?binding=${first.id}`), { status: 200, asked: [{ hh: '10000001' }] })
    await store.unbind(userId(1), further.id)
    t.match(await get('usage'), { status: 200, asked: [{ hh: '10000001' }] })
  })

  await t.test('suspended, resumed, unbound', async (t) => {
    await store.suspend(first.id, 'test')
    t.match(await get('usage'), { status: 403, problem: { code: 'HUB_ACCOUNT_SUSPENDED' }, calls: 0 })
    await store.resume(first.id)
    t.match(await get('usage'), { status: 200 })
    await store.unbind(userId(1), first.id)
    t.match(await get('usage'), { status: 403, problem: unbound, calls: 0 })
  })

  t.notMatch(hub.logged(), /1000000[19]|20000002/, 'no account in the logs')
})

t.test('mistakes in a declaration are named', async (t) => {
  const sound = waterworks()
  t.strictSame(checkDeclarations([sound], kinds), [])
  const { accounts: _, ...without } = sound
  const cases: [ConnectorDeclaration, RegExp][] = [
    [without, /demo\.usage: account\.externalId needs the connector to declare accounts/],
    [waterworks({ dependants: true }), /demo\.usage: account\.externalId is for persons/],
    [waterworks({ agents: true }), /demo\.usage: account\.externalId is for persons/],
    [waterworks({ audience: 'public', identity: 'none' }), /demo\.usage: account\.externalId is for persons/],
    [waterworks({ id: 'household' }), /demo\.household: a service that finds an account cannot need one/],
    [waterworks({ inputs: {}, upstream: { system: 'billing' }, identity: 'login' }), /demo\.usage: with identity login/],
    [
      { ...sound, upstream: { ...sound.upstream, subject: { enterprise: { hh: 'account.externalId' } } } },
      /demo: an enterprise has no account/,
    ],
  ]
  for (const [declaration, expected] of cases) t.match(checkDeclarations([declaration], kinds).join('\n'), expected)
})
