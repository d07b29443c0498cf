import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { sandboxSecret } from '../../../plugins/oauth/sandbox-clients.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { pseudonymOf } from '../../../plugins/users/users.ts'
import { clock } from '../../helper/clock.ts'
import { heededAfter } from '../../helper/heeded.ts'
import { build, type Hub, type HubOptions } from '../../helper/hub.ts'
import { call, userId } from '../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { site } from '../../helper/sign-on.ts'
import { type Target, targets } from '../../helper/targets.ts'

const FAILURES = '/v1/sign-on/failures'
const MINUTE = 60_000
const OPEN = [200, null]
const LOCKED = [403, 'HUB_USER_LOCKED']
const [ADMIN, OPERATOR] = [1, 2] as const
const purpose = '例行检查'
const declarations = [housingFund]

const basic = (id: string, secret: string) => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` })
const backend = ({ app }: Hub) => basic('sandbox-backend', sandboxSecret(app.vault, 'sandbox-backend'))
const subjectOf = (person: number) => people[person - 1]?.subject ?? ''

interface Report {
  ago?: number
  eventId?: string
  headers?: Record<string, string>
}

function report(hub: Hub, subject: string, { ago = 0, eventId = randomUUID(), headers = backend(hub) }: Report = {}) {
  const payload = { eventId, subject, at: new Date(Date.now() - ago).toISOString() }
  return hub.app.inject({ method: 'POST', url: FAILURES, headers, payload })
}

async function fail(hub: Hub, person: number, times: number, options: Report = {}): Promise<void> {
  for (let time = 0; time < times; time++) await report(hub, subjectOf(person), options)
}

const mine = async (hub: Hub, person: number, claims: Record<string, unknown> = {}) =>
  verdict(await call(hub, 'GET', '/v1/me', { person, claims }))
const detail = async (hub: Hub, person: number) =>
  (await call(hub, 'GET', `/admin/users/${userId(person)}`, { person: OPERATOR })).json().data as Record<string, unknown>
const act = (hub: Hub, person: number, name: string, more: object = {}) =>
  call(hub, 'POST', `/admin/users/${userId(person)}/${name}`, { person: ADMIN, body: { purpose, ...more } })
const eventsOf = async (hub: Hub, person: number) =>
  (await call(hub, 'GET', `/admin/users/${userId(person)}/events`, { person: OPERATOR })).json().data as Record<string, unknown>[]

async function pair(t: Test, target: Target, env: HubOptions['env'] = {}): Promise<[Hub, Hub]> {
  const { settings, drop } = await target.create()
  t.teardown(drop)
  const options = { store: settings, declarations, env }
  return [await build(t, options), await build(t, options)]
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const [hub, other] = await pair(t, target)
    const { database } = hub.app

    t.test('five failures lock the account for a quarter of an hour, on record', async (t) => {
      const time = clock(t)
      await fail(hub, 4, 4)
      t.same(await mine(hub, 4), OPEN, 'one less does not')
      t.match(await detail(hub, 4), { status: 'active', loginFailures: 4 })
      const { traceId, headers } = trace()
      t.equal((await report(hub, subjectOf(4), { headers: { ...headers, ...backend(hub) } })).statusCode, 204)
      const refused = await call(hub, 'GET', '/v1/me', { person: 4 })
      t.same(verdict(refused), LOCKED, 'at once here')
      t.equal(refused.headers['retry-after'], '900')
      t.match(refused.json(), { retryAfter: 900, detail: /^您的账户已临时锁定，\d{4}-\d\d-\d\d \d\d:\d\d 自动解锁/ })
      t.match(await detail(hub, 4), { status: 'locked', loginFailures: 5, lockedUntil: /\+08:00$/ })
      t.match(await eventsOf(hub, 4), [
        {
          action: 'lock-out',
          from: 'active',
          to: 'locked',
          actor: null,
          reason: '15 分钟内连续 5 次登录或人脸核验失败，自动锁定 15 分钟',
          traceId,
        },
      ])
      const target = pseudonymOf(hub.app.vault, userId(4))
      t.match(await auditOf(hub, traceId), [
        { service: 'users.lock-out', user: target, target, purpose: /连续 5 次/ },
        { service: 'sign-on.failures', app: 'sandbox-backend', user: null, target, outcome: 'ok' },
      ])

      await fail(hub, 4, 5)
      time.advance(15 * MINUTE - 1000)
      t.same(await mine(hub, 4), LOCKED)
      t.equal((await call(hub, 'GET', '/v1/me', { person: 4 })).headers['retry-after'], '1', 'what fails meanwhile adds nothing')
      time.advance(1001)
      t.same(await mine(hub, 4), OPEN, 'it ends by itself')
      t.match(await detail(hub, 4), { status: 'active', lockedUntil: null, loginFailures: 0 })
      await fail(hub, 4, 4)
      t.same(await mine(hub, 4), OPEN, 'and the count begins anew')
      await fail(hub, 4, 1)
      t.same(await mine(hub, 4), LOCKED)
      t.match(await eventsOf(hub, 4), [{ from: 'locked', to: 'locked' }, { from: 'active' }])
      t.equal((await act(hub, 4, 'unlock')).statusCode, 200, 'an administrator may end it before')
      t.same(await mine(hub, 4), OPEN)
      await fail(hub, 4, 4)
      t.same(await mine(hub, 4), OPEN, 'and starts the count anew')
      t.match((await eventsOf(hub, 4))[0], { action: 'unlock', actor: userId(ADMIN), reason: purpose })
    })

    t.test('in other processes it counts within two seconds', async (t) => {
      t.same(await mine(other, 7), OPEN)
      await fail(hub, 7, 5)
      // How long an account is remembered does not depend on the store.
      if (target !== targets[0]) other.app.users.forget(userId(7))
      const ms = await heededAfter(async () => (await mine(other, 7))[0] === 200)
      t.ok(ms < 2500, `${ms} ms`)
      t.same(await mine(other, 7), LOCKED)
    })

    t.test('failures count within the window only, and those before a log-in not at all', async (t) => {
      const time = clock(t)
      await fail(hub, 5, 9, { ago: 15 * MINUTE })
      t.equal((await detail(hub, 5))['loginFailures'], 0)
      await fail(hub, 5, 4)
      time.advance(15 * MINUTE)
      await fail(hub, 5, 4)
      t.same(await mine(hub, 5), OPEN, 'the first four are too old')
      const at = Math.floor(Date.now() / 1000) + 2
      time.advance(3000)
      t.same(await mine(hub, 5, { iat: at }), OPEN)
      t.equal((await detail(hub, 5))['loginFailures'], 4, 'a token that was only renewed proves no log-in')
      t.same(await mine(hub, 5, { auth_time: at - 3600 }), OPEN)
      t.equal((await detail(hub, 5))['loginFailures'], 4, 'nor does a log-in of before')
      t.same(await mine(hub, 5, { auth_time: at }), OPEN)
      t.equal((await detail(hub, 5))['loginFailures'], 0)
      await fail(hub, 5, 9, { ago: 2000 })
      t.same(await mine(hub, 5), OPEN, 'nor what is reported late')
      await fail(hub, 5, 4)
      t.equal((await detail(hub, 5))['loginFailures'], 4)
      await hub.app.lockOut.purge()
      t.equal((await detail(hub, 5))['loginFailures'], 4, 'what counts is kept')
      time.advance(15 * MINUTE + 1)
      await hub.app.lockOut.purge()
      t.same(await database('login_failures').where({ user_id: userId(5) }), [])
    })

    t.test('an administrator’s lock is neither shortened nor lifted, a disabled account stays so', async (t) => {
      const time = clock(t)
      await act(hub, 6, 'lock')
      await fail(hub, 6, 9)
      time.advance(60 * MINUTE)
      t.same(await mine(hub, 6), LOCKED, 'without end')
      await act(hub, 6, 'lock', { until: new Date(Date.now() + 120 * MINUTE).toISOString() })
      await fail(hub, 6, 9)
      time.advance(119 * MINUTE)
      t.same(await mine(hub, 6), LOCKED, 'longer')
      await act(hub, 6, 'unlock')
      await act(hub, 6, 'disable')
      await fail(hub, 6, 9)
      t.same(await mine(hub, 6), [403, 'HUB_USER_DISABLED'])
      await act(hub, 6, 'enable')
      t.same(await mine(hub, 6), OPEN)
      t.same(
        (await eventsOf(hub, 6)).map(({ action }) => action),
        ['enable', 'disable', 'unlock', 'lock', 'lock'],
      )
      await fail(hub, 6, 5)
      await act(hub, 6, 'lock')
      time.advance(60 * MINUTE)
      t.same(await mine(hub, 6), LOCKED, 'and his word goes before')
      await act(hub, 6, 'unlock')
    })

    t.test('one event counts once, and all that come at one moment to two hubs count', async (t) => {
      const eventId = randomUUID()
      await Promise.all([hub, other, hub, other, hub].map((each) => report(each, subjectOf(3), { eventId })))
      t.equal((await detail(hub, 3))['loginFailures'], 1)
      await Promise.all([hub, other, other].map((each) => report(each, subjectOf(3))))
      t.equal((await detail(hub, 3))['loginFailures'], 4)
      const answers = await Promise.all(Array.from({ length: 12 }, (_, turn) => report(turn % 2 === 0 ? hub : other, subjectOf(3))))
      t.same(new Set(answers.map(({ statusCode }) => statusCode)), new Set([204]))
      t.match(await database('users').where({ id: userId(3) }), [{ status: 'locked' }])
      t.equal((await database('user_events').where({ user_id: userId(3) })).length, 1, 'one lock')
      t.equal((await database('audit_rows').where({ service: 'users.lock-out', user: pseudonymOf(hub.app.vault, userId(3)) })).length, 1)
    })

    t.test('only the app’s own back end may report', async (t) => {
      const secret = (id: string) => sandboxSecret(hub.app.vault, id)
      const cases = [
        [{}, [401, 'HUB_TOKEN_MISSING']],
        [{ authorization: `Bearer ${await hub.token()}` }, [401, 'HUB_TOKEN_INVALID']],
        [basic('sandbox-backend', 'wrong'), [401, 'HUB_TOKEN_INVALID']],
        [basic('sandbox-backend', ''), [401, 'HUB_TOKEN_INVALID']],
        [basic('nobody', secret('nobody')), [401, 'HUB_TOKEN_INVALID']],
        [basic('', ''), [401, 'HUB_TOKEN_INVALID']],
        [basic('sandbox-public', ''), [401, 'HUB_TOKEN_INVALID']],
        [basic('%', '%'), [401, 'HUB_TOKEN_INVALID']],
        [{ authorization: 'Basic !' }, [401, 'HUB_TOKEN_INVALID']],
        [basic('sandbox-web', secret('sandbox-web')), [403, 'HUB_SCOPE_INSUFFICIENT']],
      ] as const
      for (const [headers, expected] of cases) {
        const { traceId, headers: traced } = trace()
        const response = await report(hub, subjectOf(2), { headers: { ...headers, ...traced } as Record<string, string> })
        t.same(verdict(response), expected, JSON.stringify(headers))
        if (expected[0] === 401) t.match(response.headers['www-authenticate'], /^Basic /)
        t.match(await auditOf(hub, traceId), [{ service: 'sign-on.failures', outcome: expected[1] }])
      }
      await database('oauth_clients').where({ id: 'sandbox-backend' }).update({ status: 'stopped' })
      t.same(verdict(await report(hub, subjectOf(2))), [401, 'HUB_TOKEN_INVALID'], 'stopped')
      await database('oauth_clients').where({ id: 'sandbox-backend' }).update({ status: 'active' })
      t.same(await database('login_failures').where({ user_id: userId(2) }), [])
    })

    t.test('whoever it is about, the answer is the same', async (t) => {
      await act(hub, 7, 'unlock')
      await act(hub, 7, 'disable')
      const known = await report(hub, subjectOf(2))
      const strip = ({ headers, statusCode, body }: typeof known) => {
        const { date: _date, ...rest } = headers
        return { statusCode, body, headers: Object.keys(rest).sort() }
      }
      for (const subject of ['nobody', subjectOf(7), `${subjectOf(2)} `, subjectOf(2).toUpperCase(), '身份'])
        t.same(strip(await report(hub, subject)), strip(known), subject)
      t.equal((await database('login_failures').where({ user_id: userId(2) })).length, 1, 'to the letter')
      const other = { eventId: 'e', subject: subjectOf(2), issuer: 'https://elsewhere.invalid', at: new Date().toISOString() }
      const response = await hub.app.inject({ method: 'POST', url: FAILURES, headers: backend(hub), payload: other })
      t.same(strip(response), strip(known), 'somebody of another issuer')
      t.equal((await database('login_failures').where({ user_id: userId(2) })).length, 1)
    })

    t.test('what is reported must make sense', async (t) => {
      const good = { eventId: 'x', subject: 'y', at: new Date().toISOString() }
      const wrong = [
        { ...good, at: new Date(Date.now() + 5 * MINUTE).toISOString() },
        { ...good, at: 'yesterday' },
        { ...good, eventId: '' },
        { ...good, eventId: 'x'.repeat(129) },
        { ...good, subject: '' },
        { ...good, subject: 'x'.repeat(201) },
        { ...good, idNumber: people[0]?.number },
        { subject: 'y', at: good.at },
      ]
      for (const payload of wrong) {
        const response = await hub.app.inject({ method: 'POST', url: FAILURES, headers: backend(hub), payload })
        t.same(verdict(response), [400, 'HUB_VALIDATION'], JSON.stringify(payload))
      }
    })

    const FACES = '/v1/me/face-verifications'
    const start = async (person: number) => (await hub.post(FACES, { person, face: false, body: {} })).json()
    const decide = async (url: string, decision: 'yes' | 'no') =>
      fetch(url, { method: 'POST', body: new URLSearchParams({ id: new URL(url).searchParams.get('id') ?? '', decision }) })
    async function verify(person: number, decision: 'yes' | 'no', asking = true): Promise<void> {
      const { data } = await start(person)
      await decide(data.url, decision)
      if (asking) await hub.get(`${FACES}/${data.id}`, { person, face: false })
    }

    t.test('faces that are somebody else’s lock; one that is his own begins the count anew', async (t) => {
      // Those above ran ahead of time.
      await database('login_failures').delete()
      await database('users').update({ status: 'active', locked_until: null, failures_cleared_at: 0 })
      const time = clock(t)
      for (const decision of ['no', 'no', 'no', 'yes', 'no', 'no', 'no'] as const) {
        await verify(6, decision)
        time.advance(2000)
      }
      t.equal((await detail(hub, 6))['loginFailures'], 3)
      await fail(hub, 6, 1)
      t.same(await mine(hub, 6), OPEN)
      await fail(hub, 6, 1)
      t.same(await mine(hub, 6), LOCKED, 'failed log-ins and failed faces are counted together')
    })

    t.test('nobody tries again and again unseen', async (t) => {
      for (let time = 0; time < 5; time++) await verify(5, 'no', false)
      t.same(await mine(hub, 5), OPEN, 'nobody has asked after the last one')
      t.match(await start(5), { code: 'HUB_USER_LOCKED', status: 403 })
      t.same(await mine(hub, 5), LOCKED)
    })

    t.test('one failure asked after many times is one', async (t) => {
      const { data } = await start(3)
      await decide(data.url, 'no')
      await Promise.all(Array.from({ length: 5 }, () => hub.get(`${FACES}/${data.id}`, { person: 3, face: false })))
      t.equal((await detail(hub, 3))['loginFailures'], 1)
    })
  })
}

t.test('settings decide', async (t) => {
  const hub = await build(t, { declarations, env: { LOCKOUT_FAILURES: '2', LOCKOUT_WINDOW_MINUTES: '5', LOCKOUT_MINUTES: '60' } })
  await fail(hub, 4, 1, { ago: 6 * MINUTE })
  await fail(hub, 4, 1)
  t.same(await mine(hub, 4), OPEN)
  await fail(hub, 4, 1)
  t.ok((await call(hub, 'GET', '/v1/me', { person: 4 })).json().retryAfter > 3500)
  t.match(await eventsOf(hub, 4), [{ reason: '5 分钟内连续 2 次登录或人脸核验失败，自动锁定 60 分钟' }])
})

t.test('switched off, nothing is counted', async (t) => {
  const hub = await build(t, { declarations, env: { LOCKOUT_FAILURES: '0' } })
  await fail(hub, 4, 20)
  t.same(await mine(hub, 4), OPEN)
  t.equal((await detail(hub, 4))['loginFailures'], 0)
  t.same(await hub.app.database('login_failures'), [])
})

t.test('a locked citizen who signs on reads until when', async (t) => {
  const hub = await site(t)
  await fail(hub, 1, 5)
  t.equal((await hub.signOn({ person: 1 })).outcome, 'HUB_USER_LOCKED')
  t.same(await hub.app.database('sessions'), [])
})
