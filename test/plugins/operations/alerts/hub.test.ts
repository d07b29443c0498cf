import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { readAlertSettings } from '../../../../config/alerts.ts'
import { loadConnectors } from '../../../../plugins/load-connectors.ts'
import type { Sandbox } from '../../../../plugins/sandbox/server.ts'
import { build, type Hub } from '../../../helper/hub.ts'
import { call, userId } from '../../../helper/identity.ts'
import { NEVER } from '../../../helper/message-gateway.ts'
import { auditOf } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'

const [OPERATOR, AUDITOR] = [2, 3] as const
const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const CONNECTOR = 'social-security'
const purpose = '值班处理'
const declarations = (await loadConnectors()).filter(({ id }) => [CONNECTOR, 'housing-fund', 'gas', 'water'].includes(id))

interface Event {
  type: string
  subject: string
  data: { alerts: { target: string; name: string; words: string }[] }
}

/** Somebody's receiver on loopback, which the operator says is inside. */
async function startReceiver(t: Test) {
  const receiver = { events: [] as Event[], status: 200, url: '' }
  const server = createServer(async (request, response) => {
    const event = JSON.parse(await text(request)) as Event
    if (receiver.status === 200) receiver.events.push(event)
    response.writeHead(receiver.status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return receiver
}

/** Runs what is done at set times now. */
async function run(hub: Hub, schedule: string) {
  await hub.app.schedules.begin()
  await hub.app.schedules.hasten(schedule)
  await hub.app.schedules.work(schedule)
}

t.test('an agency that is down is told of, taken up, silenced, and over', async (t) => {
  const [first, second] = [await startReceiver(t), await startReceiver(t)]
  const webhook = (url: string) => ({ kind: 'webhook', url, key: KEY, internal: true })
  const file = {
    receivers: [{ name: '值班', mode: 'first', channels: [webhook(first.url), webhook(second.url)] }],
    rules: { 'agency-ailing': { enabled: false }, 'agency-down': { forSeconds: 60, repeatMinutes: 5 } },
  }
  const clock = { ahead: 0 }
  const hub = await build(t, {
    declarations,
    env: { ALERTS_FILE: `${t.testdir({ 'alerts.json': JSON.stringify(file) })}/alerts.json` },
    alertsPace: { now: () => Date.now() + clock.ahead, sweepMs: NEVER, firstRetryMs: 1, timeoutMs: 2000 },
  })
  const admin = (method: 'GET' | 'POST', url: string, body?: object, person: number = OPERATOR) => call(hub, method, url, { person, body })
  const listed = async (query = '') => (await admin('GET', `/admin/alerts${query}`)).json().data
  const turn = async (seconds: number) => {
    clock.ahead += seconds * 1000
    await hub.app.alerts.evaluate()
    await hub.app.alerts.settle()
  }

  await turn(0)
  t.same(await listed(), [], 'nothing is wrong with a hub that has just begun')
  const { faults } = hub.app.sandbox as Sandbox
  faults.set({ kind: 'http-500' })
  await run(hub, 'agencies.probe')
  await turn(1)
  await turn(61)
  const [alert] = (await listed()).filter(({ target }: { target: string }) => target === CONNECTOR)
  t.match(alert, { rule: 'agency-down', severity: 'critical', state: 'firing', words: '对方系统状况：中断', quiet: false, toldAt: String })
  t.equal(first.events.length, 1, 'all agencies are one message')
  t.match(first.events[0], { type: 'hub.alert.firing', subject: 'agency-down' })
  const named = first.events[0]?.data.alerts.find(({ target }) => target === CONNECTOR)
  t.match(named, { name: hub.app.connectors.find(({ id }) => id === CONNECTOR)?.name ?? '', words: /中断/ })
  t.ok((first.events[0]?.data.alerts.length ?? 0) > 2)

  const url = `/admin/alerts/${alert.id}`
  t.equal((await admin('POST', `${url}/acknowledge`, { purpose }, AUDITOR)).statusCode, 403)
  const taken = await admin('POST', `${url}/acknowledge`, { purpose })
  t.match(taken.json().data, {
    state: 'acknowledged',
    acknowledgedBy: userId(OPERATOR),
    events: [{ event: 'fired' }, { event: 'told', detail: '值班' }, { event: 'acknowledged', detail: purpose }],
  })
  t.match(await auditOf(hub, taken.json().meta.traceId), [{ service: 'alerts.acknowledge', purpose, target: alert.id }])
  t.equal((await admin('POST', `${url}/acknowledge`, { purpose })).statusCode, 404, 'once')
  t.equal((await listed('?state=acknowledged')).length, 1)

  const silence = await admin('POST', '/admin/alert-silences', { target: 'housing-fund', minutes: 60, purpose })
  t.equal(silence.statusCode, 201)
  t.match(
    (await listed()).find(({ target }: { target: string }) => target === 'housing-fund'),
    { quiet: true },
  )
  first.status = 503
  await turn(6 * 60)
  // A gateway that is busy is tried again before the second one has its turn.
  for (let tries = 1; tries <= 5; tries++) {
    clock.ahead += 1000
    await hub.app.alerts.settle()
  }
  const repeated = second.events.find(({ type }) => type === 'hub.alert.repeated')
  t.notOk(
    repeated?.data.alerts.some(({ target }) => target === CONNECTOR || target === 'housing-fund'),
    'neither taken up nor silenced',
  )
  t.ok((repeated?.data.alerts.length ?? 0) > 0, 'the second channel has it')
  const dead = (await admin('GET', '/admin/jobs/dead?type=alert-deliveries')).json().data
  t.match(dead, [{ type: 'alert-deliveries', about: '值班 0', lastError: 'STATUS-503' }])
  first.status = 200
  await admin('POST', `/admin/jobs/${dead[0].id}/replay`, { purpose })
  await hub.app.alerts.settle()
  t.equal(first.events.at(-1)?.type, 'hub.alert.repeated', 'a dead letter is sent again')

  t.same((await admin('GET', '/admin/alert-silences')).json().data.length, 1)
  t.equal((await admin('POST', `/admin/alert-silences/${silence.json().data.id}/end`, { purpose })).statusCode, 200)
  t.match((await admin('POST', '/admin/alert-tests', { receiver: '值班', purpose })).json().data, [
    { kind: 'webhook', error: null },
    { kind: 'webhook', error: null },
  ])
  t.equal(second.events.at(-1)?.type, 'hub.alert.test')
  t.equal((await admin('POST', '/admin/alert-tests', { receiver: '没有', purpose })).statusCode, 404)

  faults.clear()
  hub.app.processes.probed(CONNECTOR, { status: 'pass', state: 'up' })
  await turn(121)
  t.match((await admin('GET', url)).json().data, { state: 'resolved', endedAt: String })
  t.match(first.events.findLast(({ type }) => type === 'hub.alert.resolved')?.data.alerts, [{ target: CONNECTOR }])
  t.ok((await admin('GET', '/admin/alert-rules')).json().data.every(({ id }: { id: string }) => id !== 'agency-ailing'))
})

for (const target of targets)
  t.test(`${target.name}: a breaker that is open in one process is seen in all, and told of once`, async (t) => {
    const { settings: store, drop } = await target.create()
    t.teardown(drop)
    const clock = { ahead: 0 }
    const options = { store, declarations, alertsPace: { now: () => Date.now() + clock.ahead, sweepMs: NEVER } }
    const hubs = [await build(t, options), await build(t, options)]
    const [one, other] = hubs as [Hub, Hub]
    const { faults } = one.app.sandbox as Sandbox
    faults.set({ kind: 'http-500' })
    for (let turn = 0; turn < 4; turn++) for (const person of [4, 5, 6]) await one.get(`/v1/${CONNECTOR}/basic-information`, { person })
    await Promise.all(hubs.map(({ app }) => app.processes.publish()))
    const { processes } = (await other.get(`/health/connectors/${CONNECTOR}`)).json()
    t.equal(processes.live, 2)
    t.match(processes.breakers, [{ system: CONNECTOR, open: 1 }])
    for (const ahead of [0, 130_000]) {
      clock.ahead = ahead
      await Promise.all(hubs.map(({ app }) => app.alerts.evaluate()))
    }
    const alerts = await other.app.alerts.list({ page: 1, pageSize: 100 })
    t.ok(alerts.rows.some(({ rule, target, state }) => rule === 'agency-down' && target === CONNECTOR && state === 'firing'))
    const told = await Promise.all(alerts.rows.map(({ id }) => other.app.alerts.find(id)))
    for (const found of told) t.ok((found?.events.filter(({ event }) => event === 'told').length ?? 0) <= 1, String(found?.row.target))
  })

t.test('a file that is wrong stops the start', async (t) => {
  const read = (file: object) => readAlertSettings(`${t.testdir({ 'alerts.json': JSON.stringify(file) })}/alerts.json`)
  const webhook = { kind: 'webhook', url: 'http://alerts.example/', key: KEY }
  const receiver = (...channels: object[]) => ({ receivers: [{ name: '值班', channels }] })
  t.throws(() => read(receiver(webhook)), /must be https, or internal/)
  t.throws(() => read(receiver({ kind: 'fax', to: ['1'] })), /ALERTS_FILE \/receivers\/0/)
  t.throws(() => read(receiver({ ...webhook, key: 'not-a-secret-of-theirs' })), /ALERTS_FILE \/receivers\/0/)
  t.throws(() => read(receiver()), /ALERTS_FILE \/receivers\/0/)
  t.throws(() => readAlertSettings('/nowhere/alerts.json'), /ENOENT/)
  t.same(read(receiver({ ...webhook, internal: true })).receivers?.[0]?.channels.length, 1)
  t.same(readAlertSettings(''), {})
})
