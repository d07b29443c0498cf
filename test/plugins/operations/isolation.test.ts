import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { build } from '../../helper/hub.ts'
import { clone, verdict } from '../../helper/queries.ts'

/** What the well agency takes: long beside the hub's own work, so that a busy machine decides nothing. */
const SLOW_MS = 150
const ROUNDS = 3
const AT_ONCE = 4
const TURNS = 3
/** Places at the one that hangs, and calls that come for them. */
const PLACES = 8
const STORM = 40
const MOST = 1.2
const MORE_MS = 4000

t.test('one agency that hangs makes others no slower: p99 within a fifth', async (t) => {
  const declarations = ['sick', 'well'].map((id) => {
    const connector = clone(id, ['personal-account'], () => ({ timeoutMs: 6000 }))
    return { ...connector, upstream: { ...connector.upstream, maxConcurrent: PLACES } }
  })
  const hub = await build(t, { declarations })
  const [sick, well] = ['sick', 'well'].map((id) => hub.app.upstreams.get(id))
  const { faults } = hub.app.sandbox as Sandbox
  const tokens = await Promise.all([1, 2, 3, 4, 5, 6].map((person) => hub.token({ person })))
  const get = (id: string, index: number) =>
    hub.app.inject({ url: `/v1/${id}/personal-account`, headers: { authorization: `Bearer ${tokens[index % tokens.length]}` } })
  await Promise.all(['sick', 'well'].map((id) => get(id, 0)))
  faults.set({ kind: 'slow', ms: SLOW_MS, sid: 'well.personal-account' })
  faults.set({ kind: 'timeout', sid: 'sick.personal-account' })

  /**
   * The slowest call of a round; of several rounds the best, as other work of the machine makes a round worse and never better. Beyond
   * `enough` there are some more, for as long as those hang for which they are.
   */
  async function p99(enough = Number.POSITIVE_INFINITY): Promise<number> {
    const rounds: number[] = []
    for (const end = performance.now() + MORE_MS; rounds.length < ROUNDS || (Math.min(...rounds) > enough && performance.now() < end); ) {
      const times: number[] = []
      for (let turn = 0; turn < TURNS; turn++)
        await Promise.all(
          Array.from({ length: AT_ONCE }, async (_, index) => {
            const start = performance.now()
            t.equal((await get('well', turn + index)).statusCode, 200)
            times.push(performance.now() - start)
          }),
        )
      t.equal(well?.load().waiting, 0)
      rounds.push(Math.max(...times))
    }
    return Math.min(...rounds)
  }

  const before = await p99()
  const storm = Array.from({ length: STORM }, (_, index) => get('sick', index))
  while ((sick?.load().underWay ?? 0) === 0) await sleep(5)
  const during = await p99(SLOW_MS * MOST)
  const { underWay = 0, waiting = 0 } = sick?.load() ?? {}
  t.equal(underWay, PLACES, 'no more are under way at the one that hangs')
  t.ok(waiting > 0, `${waiting} wait for it`)
  const answers = await Promise.all(storm)
  t.ok(
    answers.every((answer) =>
      ['HUB_UPSTREAM_TIMEOUT', 'HUB_UPSTREAM_UNAVAILABLE', 'HUB_UPSTREAM_BUSY'].includes(String(verdict(answer)[1])),
    ),
  )
  const after = await p99()
  t.ok(
    during <= Math.min(before, after) * MOST,
    `p99 ${Math.round(before)}, ${Math.round(during)} while one hangs, ${Math.round(after)} ms`,
  )
  t.comment(`p99 ${Math.round(before)}, ${Math.round(during)}, ${Math.round(after)} ms`)
})
