import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { createSwitches, type SwitchState } from '../../../../plugins/calendar/switches.ts'
import { administrator, atConsole } from '../../../helper/console.ts'
import { openStore } from '../../../helper/filing.ts'
import { listen, send, words } from '../../../helper/hall.ts'
import { build, type Hub } from '../../../helper/hub.ts'
import { ACCOUNT, call, declarations } from '../../../helper/identity.ts'
import { auditOf, trace } from '../../../helper/queries.ts'
import { inOffice } from '../../../helper/second-person.ts'
import { targets } from '../../../helper/targets.ts'

const [ADMIN, CITIZEN, AUDITOR] = [1, 4, 3] as const
const WITHIN_MS = 5000

for (const target of targets)
  t.test(`the last word about a connector counts, and is told (${target.name})`, async (t) => {
    const { database, close } = await openStore(target)
    t.teardown(close)
    const switches = createSwitches(database, { warn: () => undefined })
    const closed = (system: string) => [switches.closureOf(system, false)?.title, switches.closureOf(system, true)?.title]
    const set = (connector: string, state: SwitchState, title: string | null) => switches.set({ connector, state, title, changedBy: 'x' })

    t.same(closed('a'), [undefined, undefined])
    await set('a', 'drain', '数据核对')
    t.same(closed('a'), ['数据核对', undefined], 'what goes on in the background ends what it began')
    await set('a', 'off', '系统割接')
    t.same(closed('a'), ['系统割接', '系统割接'])
    t.same(closed('a/second'), ['系统割接', '系统割接'], 'all systems of a connector')
    t.same(closed('ab'), [undefined, undefined])
    const other = createSwitches(database, { warn: () => undefined })
    await other.load()
    t.equal(other.closureOf('a', true)?.why, 'switched', 'whoever starts anew knows')
    await set('a', 'on', null)
    t.same(closed('a'), [undefined, undefined])
    t.match(await switches.list(), [{ connector: 'a', state: 'on', title: null, changedBy: 'x' }])
  })

t.test('a connector is turned off and on from the console, in every process', async (t) => {
  const created = await targets[0]?.create()
  if (!created) throw new Error('no store')
  t.teardown(created.drop)
  const options = { store: created.settings, declarations: declarations(), env: { ADMIN_SECOND_FACTOR: 'on' } }
  const [hub, other] = [await build(t, options), await build(t, options)]
  const origin = await listen(hub)
  const browser = await atConsole(hub, origin, await administrator(hub, ADMIN, 'admin'))
  const ask = (at: Hub, headers = {}) => call(at, 'GET', ACCOUNT, { person: CITIZEN, headers })
  const turn = async (state: SwitchState, given: Record<string, string> = { title: '数据核对' }) =>
    send(browser, await browser.open('/console/connectors/housing-fund'), { state, purpose: '例行切换', ...given }, { action: '/switch' })
  /** Seconds are few, and this one is no test of its own patience. */
  async function heeded(at: Hub, status: number): Promise<void> {
    const until = performance.now() + WITHIN_MS
    while ((await ask(at)).statusCode !== status && performance.now() < until) await wait(300)
    t.equal((await ask(at)).statusCode, status)
  }

  t.equal((await ask(other)).statusCode, 200)
  t.match(words(await turn('off', {})), '停用和排空须说明原因')
  t.equal((await ask(hub)).statusCode, 200, 'nothing was done')

  for (const state of ['drain', 'off'] as const) {
    t.match(words(await turn(state)), '已切换')
    await heeded(hub, 503)
    await heeded(other, 503)
    const why = state === 'off' ? 'switched' : undefined
    const closure = () => other.app.calendar.systemClosure('housing-fund')?.why
    // Both states refuse, so that a refusal alone does not say which one has come.
    for (const until = performance.now() + WITHIN_MS; closure() !== why && performance.now() < until; ) await wait(100)
    const { traceId, headers } = trace()
    const refused = await ask(other, headers)
    t.match(refused.json(), { code: 'HUB_AGENCY_CLOSED', detail: /因“数据核对”暂停使用，恢复时间待定/ })
    t.equal(refused.json().until, undefined, 'nobody knows')
    t.equal(refused.headers['retry-after'], '60')
    t.match(await auditOf(other, traceId), [{ outcome: 'HUB_AGENCY_CLOSED' }])
    const upstream = other.app.upstreams.get('housing-fund')
    t.equal(upstream?.summary().lastFailure, null, 'no fault of the agency')
    t.equal(upstream?.state, 'closed')
    t.equal(closure(), why)
    t.match(words(await browser.open('/console')), state === 'off' ? '停用：数据核对' : '排空：数据核对')
  }
  t.equal((await call(other, 'GET', '/v1/demo/balance', { person: CITIZEN })).statusCode, 200, 'others go on')

  await turn('on')
  await heeded(hub, 200)
  await heeded(other, 200)
})

t.test('turning a connector takes the role, a reason, and a connector', async (t) => {
  const hub = await build(t, { declarations: declarations() })
  await inOffice(hub, ADMIN)
  await inOffice(hub, AUDITOR, 'auditor')
  const turn = async (id: string, body: object, person: number = ADMIN) =>
    (await call(hub, 'POST', `/admin/connectors/${id}/switch`, { person, body })).statusCode
  const off = { state: 'off', title: '数据核对', purpose: '例行切换' }
  t.equal(await turn('demo', off, AUDITOR), 403)
  t.equal(await turn('nobody', off), 404)
  for (const wrong of [{ title: undefined }, { purpose: undefined }, { state: 'away' }, { title: '  ' }, { title: '长'.repeat(41) }])
    t.equal(await turn('demo', { ...off, ...wrong }), 400, JSON.stringify(wrong))
  t.equal(await turn('demo', off), 200)
  const { data } = (await call(hub, 'GET', '/admin/connectors', { person: AUDITOR })).json()
  t.match(data, [
    { connector: 'housing-fund', state: 'on', changedBy: null },
    { connector: 'demo', state: 'off', title: '数据核对' },
  ])
})
