import t from 'tap'
import { readCookie, writeCookie } from '../../plugins/web/cookies.ts'
import { build } from '../helper/hub.ts'

const APP = 'https://app.invalid'
const PARTY = 'https://party.invalid'

t.test('what an answer tells a browser', async (t) => {
  const env = { PUBLIC_URL: 'https://hub.invalid', APP_ORIGINS: APP, SECURITY_CONTACT: 'mailto:security@hub.invalid' }
  const hub = await build(t, { env, declarations: [] })
  const { app } = hub

  await t.test('no frame, no guessing, TLS only, no referrer', async (t) => {
    for (const url of [
      '/',
      '/health/live',
      '/v1/catalog',
      '/v1/me',
      '/nowhere',
      '/docs',
      '/problems/HUB_NOT_FOUND',
      '/sign-on',
      '/oauth/authorize',
      '/oauth/jwks',
    ]) {
      const { headers } = await app.inject({ url, headers: { accept: 'text/html' } })
      t.match(headers, { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' }, url)
      t.match(headers['content-security-policy'], /^default-src 'none'.*frame-ancestors 'none'/, url)
      t.match(headers['strict-transport-security'], /^max-age=\d{7,}$/, url)
      t.notOk(headers['server'] ?? headers['x-powered-by'], url)
    }
  })

  await t.test('what concerns a person stays in no cache, refusals included', async (t) => {
    for (const url of ['/v1/me', '/v1/me/authorizations', '/v1/me/enterprises', '/v1/admin/users', '/v1/nowhere'])
      for (const { headers } of [await hub.get(url), await app.inject({ url })]) t.equal(headers['cache-control'], 'no-store', url)
  })

  await t.test('scripts of the app and of registered applications may call, others not', async (t) => {
    const { registry } = app.authorizationStore
    const ask = (origin: string, url = '/v1/me') =>
      app.inject({
        method: 'OPTIONS',
        url,
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
      })
    const preflight = await ask(APP)
    t.equal(preflight.statusCode, 204)
    t.match(preflight.headers, { 'access-control-allow-origin': APP, 'access-control-max-age': '600' })
    t.match(preflight.headers['access-control-allow-headers'], /authorization.*idempotency-key/)
    t.notOk(preflight.headers['access-control-allow-credentials'])
    t.equal((await hub.get('/v1/me', { headers: { origin: APP } })).headers['access-control-allow-origin'], APP)

    t.notOk((await ask(APP, '/sign-on')).headers['access-control-allow-origin'], 'only /v1')
    t.notOk((await ask('https://else.invalid')).headers['access-control-allow-origin'])
    const other = await hub.get('/v1/me', { headers: { origin: 'https://else.invalid' } })
    t.notOk(other.headers['access-control-allow-origin'])
    t.match(other.headers['vary'], /origin/i)

    await registry.register({ id: 'party', name: '某网站', purpose: '展示本人的信息', redirectUris: [`${PARTY}/back`] })
    const fresh = await build(t, { env: { ...env, DATABASE_URL: '', DATA_DIR: app.settings.DATA_DIR }, store: {}, declarations: [] })
    t.equal((await fresh.get('/v1/me', { headers: { origin: PARTY } })).headers['access-control-allow-origin'], PARTY)
  })

  await t.test('where to report a weakness', async (t) => {
    const { statusCode, headers, body } = await app.inject('/.well-known/security.txt')
    t.equal(statusCode, 200)
    t.match(headers['content-type'], 'text/plain')
    t.match(body, /^Contact: mailto:security@hub\.invalid\nExpires: .*Z\n/)
    const expires = Date.parse(/Expires: (.*)/.exec(body)?.[1] ?? '')
    t.ok(expires > Date.now() && expires < Date.now() + 365 * 86_400_000, 'within a year (RFC 9116 §2.5.5)')
    t.match(body, 'Canonical: https://hub.invalid/.well-known/security.txt')
  })
})

t.test('over TLS a cookie is the host’s own by its name', async (t) => {
  const secure = writeCookie('hub_x', 'v', { path: '/some', secure: true, maxAge: 60 })
  t.equal(secure, '__Host-hub_x=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure')
  t.equal(readCookie('__Host-hub_x=v; hub_x=w', 'hub_x', true), 'v')
  t.equal(readCookie('hub_x=w', 'hub_x', true), null, 'another host of the domain could have set it')
  t.equal(writeCookie('hub_x', 'v', { path: '/some', secure: false }), 'hub_x=v; Path=/some; HttpOnly; SameSite=Lax')
  t.equal(readCookie('hub_x=w', 'hub_x', false), 'w')
})
