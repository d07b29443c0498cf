import t from 'tap'
import { systemsOf } from '../../../core/contract/systems.ts'
import { loadConnectors } from '../../../plugins/load-connectors.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { build } from '../../helper/hub.ts'

interface Check {
  componentId: string
  status: string
  affectedEndpoints?: string[]
}

const declared = (await loadConnectors()).filter(({ id }) => id !== 'sandbox-museum')

/** Systems that take only their users' own tokens. */
const personal = new Set(
  declared.flatMap((connector) => systemsOf(connector).flatMap(([key, , { dialect }]) => (dialect.name === 'oauth2-user' ? [key] : []))),
)

t.test('a service that fails is found out although nobody calls it', async (t) => {
  t.ok(declared.length >= 5)
  for (const kind of ['http-500', 'html', 'error-code'] as const) {
    const hub = await build(t)
    const { faults } = hub.app.sandbox as Sandbox
    faults.set({ kind })
    const { checks, status } = (await hub.get('/health')).json() as { status: string; checks: Record<string, Check[]> }
    t.equal(status, 'warn')
    for (const { id, health } of declared) {
      const [main, ...further] = checks[`connector:${id}`] ?? []
      t.match(main, { status: 'fail', affectedEndpoints: [`/v1/${id}/${health.service}`] }, `${kind} ${id}`)
      // The hub itself cannot ask them.
      for (const system of further.filter(({ componentId }) => !personal.has(componentId)))
        t.match(system, { status: 'fail', affectedEndpoints: [String] }, `${kind} ${system.componentId}`)
    }
  }
})

t.test('one failure is no news, two are', async (t) => {
  const hub = await build(t)
  const { faults } = hub.app.sandbox as Sandbox
  const sid = 'social-security.basic-information'
  const read = async () => (await hub.get('/health/connectors/social-security')).json()
  faults.set({ kind: 'http-500', sid, times: 1 })
  t.match(await read(), { status: 'pass', probe: { ok: true, asked: 'service' }, affected: [] })
})

t.test('one sick service is a warning where others answer', async (t) => {
  const hub = await build(t)
  const { faults } = hub.app.sandbox as Sandbox
  faults.set({ kind: 'http-500', sid: 'social-security.basic-information' })
  t.equal((await hub.get('/v1/social-security/benefit-eligibility')).statusCode, 200)
  t.match((await hub.get('/health/connectors/social-security')).json(), {
    status: 'warn',
    probe: { ok: false, asked: 'service' },
    affected: ['basic-information'],
  })
})
