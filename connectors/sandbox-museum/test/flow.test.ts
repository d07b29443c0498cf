import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { loadConnectors, offered } from '../../../plugins/load-connectors.ts'
import { decideAt } from '../../../plugins/sandbox/agencies/visit.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { build, type Hub } from '../../../test/helper/hub.ts'
import museum from '../index.ts'

const ACCOUNTS = '/v1/me/accounts'
const BOOKINGS = '/v1/sandbox-museum/bookings'
const AGENCY = '/agencies/sandbox-museum/oauth2'

async function begin(hub: Hub, person = 1) {
  const begun = await hub.post(`${ACCOUNTS}/sandbox-museum/authorise`, { person })
  const cookie = String(begun.headers['set-cookie']).split(';', 1)[0] ?? ''
  return { page: begun.json().data.url as string, cookie }
}

async function bind(hub: Hub, person = 1, as: number | 'none' = person) {
  const { page, cookie } = await begin(hub, person)
  const { pathname, search } = await decideAt(page, as)
  return hub.app.inject({ url: pathname + search, headers: { cookie } })
}

t.test('in the sandbox', async (t) => {
  const hub = await build(t, { declarations: [museum] })
  const sandbox = hub.app.sandbox as Sandbox
  const agency = sandbox.origin + AGENCY
  const opens = async (token: string) => (await fetch(`${agency}/userinfo`, { headers: { authorization: `Bearer ${token}` } })).status
  const post = (path: string, form: Record<string, string>, secret = sandbox.agencyOAuth.client.clientSecret) =>
    fetch(agency + path, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${sandbox.agencyOAuth.client.clientId}:${secret}`).toString('base64')}` },
      body: new URLSearchParams(form),
    })

  await t.test('without an account the app is told where to bind one', async (t) => {
    t.match((await hub.get(BOOKINGS)).json(), { code: 'HUB_ACCOUNT_UNBOUND', stepUp: { url: `${ACCOUNTS}/sandbox-museum/authorise` } })
  })

  await t.test('the page says who asks for what, and lets nobody in without the hub’s address and PKCE', async (t) => {
    const { page } = await begin(hub)
    const sent = await fetch(page, { redirect: 'manual' })
    const login = new URL(sent.headers.get('location') ?? '', page)
    const cookie = sent.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0])
      .join('; ')
    const response = await fetch(login, { headers: { cookie } })
    const policy = response.headers.get('content-security-policy') ?? ''
    t.match(policy, "default-src 'none'")
    t.notMatch(policy, 'form-action', 'a browser would hold it against the way back')
    t.match(await response.text(), /示例科技馆（沙箱）.*visitor bookings.*模拟的登录页面，不是.*虚构.*贾明 登录并同意.*不同意/)
    for (const [name, value] of Object.entries({ client_id: 'x', redirect_uri: 'https://evil.example/' })) {
      const bent = new URL(page)
      bent.searchParams.set(name, value)
      const refused = await fetch(bent, { redirect: 'manual' })
      t.equal(refused.status, 400, name)
      t.match(await refused.text(), /没有登记/)
    }
    for (const [name, value] of Object.entries({ code_challenge_method: 'plain', code_challenge: '' })) {
      const bent = new URL(page)
      bent.searchParams.set(name, value)
      t.match((await decideAt(bent.href, 1)).searchParams.get('error'), 'invalid_request', name)
    }
    t.match(await (await fetch(login)).text(), /登录已过期/, 'another browser is not the one that set out')
  })

  await t.test('declined, and somebody else’s account', async (t) => {
    t.match((await bind(hub, 1, 'none')).body, /没有完成授权/)
    t.equal((await bind(hub, 1, 2)).statusCode, 403, 'the agency says whose it is')
    t.same((await hub.get(ACCOUNTS)).json().data, [])
  })

  await t.test('a code is good for one use, with the verifier and the secret that belong to it', async (t) => {
    const { page } = await begin(hub)
    const back = await decideAt(page, 1)
    const code = back.searchParams.get('code') ?? ''
    const form = { grant_type: 'authorization_code', redirect_uri: back.origin + back.pathname, code }
    t.equal((await post('/token', { ...form, code_verifier: 'x' }, 'wrong')).status, 401)
    t.match(await (await post('/token', { ...form, code_verifier: 'guessed'.padEnd(43, '-') })).json(), { error: 'invalid_grant' })
    t.match(await (await post('/token', { grant_type: 'password' })).json(), { error: 'unsupported_grant_type' })
  })

  await t.test('bound, asked with the user’s own token, renewed unnoticed', async (t) => {
    t.match((await bind(hub)).body, /绑定成功/)
    t.equal((await bind(hub, 2)).statusCode, 200)
    t.match((await hub.get(ACCOUNTS)).json().data, [{ connector: 'sandbox-museum', boundBy: 'oauth', level: 'real-name', state: 'active' }])
    t.match((await hub.get(BOOKINGS)).json().data, [{ visitor: '贾*', day: /^\d{4}-\d\d-\d\d$/ }, { people: 1 }])
    t.match((await hub.get(BOOKINGS, { person: 2 })).json().data, [{ visitor: '甄*禾' }, { people: 2 }])
    const before = sandbox.refreshes('oauth2-user')
    sandbox.faults.set({ kind: 'secret-expired', sid: '/api/my-bookings', times: 1 })
    t.equal((await hub.get(BOOKINGS)).statusCode, 200)
    t.equal(sandbox.refreshes('oauth2-user'), before + 1)
  })

  await t.test('unbound: dead here at once, and soon at the agency', async (t) => {
    const tokens = sandbox.agencyOAuth.issued()
    const mine = async () => (await Promise.all(tokens.map(opens))).filter((status) => status === 200).length
    const living = await mine()
    const [account] = (await hub.get(ACCOUNTS)).json().data
    const headers = { authorization: `Bearer ${await hub.token()}` }
    t.equal((await hub.app.inject({ method: 'DELETE', url: `${ACCOUNTS}/${account.id}`, headers })).statusCode, 204)
    t.match((await hub.get(BOOKINGS)).json(), { code: 'HUB_ACCOUNT_UNBOUND' })
    for (const end = Date.now() + 10_000; (await mine()) === living && Date.now() < end; ) await sleep(50)
    t.ok((await mine()) < living, 'the agency has heard')
    t.equal((await hub.get(BOOKINGS, { person: 2 })).statusCode, 200, 'others keep theirs')
  })

  await t.test('a refresh token that is used twice ends the consent', async (t) => {
    await theft(t, hub, post)
  })
})

async function theft(t: Test, hub: Hub, post: (path: string, form: Record<string, string>) => Promise<Response>) {
  const sandbox = hub.app.sandbox as Sandbox
  const before = new Set(sandbox.agencyOAuth.issued())
  t.equal((await bind(hub, 3)).statusCode, 200)
  const issued = sandbox.agencyOAuth.issued().filter((token) => !before.has(token))
  const use = async () =>
    Promise.all(issued.map(async (refresh_token) => (await post('/token', { grant_type: 'refresh_token', refresh_token })).status))
  t.same((await use()).sort(), [200, 400], 'one of them is the refresh token')
  t.same(await use(), [400, 400])
  sandbox.faults.set({ kind: 'secret-expired', sid: '/api/my-bookings', times: 1 })
  t.match((await hub.get(BOOKINGS, { person: 3 })).json(), { code: 'HUB_ACCOUNT_REAUTHORISE' })
  t.equal((await bind(hub, 3)).statusCode, 200)
  t.equal((await hub.get(BOOKINGS, { person: 3 })).statusCode, 200)
}

t.test('outside of it there is no such agency', async (t) => {
  const ids = (sandbox: boolean, all = [museum]) => offered(all, { sandbox }).map(({ id }) => id)
  t.same([ids(true), ids(false)], [['sandbox-museum'], []])
  const all = await loadConnectors()
  t.notOk(ids(false, all).includes('sandbox-museum'))

  const exchange = all.filter(({ upstream, systems }) => upstream.dialect.name === 'exchange' && !systems)
  const platform = { EXCHANGE_BASE_URL: 'https://exchange.invalid', EXCHANGE_REQUESTER_ID: 'hub', EXCHANGE_APP_KEY: 'key' }
  const tokens = { TOKEN_ISSUER: 'https://issuer.invalid', TOKEN_JWKS_URL: 'https://issuer.invalid/jwks.json' }
  const hub = await build(t, { declarations: [...exchange, museum], env: { SANDBOX: 'off', ...platform, ...tokens } })
  t.equal((await hub.app.inject(BOOKINGS)).statusCode, 404)
  const [catalog, openapi] = await Promise.all(['/v1/catalog', '/docs/json'].map((url) => hub.app.inject(url)))
  t.match(catalog?.body, exchange[0]?.id)
  for (const answer of [catalog, openapi]) t.notMatch(answer?.body, 'sandbox-museum')
})
