import * as client from 'openid-client'
import t, { type Test } from 'tap'
import { sandboxSecret } from '../../../plugins/oauth/sandbox-clients.ts'
import { build } from '../../helper/hub.ts'
import { auditOf, trace } from '../../helper/queries.ts'
import { type Target, targets } from '../../helper/targets.ts'
import { application, authorise, browse, type Served, serve } from '../../helper/third-party.ts'

interface Answer {
  status: number
  error?: string
  access_token: string
  refresh_token: string
}

/** Two hubs on one store, each with an HTTP server of its own; the embedded one has both in one process. */
async function open(t: Test, target: Target, env: Record<string, string> = {}) {
  const { settings, drop } = await target.create()
  t.teardown(() => drop())
  const first = await serve(t, { store: settings, env })
  const twin = await build(t, { store: settings, env: { ...env, PUBLIC_URL: first.origin } })
  const second: Served = { ...twin, origin: await twin.app.listen({ port: 0, host: '127.0.0.1' }) }
  const web = await application(first, 'sandbox-web')
  const browser = browse(first)
  await browser.signOn(1)

  async function refresh(refresh_token: string, { origin, app }: Served = first, id = 'sandbox-web') {
    const { traceId, headers } = trace()
    const authorization = `Basic ${Buffer.from(`${id}:${sandboxSecret(app.vault, id)}`).toString('base64')}`
    const response = await fetch(`${origin}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token }),
      headers: { ...headers, authorization },
    })
    const answer: Answer = { ...((await response.json()) as Omit<Answer, 'status'>), status: response.status }
    return Object.assign(answer, { outcomes: (await auditOf(first, traceId)).map(({ outcome }) => outcome) })
  }

  return {
    hubs: [first, second] as const,
    refresh,
    rows: () => first.app.database('oidc_entities').where({ model: 'RefreshToken' }),
    alive: async (token: string) => (await client.tokenIntrospection(web, token)).active,
    /** A refresh token that nobody has used. */
    granted: async () => (await authorise(web, browser, 'openid offline_access')).tokens.refresh_token ?? '',
    /** Lets the interval pass over everything that was used. */
    age: (ms = 10_000) => first.app.database('oidc_entities').whereNotNull('consumed_at').decrement('consumed_at', ms),
  }
}

const REUSED = { status: 400, error: 'invalid_grant', outcomes: ['invalid_grant/refresh-token-reused'] }

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { hubs, refresh, rows, alive, granted, age } = await open(t, target)

    t.test('used at once by several processes: one answer, and the grant lives', async (t) => {
      for (let round = 0; round < 5; round++) {
        const token = await granted()
        const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => refresh(token, hubs[index % 2])))
        t.same(
          answers.map(({ status, outcomes }) => [status, outcomes]),
          answers.map(() => [200, ['ok']]),
        )
        const [next, ...others] = new Set(answers.map(({ refresh_token }) => refresh_token))
        t.same(others, [], 'the same refresh token')
        t.not(next, token)
        for (const { access_token } of answers) t.ok(await alive(access_token))
        t.equal((await refresh(next ?? '', hubs[1])).status, 200, 'and it goes on')
      }
      t.match(hubs[0].logged() + hubs[1].logged(), /刷新令牌在允许的间隔内再次使用/)
    })

    t.test('used once more within the interval, and after it', async (t) => {
      const token = await granted()
      const fresh = await refresh(token)
      t.equal((await refresh(token, hubs[1])).refresh_token, fresh.refresh_token)
      await age(9000)
      t.equal((await refresh(token, hubs[1])).refresh_token, fresh.refresh_token, 'it does not begin anew')
      await age(1000)
      t.match(await refresh(token, hubs[1]), REUSED)
      for (const each of [fresh.access_token, fresh.refresh_token]) t.notOk(await alive(each), 'the family is over')
      t.match(await refresh(fresh.refresh_token), { status: 400, error: 'invalid_grant' })
      t.match(hubs[1].logged(), /refresh-token-reused/)
    })

    t.test('another client gets nothing, and ends nothing', async (t) => {
      const token = await granted()
      const fresh = await refresh(token)
      t.match(await refresh(token, hubs[0], 'sandbox-backend'), { status: 400 })
      t.ok(await alive(fresh.access_token))
    })

    t.test('a hub that died between using a token and giving the next has lost nobody his grant', async (t) => {
      const token = await granted()
      // As it is when the process ends right after the token was marked as used.
      await rows()
        .whereNull('consumed_at')
        .update({ consumed_at: Date.now() - 3_600_000 })
      const late = await refresh(token, hubs[1])
      t.equal(late.status, 200)
      t.equal((await refresh(late.refresh_token)).status, 200)
      t.match(await refresh(token), REUSED, 'from then on it is used')
    })

    t.test('no token stands in the store', async (t) => {
      const token = await granted()
      const { access_token, refresh_token } = await refresh(token)
      const stored = JSON.stringify(await hubs[0].app.database('oidc_entities'))
      for (const each of [token, access_token, refresh_token]) t.notOk(stored.includes(each))
    })
  })

  t.test(`${target.name}, without an interval: used twice at the same moment, once at most, and the family is over`, async (t) => {
    const { hubs, refresh, rows, granted } = await open(t, target, { OAUTH_REFRESH_REUSE_SECONDS: '0' })
    const token = await granted()
    const answers = await Promise.all(Array.from({ length: 4 }, (_, index) => refresh(token, hubs[index % 2])))
    t.ok(answers.filter(({ status }) => status === 200).length <= 1)
    t.ok(answers.every(({ status, error }) => status === 200 || error === 'invalid_grant'))
    t.ok(answers.some(({ outcomes }) => outcomes[0] === 'invalid_grant/refresh-token-reused'))
    t.ok(answers.every(({ outcomes }) => outcomes.length === 1))
    t.same(await rows().whereNull('consumed_at'), [])
  })
}
