import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { build } from '../../helper/hub.ts'
import { auditOf, clone, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

/** Failures after which an agency is left alone for a while (core/upstream/breaker.ts). */
const MIN_CALLS = 10

for (const target of targets) {
  t.test(target.name, async (t) => {
    const services = ['personal-account', 'loan-information']
    const hub = await build(t, { target, declarations: [clone('sick', services), clone('slow', services), clone('sound', services)] })
    const { faults } = hub.app.sandbox as Sandbox
    const get = (connector: string, headers = {}) => hub.get(`/v1/${connector}/personal-account`, { headers })

    t.test('an agency that keeps failing is left alone, and no other is', async (t) => {
      faults.set({ kind: 'http-500', sid: 'sick.personal-account', times: MIN_CALLS + 2 })
      for (let call = 0; call < MIN_CALLS; call++) t.strictSame(verdict(await get('sick')), [502, 'HUB_UPSTREAM_INVALID'])

      const { traceId, headers } = trace()
      const refused = await get('sick', headers)
      t.match(faults.list(), [{ times: 2 }], 'the agency heard nothing of it')
      t.strictSame(verdict(refused), [503, 'HUB_UPSTREAM_UNAVAILABLE'])
      const seconds = Number(refused.headers['retry-after'])
      t.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`)
      t.match(refused.json(), { retryAfter: seconds, agency: '许昌市住房公积金管理中心' })
      t.match(await auditOf(hub, traceId), [{ outcome: 'HUB_UPSTREAM_UNAVAILABLE', status: 503, upstreamStatus: null }])
      const sibling = await hub.get('/v1/sick/loan-information')
      t.strictSame(verdict(sibling), [503, 'HUB_UPSTREAM_UNAVAILABLE'], 'all services of the agency')

      t.equal((await get('sound')).statusCode, 200)
      t.match((await hub.app.inject('/health/connectors/sick')).json(), { status: 'fail', breaker: 'open' })
      t.match((await hub.app.inject('/health/connectors/sound')).json(), { status: 'pass', breaker: 'closed' })
    })

    t.test('after a pause it is tried again: failure lengthens the pause, success ends it', async (t) => {
      await sleep(2100)
      t.strictSame(verdict(await get('sick')), [502, 'HUB_UPSTREAM_INVALID'], 'the trial')
      t.strictSame(verdict(await get('sick')), [503, 'HUB_UPSTREAM_UNAVAILABLE'])
      t.equal(hub.app.upstreams.get('sick')?.state, 'open')
    })

    t.test('refusals and empty answers are no failures of the agency', async (t) => {
      for (const kind of ['error-code', 'empty', 'many', 'wrong-person'] as const) {
        faults.clear()
        faults.set({ kind, sid: 'sound.personal-account' })
        for (let call = 0; call < MIN_CALLS; call++) t.not((await get('sound')).statusCode, 503, kind)
      }
      t.equal(hub.app.upstreams.get('sound')?.state, 'closed')
    })

    t.test('calls that hang pile up in front of no other agency', async (t) => {
      faults.clear()
      faults.set({ kind: 'slow', ms: 1500, sid: 'slow.personal-account' })
      let answered = 0
      const hanging = Promise.all(Array.from({ length: 10 }, () => get('slow').finally(() => answered++)))
      await sleep(50)
      t.equal((await hub.get('/v1/sound/loan-information')).statusCode, 200)
      t.equal(answered, 0, 'the others still wait')
      t.ok((await hanging).every(({ statusCode }) => statusCode === 200))
    })
  })
}
