import t from 'tap'
import { pseudonymOf } from '../../plugins/users/users.ts'
import { cli } from '../helper/cli.ts'
import { build } from '../helper/hub.ts'
import { userId } from '../helper/identity.ts'
import { trace } from '../helper/queries.ts'
import { targets } from '../helper/targets.ts'

interface Request {
  traceId: string
  user: string
  outcome: string
  service: string
  app: string
}

for (const target of targets) {
  t.test(`${target.name}: calls are found by request, user and application`, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const hub = await build(t, { store: settings })
    const run = cli(settings)
    const find = async (...args: string[]) =>
      JSON.parse((await run('requests', ...args, '--json')).out) as { requests: Request[]; more: boolean }
    const traces: string[] = []
    for (const person of [1, 1, 1, 4]) {
      const { traceId, headers } = trace()
      await hub.get('/v1/housing-fund/personal-account', { person, headers })
      traces.push(traceId)
    }
    await hub.get('/v1/me', { person: 1 })

    const [first = '', , third = ''] = traces
    const one = await find(first)
    t.match(one, { more: false, requests: [{ traceId: first, service: 'personal-account', outcome: 'ok' }] })
    t.equal(one.requests.length, 1)
    const words = await run('requests', first)
    t.match(words.out, new RegExp(`GET {2}housing-fund.personal-account {2}200 {2}ok[\\s\\S]*追踪号 ${first}`))
    t.notMatch(words.out, /41\d{15}|贾/)

    const own = await find('--user', '1', '--service', 'personal-account')
    t.same(
      own.requests.map(({ traceId }) => traceId),
      traces.slice(0, 3).reverse(),
      'the newest first',
    )
    const pseudonym = pseudonymOf(hub.app.vault, userId(1))
    t.ok(own.requests.every(({ user }) => user === pseudonym))
    for (const name of [userId(1), pseudonym]) t.same((await find('--user', name, '--service', 'personal-account')).requests, own.requests)
    const page = await find('--user', '1', '--service', 'personal-account', '--limit', '2')
    t.same([page.requests.length, page.more], [2, true])
    const rest = await find('--user', '1', '--service', 'personal-account', '--limit', '2', '--page', '2')
    t.match(rest, { more: false, requests: [{ traceId: first }] })
    t.equal((await find('--app', 'sandbox-app', '--service', 'personal-account')).requests.length, 4)
    t.equal((await find('--app', 'nobody')).requests.length, 0)
    t.equal((await find('--app', 'sandbox-app', '--until', '2020-01-01', '--from', '2019-12-01')).requests.length, 0)
    t.ok((await find('--outcome', 'ok')).requests.every(({ outcome }) => outcome === 'ok'))
    t.match(await find('--from', new Date().toISOString().slice(0, 10), third), { requests: [{ traceId: third }] })
    t.match(await find('--service', 'requests'), { requests: [{ user: null }] }, 'looking is on record')
    t.match(await run('requests', '--app', 'nobody'), { code: 0, out: '没有这样的调用' })
    for (const wrong of [
      ['--user', '某人'],
      ['--from', '昨天'],
      ['--limit', '0'],
      ['--app', 'a%b'],
      ['--from', '2026-02-01', '--until', '2026-01-01'],
    ])
      t.match(await run('requests', ...wrong), { code: 2 }, wrong.join(' '))
    t.match(await run('requests', '--help'), { code: 0, out: /追踪号[\s\S]*--outcome[\s\S]*--page/ })
  })
}
