import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { figuresOf } from '../../helper/figures.ts'
import { build } from '../../helper/hub.ts'
import { auditOf, clone, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

/** Calls before there is a verdict for a while (core/upstream/breaker.ts). */
const MIN_CALLS = 10

for (const target of targets) {
  t.test(target.name, async (t) => {
    const services = ['personal-account', 'loan-information']
    const declarations = ['sick', 'slow', 'sound', 'unread'].map((id) => clone(id, services))
    const hub = await build(t, { target, declarations })
    const { faults } = hub.app.sandbox as Sandbox
    const get = (connector: string, person: number, headers = {}) => hub.get(`/v1/${connector}/personal-account`, { person, headers })

    t.test('a service that keeps failing, whoever asks, is left alone, and no other is', async (t) => {
      faults.set({ kind: 'http-500', sid: 'sick.personal-account' })
      for (let call = 0; call < 2 * MIN_CALLS; call++)
        t.strictSame(verdict(await get('sick', 1)), [502, 'HUB_UPSTREAM_INVALID'], 'one person')
      t.strictSame(verdict(await get('sick', 2)), [502, 'HUB_UPSTREAM_INVALID'], 'two')
      t.strictSame(verdict(await get('sick', 3)), [502, 'HUB_UPSTREAM_INVALID'], 'three')

      const { traceId, headers } = trace()
      const refused = await get('sick', 4, headers)
      t.strictSame(verdict(refused), [503, 'HUB_UPSTREAM_UNAVAILABLE'])
      const seconds = Number(refused.headers['retry-after'])
      t.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`)
      t.match(refused.json(), { retryAfter: seconds, agency: '许昌市住房公积金管理中心' })
      t.match(await auditOf(hub, traceId), [{ outcome: 'HUB_UPSTREAM_UNAVAILABLE', status: 503, upstreamStatus: null }])
      t.equal((await hub.get('/v1/sick/loan-information')).statusCode, 200, 'another service of the agency')

      t.equal((await get('sound', 1)).statusCode, 200)
      t.match((await figuresOf(hub, 'sick')).main, {
        status: 'warn',
        state: 'degraded',
        breaker: 'closed',
        services: [
          { service: 'personal-account', status: 'fail', breaker: 'open', successRate: 0, calls: 22 },
          { service: 'loan-information', status: 'pass', breaker: 'closed', successRate: 1 },
        ],
      })
      t.match((await hub.app.inject('/health/connectors/sound')).json(), { status: 'pass', breaker: 'closed' })
    })

    t.test('after a pause somebody else tries: failure lengthens the pause, success ends it', async (t) => {
      await sleep(2100)
      t.strictSame(verdict(await get('sick', 1)), [503, 'HUB_UPSTREAM_UNAVAILABLE'], 'who failed before makes no trial')
      t.strictSame(verdict(await get('sick', 5)), [502, 'HUB_UPSTREAM_INVALID'], 'the trial')
      t.strictSame(verdict(await get('sick', 6)), [503, 'HUB_UPSTREAM_UNAVAILABLE'])
      faults.clear()
      await sleep(4100)
      t.equal((await get('sick', 6)).statusCode, 200)
      t.equal((await get('sick', 1)).statusCode, 200)
    })

    t.test('what cannot be read is counted and told, and closes nothing', async (t) => {
      faults.set({ kind: 'html', sid: 'unread.personal-account' })
      for (let call = 0; call < 3 * MIN_CALLS; call++)
        t.strictSame(verdict(await get('unread', (call % 6) + 1)), [502, 'HUB_UPSTREAM_INVALID'])
      faults.clear()
      t.equal((await get('unread', 1)).statusCode, 200)
      // It was well before: a second look has to find the same.
      let { main } = await figuresOf(hub, 'unread')
      for (const end = performance.now() + 5000; main.state === 'up' && performance.now() < end; await sleep(100))
        main = (await figuresOf(hub, 'unread')).main
      t.match(main, {
        status: 'warn',
        state: 'data-unreadable',
        breaker: 'closed',
        unreadable: 3 * MIN_CALLS,
        unauthorised: 0,
        services: [{ service: 'personal-account', status: 'warn', breaker: 'closed', unreadable: 3 * MIN_CALLS }],
      })
      const alarms = hub.logged().match(/.*对方系统的答复无法识别.*/g) ?? []
      t.equal(alarms.length, 1, 'one line a minute')
      t.match(JSON.parse(alarms[0] ?? '{}'), { level: 40, sid: 'unread.personal-account', unreadable: 1 })
    })

    t.test('refusals and empty answers are no failures of the agency', async (t) => {
      for (const kind of ['error-code', 'empty', 'many', 'wrong-person'] as const) {
        faults.clear()
        faults.set({ kind, sid: 'sound.personal-account' })
        for (let call = 0; call < MIN_CALLS; call++) t.not((await get('sound', (call % 6) + 1)).statusCode, 503, kind)
      }
      t.equal(hub.app.upstreams.get('sound')?.breakers().get('sound.personal-account'), 'closed')
    })

    t.test('calls that hang pile up in front of no other agency', async (t) => {
      faults.clear()
      faults.set({ kind: 'slow', ms: 1500, sid: 'slow.personal-account' })
      let answered = 0
      const hanging = Promise.all(Array.from({ length: 10 }, () => get('slow', 1).finally(() => answered++)))
      await sleep(50)
      t.equal((await hub.get('/v1/sound/loan-information')).statusCode, 200)
      t.equal(answered, 0, 'the others still wait')
      t.ok((await hanging).every(({ statusCode }) => statusCode === 200))
    })
  })
}
