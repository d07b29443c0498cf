import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import socialSecurity from '../../../connectors/social-security/index.ts'
import { type FaultKind, faultKinds } from '../../../plugins/sandbox/faults.ts'
import { figuresOf } from '../../helper/figures.ts'
import { build } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

const ASKED = 'social-security.basic-information'

/** A hub whose connectors are configured so. */
function configured(settings: object) {
  const folder = mkdtempSync(join(tmpdir(), 'hub-health-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'connectors.json')
  writeFileSync(file, JSON.stringify(settings))
  return { CONNECTORS_FILE: file }
}

t.test('what is wrong is told by its name, and which endpoints it affects', async (t) => {
  for (const [kind, state] of [
    ['login', 'unauthorised'],
    ['html', 'data-unreadable'],
  ] as const satisfies readonly (readonly [FaultKind, string])[]) {
    const hub = await build(t, { declarations: [socialSecurity] })
    hub.app.sandbox?.faults.set({ kind, sid: ASKED })
    const { checks } = (await hub.app.inject('/health')).json()
    t.match(
      checks['connector:social-security'],
      [{ status: 'fail', state, affectedEndpoints: ['/v1/social-security/basic-information'] }],
      faultKinds[kind],
    )
    t.match(await hub.app.health.states(), [
      { connector: 'social-security', name: '社保', system: 'social-security', state, probe: { ok: false } },
    ])
  }
})

t.test('credentials that end soon are told, and no more than that', async (t) => {
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  for (const [days, state] of [
    [10, 'credential-expiring'],
    [60, 'up'],
  ] as const) {
    const env = configured({ demo: { credentialsExpire: inDays(days) } })
    const hub = await build(t, { declarations: [minimalConnector()], env })
    t.match((await figuresOf(hub, 'demo')).main, { status: 'pass', state, credentialsExpire: inDays(days) })
    t.notMatch((await hub.app.inject('/health/connectors/demo')).body, /credentialsExpire|certificateEnds/)
  }
  await t.rejects(build(t, { env: configured({ demo: { credentialsExpire: 'soon' } }) }), /CONNECTORS_FILE \/demo\/credentialsExpire/)
})

t.test('of what nobody knows there are no figures', async (t) => {
  const hub = await build(t, { declarations: [minimalConnector()] })
  await figuresOf(hub, 'demo')
  t.equal((await hub.get('/admin/health/nothing', { person: 8 })).json().code, 'HUB_NO_RECORD')
  t.equal((await hub.get('/admin/health', { person: 4 })).json().code, 'HUB_ROLE_REQUIRED')
  t.equal((await hub.app.inject('/admin/health')).statusCode, 401)
  t.match((await hub.get('/admin/health', { person: 8 })).json().data, [
    { system: 'demo', calls: 0, successRate: null, latency: null, services: [] },
  ])
})
