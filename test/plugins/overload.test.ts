import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Sandbox } from '../../plugins/sandbox/server.ts'
import { build } from '../helper/hub.ts'
import { auditOf, clone, trace, verdict } from '../helper/queries.ts'
import { targets } from '../helper/targets.ts'

const SLOW_MS = 300

for (const target of targets) {
  t.test(target.name, async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'hub-overload-'))
    t.teardown(async () => rmSync(dir, { recursive: true, force: true }))
    const file = join(dir, 'connectors.json')
    writeFileSync(file, JSON.stringify({ narrow: { maxConcurrent: 1 } }))
    const declarations = ['narrow', 'other'].map((id) => clone(id, ['personal-account'], () => ({ timeoutMs: 3000 })))
    const hub = await build(t, { target, declarations, env: { CONNECTORS_FILE: file } })
    const { faults } = hub.app.sandbox as Sandbox
    const get = (person: number, headers = {}) => hub.get('/v1/narrow/personal-account', { person, headers })

    t.test('what cannot be met is refused at once, the rest is answered, and every call has its row', async (t) => {
      await get(1)
      faults.set({ kind: 'slow', ms: SLOW_MS, sid: 'narrow.personal-account' })
      for (let call = 0; call < 15; call++) await get((call % 6) + 1)
      const asked = performance.now()
      const calls = await Promise.all(
        Array.from({ length: 36 }, async (_, index) => {
          const { traceId, headers } = trace()
          const reply = await get((index % 6) + 1, headers)
          return { traceId, reply, ms: performance.now() - asked }
        }),
      )
      const refused = calls.filter(({ reply }) => reply.statusCode === 503)
      const good = calls.filter(({ reply }) => reply.statusCode === 200)
      t.equal(good.length + refused.length, calls.length)
      t.ok(good.length >= 2 && refused.length >= 12, `${good.length} good, ${refused.length} refused`)
      for (const { reply, traceId } of refused) {
        t.strictSame(verdict(reply), [503, 'HUB_UPSTREAM_BUSY'])
        t.match(reply.json(), { traceId, agency: '许昌市住房公积金管理中心', type: '/problems/HUB_UPSTREAM_BUSY' })
        t.ok(Number(reply.headers['retry-after']) >= 1)
      }
      const soonest = (replies: typeof calls) => Math.min(...replies.map(({ ms }) => ms))
      t.ok(soonest(refused) < soonest(good), 'before the agency could have answered anybody')
      for (const { traceId, reply } of calls) {
        const outcome = reply.statusCode === 200 ? 'ok' : 'HUB_UPSTREAM_BUSY'
        let rows = await auditOf(hub, traceId)
        for (let turn = 0; turn < 100 && rows.length === 0; turn++) {
          await sleep(50)
          rows = await auditOf(hub, traceId)
        }
        t.match(rows, [{ outcome, status: reply.statusCode, connector: 'narrow', service: 'personal-account' }])
      }
      t.equal((await hub.get('/v1/other/personal-account')).statusCode, 200, 'another agency')
    })

    t.test('a client that goes away gives its turn up', async (t) => {
      const address = await hub.app.listen({ port: 0, host: '127.0.0.1' })
      const ask = async (person: number, signal?: AbortSignal) =>
        fetch(`${address}/v1/narrow/personal-account`, {
          headers: { authorization: `Bearer ${await hub.token({ person })}` },
          ...(signal ? { signal } : {}),
        })
      const before = hub.app.upstreams.get('narrow')?.summary().calls ?? 0
      faults.clear()
      faults.set({ kind: 'slow', ms: 2000, sid: 'narrow.personal-account', times: 1 })
      const first = ask(1)
      while (faults.list().length > 0) await sleep(5)
      const leaving = new AbortController()
      const gone = ask(2, leaving.signal)
      for (let turn = 0; turn < 300 && hub.app.upstreams.get('narrow')?.expectedWait() === 0; turn++) await sleep(5)
      leaving.abort()
      await t.rejects(gone)
      t.equal((await first).status, 200)
      t.equal((await ask(3)).status, 200)
      t.equal((hub.app.upstreams.get('narrow')?.summary().calls ?? 0) - before, 2, 'the agency was not asked for nobody')
    })
  })
}

/** Keeps the event loop from everything else. */
function block() {
  const until = performance.now() + 400
  while (performance.now() < until);
}

t.test('a process that is behind refuses a part, and says so once a second', async (t) => {
  const hub = await build(t, { env: { OVERLOAD_DELAY_MS: '60' } })
  const statuses: number[] = []
  for (let turn = 0; turn < 30 && !statuses.includes(503); turn++) {
    block()
    await sleep(1)
    const reply = await hub.get('/v1/housing-fund/personal-account')
    statuses.push(reply.statusCode)
    if (reply.statusCode === 503) t.strictSame(verdict(reply), [503, 'HUB_OVERLOADED'])
  }
  t.ok(statuses.includes(503), statuses.join(' '))
  t.equal((await hub.app.inject('/health/ready')).statusCode, 200)
  t.equal((await hub.app.inject('/health')).json().status, 'pass', 'no agency’s fault')
  // It is behind no longer once a sample was taken in quiet, which a busy machine lets it wait for.
  for (let last = 0; last !== 200; statuses.push(last)) {
    await sleep(1600)
    last = (await hub.get('/v1/housing-fund/personal-account')).statusCode
  }
  const lines = hub.logged().match(/.*请求过多，部分请求已被拒绝.*/g) ?? []
  t.ok(lines.length > 0 && lines.length < statuses.length)
})

t.test('of many refusals each is held back, so that they cannot take all there is', async (t) => {
  const hub = await build(t, { env: { OVERLOAD_DELAY_MS: '1' } })
  const ask = () => hub.app.inject('/v1/housing-fund/personal-account')
  for (let turn = 0; turn < 30; turn++) {
    block()
    await sleep(1)
    if ((await ask()).statusCode === 503) break
  }
  const start = performance.now()
  const answers = await Promise.all(
    Array.from({ length: 400 }, async () => {
      const { statusCode } = await ask()
      return { statusCode, ms: performance.now() - start }
    }),
  )
  const refused = answers.filter(({ statusCode }) => statusCode === 503)
  t.ok(refused.length > 150, `${refused.length} refused`)
  t.ok(refused.filter(({ ms }) => ms >= 990).length >= refused.length - 100, 'all but a hundred waited for a second')
})
