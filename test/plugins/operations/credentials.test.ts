import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { apiKey, defineConnector } from '../../../core/connector.ts'
import { createRotations, isUnderWay } from '../../../plugins/operations/credentials/rotations.ts'
import { administrator, atConsole } from '../../helper/console.ts'
import { openStore } from '../../helper/filing.ts'
import { listen, send, words } from '../../helper/hall.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { call, userId } from '../../helper/identity.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { auditOf, trace } from '../../helper/queries.ts'
import { inOffice } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'

const purpose = '疑似泄露，立即更换'
const [ADMIN, AUDITOR, CITIZEN] = [1, 3, 4] as const
const ROTATIONS = '/admin/credentials/rotations'

/** One whose credentials only people can change. */
const keyed = defineConnector({
  ...minimalConnector(),
  id: 'keyed',
  upstream: { ...minimalConnector().upstream, dialect: apiKey() },
})

async function twoHubs(t: Parameters<typeof build>[0], target: (typeof targets)[number]): Promise<[Hub, Hub]> {
  const { settings, drop } = await target.create()
  t.teardown(drop)
  // At the agency only the newest secret counts: whoever signs with another is refused.
  const options = { store: settings, declarations: [minimalConnector(), keyed], sandboxTiming: { oneSecretAtATime: true } }
  const first = await build(t, options)
  const { baseUrl = '', requesterId = '', appKey = '' } = first.app.sandbox?.exchange ?? {}
  const env = { EXCHANGE_BASE_URL: baseUrl, EXCHANGE_REQUESTER_ID: requesterId, EXCHANGE_APP_KEY: appKey }
  const second = await build(t, { ...options, env })
  for (const [person, role] of [
    [ADMIN, 'admin'],
    [AUDITOR, 'auditor'],
  ] as const)
    await inOffice(first, person, role)
  return [first, second]
}

const balance = async (hub: Hub) => (await hub.get('/v1/demo/balance', { person: CITIZEN })).statusCode
const listed = async (hub: Hub, system = 'demo') => {
  const { data } = (await call(hub, 'GET', '/admin/credentials', { person: AUDITOR })).json()
  return data.systems.find((each: { system: string }) => each.system === system)
}
for (const target of targets)
  t.test(`${target.name}: what an agency hands out is replaced while it serves, once, in every process`, async (t) => {
    const [hub, other] = await twoHubs(t, target)
    const sandbox = hub.app.sandbox
    const rotate = (at: Hub, person: number = ADMIN, system = 'demo', headers = {}) =>
      call(at, 'POST', ROTATIONS, { person, body: { system, purpose }, headers })
    t.match(await listed(hub), { agency: '演示单位', dialect: 'exchange', renewable: true, held: [], rotation: null })
    for (const at of [hub, other]) t.equal(await balance(at), 200)
    const secret = async () => (await hub.app.database('upstream_secrets').first('secret_sealed')).secret_sealed
    const old = await secret()

    let over = false
    const statuses: number[] = []
    const asking = Promise.all(
      [hub, other].map(async (at) => {
        while (!over) statuses.push(await balance(at))
      }),
    )
    const { traceId, headers } = trace()
    const [one, two] = await Promise.all([rotate(hub, ADMIN, 'demo', headers), rotate(other)])
    for (const at of [hub, other]) await at.app.credentials.tick()
    while (statuses.length < 10) await sleep(5)
    over = true
    await asking
    t.strictSame([one, two].map(({ statusCode }) => statusCode).sort(), [200, 429], 'of two who press at once one has it done')
    t.match([one, two].find(({ statusCode }) => statusCode === 200)?.json().data, { renewed: 1, failed: 0, error: null })
    t.match([one, two].find(({ statusCode }) => statusCode === 429)?.json(), { code: 'HUB_RATE_LIMITED', detail: /刚刚更换过/ })
    t.strictSame([...new Set(statuses)], [200], 'no call suffers')
    t.not(await secret(), old)
    t.match(await auditOf(hub, traceId), [{ service: 'credentials.rotate', target: 'demo', purpose }])
    t.match(await listed(hub), {
      held: [{ obtainedAt: String, expiresAt: String, failures: 0 }],
      rotation: { askedBy: userId(ADMIN), renewed: 1, failed: 0, error: null, endedAt: String },
    })
    const before = sandbox?.refreshes('demo.balance')
    for (const at of [hub, other]) t.equal(await balance(at), 200)
    t.equal(sandbox?.refreshes('demo.balance'), before, 'both sign with the new one')
    const shown = JSON.stringify(await listed(hub))
    t.notMatch(shown, await secret())
    t.notMatch(shown, sandbox?.exchange.appKey ?? '')
  })

t.test('whom the agency refuses a new one goes on with the old one', async (t) => {
  const hub = await build(t, { declarations: [minimalConnector(), keyed] })
  await inOffice(hub, ADMIN)
  await inOffice(hub, AUDITOR, 'auditor')
  const rotate = (system: string, person: number = ADMIN) => call(hub, 'POST', ROTATIONS, { person, body: { system, purpose } })
  t.match((await rotate('demo')).json().data, { renewed: 0, failed: 0 }, 'nothing was handed out yet')
  await hub.app.database('credential_rotations').delete()
  t.equal(await balance(hub), 200)
  const faults = hub.app.sandbox?.faults
  faults?.set({ kind: 'bad-sign', on: 'refresh' })
  const refused = await rotate('demo')
  t.match(refused.json(), { status: 502, code: 'HUB_UPSTREAM_CREDENTIAL', detail: /演示单位|认证/ })
  faults?.clear()
  t.equal(await balance(hub), 200)
  t.match(await listed(hub), { held: [{ failures: 1 }], rotation: { renewed: 0, failed: 1, error: 'HUB_UPSTREAM_CREDENTIAL' } })

  t.match((await rotate('keyed')).json(), { status: 409, code: 'HUB_REQUEST_STATE', detail: /人工配置/ })
  t.match(await listed(hub, 'keyed'), { renewable: false, configured: [{ name: 'apiKey', title: String }] })
  t.equal((await rotate('nobody')).json().code, 'HUB_NO_RECORD')
  t.equal((await rotate('demo', AUDITOR)).json().code, 'HUB_ROLE_REQUIRED')
  t.equal((await call(hub, 'GET', '/admin/credentials', { person: CITIZEN })).json().code, 'HUB_ROLE_REQUIRED')
  t.equal((await call(hub, 'POST', ROTATIONS, { person: ADMIN, body: { system: 'demo' } })).statusCode, 400, 'without a purpose')
})

t.test('a process takes up what was replaced, whatever the clock of who did it says', async (t) => {
  const [hub, other] = await twoHubs(t, targets[0] as (typeof targets)[number])
  for (const at of [hub, other]) t.equal(await balance(at), 200)
  t.equal((await call(hub, 'POST', ROTATIONS, { person: ADMIN, body: { system: 'demo', purpose } })).statusCode, 200)
  await hub.app.database('credential_rotations').decrement({ asked_at: 120_000, ended_at: 120_000 })
  await other.app.credentials.tick()
  // Who has only the old one is refused, and would have to ask the store.
  const rename = (from: string, to: string) => hub.app.database.schema.renameTable(from, to)
  await rename('upstream_secrets', 'elsewhere')
  t.equal(await balance(other), 200)
  await rename('elsewhere', 'upstream_secrets')
})

t.test('one that the store lets down at once is over, and is no riddle for ten minutes', async (t) => {
  const hub = await build(t, { declarations: [minimalConnector()] })
  await inOffice(hub, ADMIN)
  await inOffice(hub, AUDITOR, 'auditor')
  t.equal(await balance(hub), 200)
  const rename = (from: string, to: string) => hub.app.database.schema.renameTable(from, to)
  await rename('upstream_secrets', 'elsewhere')
  const failed = await call(hub, 'POST', ROTATIONS, { person: ADMIN, body: { system: 'demo', purpose } })
  await rename('elsewhere', 'upstream_secrets')
  t.match(failed.json(), { status: 503, code: 'HUB_STORE_UNAVAILABLE' })
  t.match(await listed(hub), { rotation: { endedAt: String, failed: 1, error: 'HUB_STORE_UNAVAILABLE' } })
})

for (const target of targets)
  t.test(
    `${target.name}: one that takes long is the only one, and is taken up while it goes on; one whose process is gone stops nobody`,
    async (t) => {
      const { database, close } = await openStore(target)
      t.teardown(close)
      const clock = { at: 1_800_000_000_000 }
      const rotations = createRotations(database, () => clock.at)
      await rotations.begin('demo', 'a')
      clock.at += 61_000
      await t.rejects(rotations.begin('demo', 'b'), { code: 'HUB_RATE_LIMITED', extras: { retryAfter: Number } })
      const isOn = async () => (await rotations.list()).some((each) => isUnderWay(each, clock.at))
      t.equal(await isOn(), true)
      await rotations.end('demo', { renewed: 2, failed: 0, error: null })
      t.equal(await isOn(), false)
      t.match(await rotations.list(), [{ system: 'demo', renewed: 2 }])
      await rotations.begin('demo', 'b')
      clock.at += 600_000
      t.equal(await isOn(), false, 'nobody waits for one that is gone')
      await rotations.begin('demo', 'c')
    },
  )

t.test('the console shows them, and has them replaced', async (t) => {
  const hub = await build(t, { declarations: [minimalConnector(), keyed] })
  const origin = await listen(hub)
  const admin = await atConsole(hub, origin, await administrator(hub, ADMIN, 'admin'))
  const auditor = await atConsole(hub, origin, await administrator(hub, AUDITOR, 'auditor'))
  t.equal(await balance(hub), 200)
  const page = await admin.open('/console/credentials')
  t.match(words(page), /demo 演示单位 exchange 1 \d{4}-.*keyed 演示单位 api-key/)
  t.notMatch((await auditor.open('/console/credentials')).text, '/credentials/rotate')
  const done = await send(admin, page, { system: 'demo', purpose }, { action: '/credentials/rotate' })
  t.match(words(done), /已更换 1 个，五秒之内.*更换 1 个/)
  t.match(words(await send(admin, done, { system: 'demo', purpose }, { action: '/credentials/rotate' })), '刚刚更换过')
})
