import t from 'tap'
import { createRoll } from '../../../plugins/operations/statistics/roll.ts'
import { levelOf } from '../../../plugins/operations/tiers/level.ts'
import { judge, keepKitResult, readStandings } from '../../../plugins/operations/tiers/store.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { build } from '../../helper/hub.ts'
import { clone, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

t.test('what the weeks bear out', async (t) => {
  const good = { calls: 1000, unanswered: 0, unreadable: 0, p95Ms: 200, timeoutMs: 3000 }
  const cases = [
    [{}, 'gold'],
    [{ unanswered: 5 }, 'gold'],
    [{ unanswered: 6 }, 'silver'],
    [{ unanswered: 20 }, 'silver'],
    [{ unanswered: 21 }, 'bronze'],
    [{ unreadable: 2 }, 'silver'],
    [{ unreadable: 11 }, 'bronze'],
    [{ p95Ms: 1501 }, 'silver'],
    [{ p95Ms: 3001 }, 'bronze'],
    [{ calls: 99, unanswered: 99 }, 'gold'],
  ] as const
  for (const [change, tier] of cases) t.equal(levelOf({ ...good, ...change }).tier, tier, JSON.stringify(change))
  t.match(levelOf({ ...good, unanswered: 21 }).reason, '可用率 97.9%，低于 98%')
})

for (const target of targets) {
  t.test(`a tier falls by itself and rises by the kit alone: ${target.name}`, async (t) => {
    const declarations = [{ ...clone('narrow', ['personal-account']), version: '1.0.0' }]
    const hub = await build(t, { target, declarations })
    const { database, tiers } = hub.app
    const { faults } = hub.app.sandbox as Sandbox
    const get = () => hub.get('/v1/narrow/personal-account')
    const shown = async () => (await hub.get('/admin/health/narrow')).json().data.systems[0].tier
    const kept = (kit: 'gold' | 'silver') => keepKitResult(database, { connector: 'narrow', version: '1.0.0', kit, at: Date.now() })

    t.equal(await shown(), null, 'nothing is on record')
    await kept('gold')
    await tiers.judge()
    t.match(await shown(), { tier: 'gold' })
    const listed = (await hub.app.inject('/v1/catalog')).json().data.find(({ id }: { id: string }) => id === 'narrow')
    t.equal(listed.tier, 'gold', 'the public sees the tier')

    faults.set({ kind: 'error-code', sid: 'narrow.personal-account', times: 1 })
    faults.set({ kind: 'html', sid: 'narrow.personal-account', times: 1 })
    const outcomes = [await get(), await get(), await get()].map((reply) => reply.json().code)
    await createRoll(database, () => Date.now() + 2 * 3_600_000).roll()
    const [row] = await database('call_statistics')
      .where({ connector: 'narrow' })
      .sum({ unreadable: 'unreadable', unanswered: 'unanswered', calls: 'calls' })
    const count = (codes: string[]) => outcomes.filter((code) => codes.includes(code)).length
    t.equal(Number(row?.unreadable), count(['HUB_UPSTREAM_INVALID']), 'what could not be read is counted')
    t.ok(Number(row?.unreadable) > 0, outcomes.join())
    await database('call_statistics').where({ connector: 'narrow' }).limit(1).update({ calls: 1000, unreadable: 50 })
    await tiers.judge()
    t.match(await shown(), { tier: 'bronze', reason: /无法识别的答复占 5%/ })

    await database('call_statistics').where({ connector: 'narrow' }).update({ unreadable: 0, unanswered: 0 })
    await tiers.judge()
    t.match(await shown(), { tier: 'bronze' }, 'better days alone change nothing')
    await kept('silver')
    await tiers.judge()
    t.match(await shown(), { tier: 'silver', reason: '检验结果' })

    await judge(database, [{ id: 'narrow', version: '1.1.0', timeoutMs: 3000 }], Date.now())
    t.match(await readStandings(database), [{ tier: 'bronze', reason: '检验的是 1.0.0 版，现在是 1.1.0 版' }])
    await tiers.refresh()

    t.test('one of low tier has half of its places', async (t) => {
      faults.clear()
      const places = declarations[0]?.upstream.maxConcurrent ?? 0
      faults.set({ kind: 'slow', ms: 400, sid: 'narrow.personal-account' })
      const many = async () => {
        const replies = await Promise.all(
          Array.from({ length: places * 2 }, (_, index) => hub.get('/v1/narrow/personal-account', { person: (index % 6) + 1 })),
        )
        return replies.map(verdict)
      }
      const capped = await many()
      t.ok(
        capped.some(([status, code]) => status === 503 && code === 'HUB_UPSTREAM_BUSY'),
        'beyond them it is refused',
      )
      t.ok(
        capped.some(([status]) => status === 200),
        'within them it answers',
      )
      await kept('gold')
      await tiers.refresh()
      t.ok(
        (await many()).every(([, code]) => code !== 'HUB_UPSTREAM_BUSY'),
        'a better one is not',
      )
    })
  })
}
