import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { readSettings } from '../../../config/settings.ts'
import { SettingsError } from '../../../config/settings-error.ts'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { HubError } from '../../../core/base/errors.ts'
import { createClient } from '../../../plugins/platforms/client.ts'
import { MAX_SKEW_MS, signatureOf, signedHeaders } from '../../../plugins/platforms/signed-headers.ts'
import type { Fault } from '../../../plugins/sandbox/faults.ts'
import { readSignOnConfiguration } from '../../../plugins/sign-on/configuration.ts'
import { readIdentity } from '../../../plugins/sign-on/identity.ts'
import { readCookie } from '../../../plugins/web/cookies.ts'
import { localPath } from '../../../plugins/web/return-path.ts'
import { HOME, site } from '../../helper/sign-on.ts'
import { targets } from '../../helper/targets.ts'

const TOKEN_PATH = '/restapi/prod/IC33000020220329000007/uc/sso/access_token'

t.test('the signature of standards.md §1.9', async (t) => {
  const parts = { method: 'POST', path: TOKEN_PATH, accessKey: 'demoAK', secretKey: 'demoSK', date: 'Tue, 14 Nov 2023 22:13:20 GMT' }
  t.equal(signatureOf(parts), '/N9Jg2lh4pew/2wrQXEbIDNsHeLaigdoXzmpvUiCMU8=')
  const query = (text: string) => signatureOf({ ...parts, query: new URLSearchParams(text) })
  t.equal(query('b=2&a=1'), query('a=1&b=2'), 'the query is sorted')
  t.not(query('a=1'), signatureOf(parts))
  t.equal(signedHeaders(parts, Date.UTC(2023, 10, 14, 22, 13, 20))['x-bg-hmac-signature'], signatureOf(parts))
})

t.test('only paths of the hub are gone back to', async (t) => {
  const good = ['/', '/a', '/a/b?c=d&e=%2F%2Fx#f', '/?return=https://evil.invalid', '/a//b', '/@x', '/:80']
  for (const path of good) t.equal(localPath(path), path)
  const bad = [
    ...['', 'a', '//evil.invalid', '///evil.invalid', '/\\evil.invalid', '\\\\evil.invalid', 'https://evil.invalid', 'javascript:alert(1)'],
    ...['/\t/evil.invalid', '/\n/evil.invalid', ' //evil.invalid', '/ /evil.invalid', '/a\\b', '/.//evil.invalid', '/..//evil.invalid'],
    ...[
      '/%2e//evil.invalid',
      '/a/../..//evil.invalid',
      '/路径',
      `/${'a'.repeat(2000)}`,
      '/a\r\nset-cookie: x=y',
      '@evil.invalid',
      'http:/x',
    ],
  ]
  for (const path of bad) t.throws(() => localPath(path), { code: 'HUB_RETURN_INVALID' }, JSON.stringify(path))
  const nasty = fc.array(
    fc.constantFrom('/', '\\', '.', '..', ':', '@', '%2f', '%5c', '%2e', '\t', '\n', ' ', '?', '#', 'a', 'evil.invalid', 'http:'),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        nasty.map((parts) => `/${parts.join('')}`),
        fc.webPath(),
        fc.string(),
      ),
      (text) => {
        try {
          const { origin, pathname } = new URL(localPath(text), 'https://hub.invalid/sign-on/callback')
          return origin === 'https://hub.invalid' && !pathname.startsWith('//')
        } catch (error) {
          return error instanceof HubError && error.code === 'HUB_RETURN_INVALID'
        }
      },
    ),
    { numRuns: 2000 },
  )
})

t.test('cookies', async (t) => {
  t.equal(readCookie('a=1; hub=2; b=3', 'hub', false), '2')
  t.equal(readCookie('hub=2; hub=2', 'hub', false), '2')
  for (const header of [undefined, '', 'xhub=2', 'hub=', 'hub=1; hub=2']) t.equal(readCookie(header, 'hub', false), null, 'none, or two')
})

const settings = readSettings({ NODE_ENV: 'test', MASTER_KEY: Buffer.alloc(32).toString('base64') })
const place = { baseUrl: 'https://sso.invalid', issuer: 'sso' }

t.test('an answer about a user is a user, or invalid', async () => {
  const { configuration } = readSignOnConfiguration(settings, place)
  const texts = fc.oneof(
    fc.constantFrom('1', '3', '01', '41100219900101000X', '贾明', '13800000000', 'toString', '__proto__'),
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.object(),
  )
  const keys = ['userId', 'authLevel', 'userName', 'idType', 'idNo', 'mobile'] as const
  const data = fc.record(Object.fromEntries(keys.map((key) => [key, texts])), { requiredKeys: [] })
  fc.assert(
    fc.property(fc.oneof(data, fc.object()), (given) => {
      try {
        const { subject, level, person } = readIdentity({ success: true, data: given }, configuration)
        return subject.trim() === subject && subject.length > 0 && (level === 'real-name') === (person !== null)
      } catch (error) {
        return error instanceof HubError && error.code === 'HUB_UPSTREAM_INVALID'
      }
    }),
    { numRuns: 1000 },
  )
})

t.test('settings name everything that is wrong with them', async (t) => {
  const wrong = {
    ...settings,
    SIGN_ON_PATHS: '{"login":"/x","token":"x"}',
    SIGN_ON_FIELDS: '{"subject":""}',
    SIGN_ON_LEVELS: '{"9":"god"}',
    SIGN_ON_ID_TYPES: '[1]',
  }
  const { problems } = readSignOnConfiguration(wrong, place)
  t.same(problems.map((problem) => problem.split(':')[0]).sort(), [
    'SIGN_ON_FIELDS',
    'SIGN_ON_ID_TYPES',
    'SIGN_ON_LEVELS',
    'SIGN_ON_PATHS',
    'SIGN_ON_PATHS',
  ])
  const mapped = readSignOnConfiguration(
    { ...settings, SIGN_ON_FIELDS: '{"subject":"result.uid"}', SIGN_ON_LEVELS: '{"L4":"real-name"}' },
    place,
  )
  t.match(mapped, {
    problems: [],
    configuration: { fields: { subject: 'result.uid', name: 'data.userName' }, levels: { L4: 'real-name' } },
  })
  t.throws(
    () => readSettings({ NODE_ENV: 'test', SIGN_ON_BASE_URL: 'https://x.invalid', FACE_BASE_URL: 'https://x.invalid' }),
    SettingsError,
  )
})

t.test('a platform that does not answer is given up', async (t) => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const client = createClient('统一登录', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, 100)
  t.teardown(async () => {
    await client.close()
    silent.closeAllConnections()
    await new Promise((resolve) => silent.close(resolve))
  })
  await t.rejects(client.ask({ method: 'POST', path: '/x' }), { code: 'HUB_UPSTREAM_TIMEOUT', status: 504, extras: { agency: '统一登录' } })
})

t.test('a platform that takes any ticket is held to what it says of it', async (t) => {
  const now = Date.now()
  let answer: object = {}
  const lax = createServer((request, response) => {
    const data = request.url === TOKEN_PATH ? { accessToken: 'x', ...answer } : { userId: 'lax', authLevel: '1' }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ success: true, data }))
  })
  await new Promise<void>((resolve) => lax.listen(0, '127.0.0.1', resolve))
  const env = {
    SIGN_ON_BASE_URL: `http://127.0.0.1:${(lax.address() as AddressInfo).port}`,
    SIGN_ON_APP_ID: 'own',
    SIGN_ON_APP_SECRET: 'secret',
  }
  t.teardown(() => new Promise((resolve) => lax.close(resolve)))
  t.teardown(async () => lax.closeAllConnections())
  const hub = await site(t, { env })
  const signOn = async (ticketId: string, said: object) => {
    answer = said
    const { browser, state } = await hub.begin()
    return (await hub.back(browser, { state, ticketId })).code
  }
  t.equal(await signOn('silent', {}), null)
  t.equal(await signOn('good', { appId: 'own', ticketIssuedAt: now - 60_000 }), null)
  t.equal(await signOn('in seconds', { ticketIssuedAt: Math.floor(now / 1000) }), null)
  t.equal(await signOn('good', { appId: 'own', ticketIssuedAt: now }), 'HUB_TICKET_INVALID', 'presented before')
  t.equal(await signOn('foreign', { appId: 'another' }), 'HUB_TICKET_INVALID')
  t.equal(await signOn('old', { ticketIssuedAt: now - 301_000 }), 'HUB_TICKET_INVALID')
  t.equal(await signOn('future', { ticketIssuedAt: now + 120_000 }), 'HUB_TICKET_INVALID')
  t.equal(await signOn('unreadable', { ticketIssuedAt: 'yesterday' }), 'HUB_TICKET_INVALID')
  t.equal(await signOn('no token', { accessToken: '' }), 'HUB_UPSTREAM_INVALID')
})

t.test('without a sign-on nobody signs on, and is told so', async (t) => {
  const exchange = { EXCHANGE_BASE_URL: 'http://127.0.0.1:1', EXCHANGE_REQUESTER_ID: 'x', EXCHANGE_APP_KEY: 'x' }
  const { build } = await import('../../helper/hub.ts')
  const { app } = await build(t, { declarations: [housingFund], env: { SANDBOX: 'off', ...exchange } })
  const response = await app.inject('/sign-on/start?return=/')
  t.same([response.statusCode, response.json().code], [503, 'HUB_UPSTREAM_UNAVAILABLE'])
  t.equal((await app.inject('/sign-on')).statusCode, 200)
})

t.test('over https the cookies are for https', async (t) => {
  const hub = await site(t, { env: { PUBLIC_URL: 'https://hub.invalid' } })
  const { browser } = await hub.signOn()
  t.match(browser.lastSetCookies[0], /; Secure$/)
  const started = await browser.open('/sign-on/start')
  t.match(browser.lastSetCookies[0], /; Secure$/)
  t.ok(started.location?.startsWith(`${hub.sandbox.signOn.baseUrl}/uc/sso/login?appId=sandbox-hub&sp=`))
})

const TROUBLES: readonly [Fault, status: number, code: string][] = [
  [{ kind: 'http-500' }, 502, 'HUB_UPSTREAM_INVALID'],
  [{ kind: 'http-503' }, 503, 'HUB_UPSTREAM_UNAVAILABLE'],
  [{ kind: 'html' }, 502, 'HUB_UPSTREAM_INVALID'],
  [{ kind: 'truncated' }, 502, 'HUB_UPSTREAM_INVALID'],
  [{ kind: 'reset' }, 502, 'HUB_UPSTREAM_UNREACHABLE'],
]
/** Of the signed profile only. */
const SIGNED: typeof TROUBLES = [
  [{ kind: 'bad-sign' }, 502, 'HUB_UPSTREAM_CREDENTIAL'],
  [{ kind: 'clock-skew', ms: MAX_SKEW_MS + 2000 }, 502, 'HUB_UPSTREAM_CREDENTIAL'],
]

for (const target of targets) {
  for (const [profile, parameter] of [
    ['ticket', 'ticketId'],
    ['oauth2', 'code'],
  ] as const) {
    t.test(`${target.name}, ${profile}`, async (t) => {
      const hub = await site(t, { target, env: { SIGN_ON_PROFILE: profile } })

      t.test('trouble of the platform is a problem for programs and a page for people', async (t) => {
        for (const [fault, status, code] of [...TROUBLES, ...(profile === 'ticket' ? SIGNED : [])]) {
          // A success in between keeps the breaker closed.
          t.not((await hub.signOn({ person: 2 })).outcome, code)
          const { browser, state, page } = await hub.begin()
          hub.sandbox.faults.set({ ...fault, sid: 'sign-on' })
          const answer = await hub.back(browser, { state, [parameter]: hub.issue({ page }) })
          hub.sandbox.faults.clear()
          t.same([answer.status, answer.code, answer.audited], [status, code, [code]], fault.kind)
          t.match(JSON.parse(answer.text), { agency: '统一登录' })
          t.notMatch(answer.text, /10\.0\.0\.1|java|appId|127\.0\.0\.1/)
        }
        const { browser, state, page } = await hub.begin()
        hub.sandbox.faults.set({ kind: 'http-503', sid: 'sign-on' })
        const query = new URLSearchParams({ state, [parameter]: hub.issue({ page }) })
        const shown = await browser.open(`/sign-on/callback?${query}`, { headers: { accept: 'text/html,*/*;q=0.8' } })
        hub.sandbox.faults.clear()
        t.equal(shown.status, 503)
        t.equal(shown.headers.get('content-type'), 'text/html; charset=utf-8')
        t.match(shown.headers.get('content-security-policy'), /default-src 'none'/)
        t.match(shown.text, /<html lang="zh-CN">.*对方系统暂停服务.*追踪号/s)
      })

      t.test('an open redirect is refused before anything is begun', async (t) => {
        for (const path of ['start', 'end']) {
          for (const target of ['https://evil.invalid', '//evil.invalid', '/\\evil.invalid', 'javascript:alert(1)', '']) {
            const answer = await hub.browser().open(`/sign-on/${path}?return=${encodeURIComponent(target)}`)
            t.same([answer.status, JSON.parse(answer.text).code, answer.location], [400, 'HUB_RETURN_INVALID', null], `${path} ${target}`)
          }
        }
      })

      t.test('a look with HEAD uses nothing up', async (t) => {
        const { browser, state, page } = await hub.begin()
        const query = { state, [parameter]: hub.issue({ page }) }
        t.equal((await browser.open(`/sign-on/callback?${new URLSearchParams(query)}`, { method: 'HEAD' })).status, 405)
        t.equal((await hub.back(browser, query)).location, `${HOME}/somewhere?a=1`)
      })

      if (profile === 'oauth2') {
        t.test('a code is bound to the verifier of the sign-on that asked for it', async (t) => {
          const mine = await hub.begin()
          const other = await hub.begin()
          const stolen = await hub.back(mine.browser, { state: mine.state, code: hub.issue(other) })
          t.equal(stolen.code, 'HUB_TICKET_INVALID', 'injected code')
          const downgraded = await hub.back(other.browser, { state: other.state, code: hub.issue(other, { challenge: null }) })
          t.equal(downgraded.code, 'HUB_TICKET_INVALID', 'a code without a challenge, in a sign-on with one')
        })

        t.test('the page takes nobody to another address and no plain challenge', async (t) => {
          const { page } = await hub.begin()
          const refused = async (name: string, value: string) => {
            const changed = new URL(page)
            changed.searchParams.set(name, value)
            const answer = await hub.browser().open(changed.href)
            t.same([answer.status, answer.location], [400, null], name)
          }
          await refused('redirect_uri', 'https://evil.invalid/')
          await refused('code_challenge_method', 'plain')
          await refused('client_id', 'another')
        })
      } else {
        t.test('the platform takes requests of the last and next ninety seconds', async (t) => {
          const { baseUrl, appId, appSecret } = hub.sandbox.signOn
          const path = new URL(baseUrl).pathname + TOKEN_PATH
          const ask = async (at: number, secretKey = appSecret, accessKey = appId) => {
            const headers = { 'content-type': 'application/json', ...signedHeaders({ method: 'POST', path, accessKey, secretKey }, at) }
            const body = JSON.stringify({ ticketId: hub.sandbox.signOn.issue(), appId })
            const response = await fetch(baseUrl + TOKEN_PATH, { method: 'POST', headers, body })
            return [response.status, ((await response.json()) as { message?: string }).message ?? null]
          }
          const now = Date.now()
          t.same(await ask(now - 85_000), [200, null])
          t.same(await ask(now + 85_000), [200, null])
          t.same(await ask(now - 95_000), [401, 'Clock skew exceeded'])
          t.same(await ask(now + 95_000), [401, 'Clock skew exceeded'])
          t.same(await ask(now, 'wrong'), [401, 'Invalid signature'])
          t.same(await ask(now, appSecret, 'other'), [401, 'Invalid access key'])
        })
      }
    })
  }
}
