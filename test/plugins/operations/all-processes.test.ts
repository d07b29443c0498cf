import t from 'tap'
import socialSecurity from '../../../connectors/social-security/index.ts'
import { together } from '../../../plugins/operations/all-processes.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { targets } from '../../helper/targets.ts'

const CONNECTOR = 'social-security'
const SERVICE = 'basic-information'
const OPERATOR = 2

t.test('calls of several processes add up, and of durations the slowest counts', async (t) => {
  const none = { unreadable: 0, unauthorised: 0, timedOut: 0 }
  const idle = { ...none, calls: 0, successRate: null, latency: null, lastSuccess: null, lastFailure: null }
  t.same(together([idle, idle]), idle)
  const early = { at: '2026-01-01T00:00:00.000Z', code: 'HUB_UPSTREAM_TIMEOUT' }
  const late = { at: '2026-01-02T00:00:00.000Z', code: 'HUB_UPSTREAM_INVALID' }
  const quick = { ...none, calls: 30, successRate: 1, latency: { p50: 10, p95: 20, p99: 900 }, lastSuccess: late.at, lastFailure: early }
  const slow = {
    ...none,
    calls: 10,
    successRate: 0.6,
    timedOut: 4,
    latency: { p50: 40, p95: 80, p99: 90 },
    lastSuccess: early.at,
    lastFailure: late,
  }
  t.same(together([idle, quick, slow]), {
    ...{ calls: 40, successRate: 0.9, unreadable: 0, unauthorised: 0, timedOut: 4 },
    ...{ latency: { p50: 40, p95: 80, p99: 900 }, lastSuccess: late.at, lastFailure: late },
  })
})

for (const target of targets)
  t.test(`an operator is told the same by every process: ${target.name}`, async (t) => {
    const { settings: store, drop } = await target.create()
    t.teardown(drop)
    const hubs = [await build(t, { store, declarations: [socialSecurity] }), await build(t, { store, declarations: [socialSecurity] })]
    const [one, other] = hubs as [Hub, Hub]
    const tell = () => Promise.all(hubs.map(({ app }) => app.processes.publish()))
    const askedOf = async (hub: Hub) => {
      const { systems, oddities } = (await hub.get(`/admin/health/${CONNECTOR}`, { person: OPERATOR })).json().data
      return { ...systems[0], oddities }
    }

    for (const person of [4, 5, 6]) await one.get(`/v1/${CONNECTOR}/${SERVICE}`, { person })
    await one.app.healthHistory.look()
    await other.app.database('health_history').update({ from_at: Date.parse('2026-01-01T00:00:00Z') })
    await tell()
    const { calls, successRate, latency, lastSuccess, services } = await askedOf(one)
    t.match({ calls, successRate, lastSuccess }, { calls: 3, successRate: 1, lastSuccess: String })
    t.match(await askedOf(other), { calls, successRate, latency, lastSuccess, services, state: 'up', since: '2026-01-01T08:00:00+08:00' })

    const { faults } = one.app.sandbox as Sandbox
    faults.set({ kind: 'wrong-types' })
    await one.get(`/v1/${CONNECTOR}/${SERVICE}`, { person: 4 })
    await tell()
    const odd = (await askedOf(one)).oddities
    t.ok(odd.length > 0, 'what could not be read is counted where the call was')
    t.same((await askedOf(other)).oddities, odd, 'and told by the other')

    faults.set({ kind: 'http-500' })
    for (let turn = 0; turn < 4; turn++) for (const person of [4, 5, 6]) await one.get(`/v1/${CONNECTOR}/${SERVICE}`, { person })
    faults.clear()
    await tell()
    t.match(await askedOf(other), {
      ...{ state: 'down', stateName: '不可用', status: 'fail', affected: [SERVICE] },
      services: [{ service: SERVICE, status: 'fail', breaker: 'open' }],
    })
  })
