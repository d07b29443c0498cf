import t from 'tap'
import { build } from '../../helper/hub.ts'
import { call } from '../../helper/identity.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { site } from '../../helper/sign-on.ts'

interface Check {
  componentId: string
  componentType: string
  name: string
  status: string
  time: string
  lastSuccess: string | null
}

const PLATFORMS = { registry: '企业登记', 'sign-on': '统一登录', face: '实人认证' } as const
type Platform = keyof typeof PLATFORMS

t.test('/health tells how registry, sign-on and face verification are, from real calls', async (t) => {
  const hub = await site(t)
  const read = async () => {
    const response = await hub.app.inject('/health')
    const { status, checks } = response.json() as { status: string; checks: Record<string, Check[]> }
    const of = (id: Platform) => checks[`platform:${id}`]?.[0] as Check
    return { code: response.statusCode, body: response.body, status, of }
  }
  const use: Record<Platform, () => Promise<unknown>> = {
    registry: () => call(hub, 'POST', '/v1/me/enterprises/search'),
    'sign-on': () => hub.signOn({ person: 2 }),
    face: () => hub.post('/v1/me/face-verifications', { face: false, body: {} }),
  }
  const ids = Object.keys(PLATFORMS) as Platform[]

  t.test('nobody has used them', async (t) => {
    const health = await read()
    t.equal(health.status, 'pass')
    for (const id of ids)
      t.match(health.of(id), {
        componentId: id,
        componentType: 'system',
        name: PLATFORMS[id],
        status: 'pass',
        lastSuccess: null,
      })
  })

  for (const id of ids) {
    t.test(`${id}: well, then sick`, async (t) => {
      const start = Date.now()
      await use[id]()
      const well = (await read()).of(id)
      t.equal(well.status, 'pass')
      t.ok(Date.parse(well.lastSuccess ?? '') >= start, 'when it was last heard of')
      hub.sandbox.faults.set({ kind: 'http-503', sid: id === 'registry' ? 'registry.enterprises' : id })
      for (let turn = 0; turn < 8; turn++) await use[id]()
      const sick = await read()
      t.match(sick.of(id), { status: /^(warn|fail)$/, name: PLATFORMS[id] })
      t.notMatch(sick.body, /successRate|calls|success rate/, 'figures are for operators')
      t.same([sick.code, sick.status], [200, 'warn'], 'a warning, not the hub’s failure')
      const ready = await hub.app.inject('/health/ready')
      t.same([ready.statusCode, ready.json().status], [200, 'pass'])
      t.notMatch(ready.body, /platform/)
      t.notMatch(sick.body, /127\.0\.0\.1|X-BG/, 'no address')
    })
  }
})

t.test('what is not connected has no entry', async (t) => {
  const exchange = { EXCHANGE_BASE_URL: 'http://127.0.0.1:1', EXCHANGE_REQUESTER_ID: 'x', EXCHANGE_APP_KEY: 'x' }
  const { app } = await build(t, { declarations: [minimalConnector()], env: { SANDBOX: 'off', ...exchange } })
  const { checks } = (await app.inject('/health')).json() as { checks: object }
  t.same(
    Object.keys(checks).filter((name) => name.startsWith('platform:')),
    ['platform:registry'],
  )
})
