import * as client from 'openid-client'
import t from 'tap'
import { sandboxSecret } from '../../../plugins/oauth/sandbox-clients.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { auditOf, trace } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'
import {
  application,
  authorise,
  browse,
  consent,
  errorOf,
  type Flow,
  formBody,
  REDIRECT_URI,
  readForm,
  redeem,
  request,
  type Served,
  serve,
} from '../../helper/third-party.ts'

interface Verdict {
  status: number
  error: string | undefined
  /** Outcomes of the audit rows with the request's trace id. */
  rows: string[]
}

/** One request at the hub, told apart by its trace id; → its error, wherever it stands, and its audit rows. */
async function attempt(hub: Served, go: (headers: Record<string, string>) => Promise<Response>): Promise<Verdict> {
  const { traceId, headers } = trace()
  const response = await go(headers)
  const location = response.headers.get('location')
  const text = await response.text()
  const error = (location ? /[?&#]error=(\w+)/ : /"error":"(\w+)"|<small>(\w+) ·/)
    .exec(location ?? text)
    ?.slice(1)
    .find(Boolean)
  return { status: response.status, error, rows: (await auditOf(hub, traceId)).map(({ outcome }) => outcome) }
}

/** The token endpoint, as a client that forms its requests by hand. */
function post(hub: Served, path: string, fields: Record<string, string>, id = 'sandbox-web', secret = sandboxSecret(hub.app.vault, id)) {
  const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  return attempt(hub, (headers) =>
    fetch(`${hub.origin}${path}`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { ...headers, ...(secret === '' ? {} : { authorization: basic }) },
    }),
  )
}

const redemption = (callback: URL, { verifier }: Pick<Flow, 'verifier'>, redirectUri = REDIRECT_URI) => ({
  grant_type: 'authorization_code',
  code: callback.searchParams.get('code') ?? '',
  code_verifier: verifier,
  redirect_uri: redirectUri,
})

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await serve(t, { target })
    const { database } = hub.app
    const web = await application(hub, 'sandbox-web')
    const browser = browse(hub)
    await browser.signOn(1)
    const alive = async (token: string) => (await client.tokenIntrospection(web, token)).active
    const invalidGrant = (more = '') => ({ status: 400, error: 'invalid_grant', rows: [`invalid_grant${more}`] })
    const code = async (scope = 'openid offline_access') => {
      const flow = await request(web, scope)
      return { flow, callback: await consent(browser, flow) }
    }
    const authorize = (change: (query: URLSearchParams) => void) =>
      attempt(hub, async (headers) => {
        const { url } = await request(web, 'openid')
        change(url.searchParams)
        return browser.go(url.href, { headers })
      })

    t.test('a code that is used again: refused, and the whole family with it, on record and in the log', async (t) => {
      const { flow, callback } = await code()
      const tokens = await redeem(web, flow, callback)
      t.same(await post(hub, '/oauth/token', redemption(callback, flow)), invalidGrant('/code-reused'))
      t.notOk(await alive(tokens.access_token))
      t.notOk(await alive(tokens.refresh_token ?? ''))
      t.match(hub.logged(), /code-reused/)
    })

    t.test('a refresh token that is used again: refused, and the whole family with it, on record and in the log', async (t) => {
      const { tokens } = await authorise(web, browser, 'openid offline_access')
      const fresh = await client.refreshTokenGrant(web, tokens.refresh_token ?? '')
      t.ok(await alive(fresh.access_token))
      await database('oidc_entities').whereNotNull('consumed_at').decrement('consumed_at', 10_000)
      const again = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }
      t.same(await post(hub, '/oauth/token', again), invalidGrant('/refresh-token-reused'))
      for (const token of [fresh.access_token, fresh.refresh_token ?? '', tokens.access_token]) t.notOk(await alive(token))
      t.equal(await errorOf(client.refreshTokenGrant(web, fresh.refresh_token ?? '')), 'invalid_grant')
      t.match(hub.logged(), /refresh-token-reused/)
    })

    t.test('a wrong redirect URI: a page, and nothing sent there', async (t) => {
      const wrong = { status: 400, error: 'invalid_redirect_uri', rows: ['invalid_redirect_uri'] }
      for (const uri of [
        'http://127.0.0.1:4000/callback/../evil',
        'https://evil.example/callback',
        `${REDIRECT_URI}?x=1`,
        'http://127.0.0.1:4001/callback',
      ])
        t.same(await authorize((query) => query.set('redirect_uri', uri)), wrong, uri)
      const { flow, callback } = await code()
      t.same(await post(hub, '/oauth/token', redemption(callback, flow, `${REDIRECT_URI}/`)), invalidGrant(), 'at the token endpoint')
    })

    t.test('a mixed-up state, nonce or issuer: the client turns the answer away', async (t) => {
      const [one, other] = [await code(), await code()]
      const mixed = new URL(one.callback)
      mixed.searchParams.set('state', other.flow.state)
      await t.rejects(redeem(web, one.flow, mixed), { code: 'OAUTH_INVALID_RESPONSE' }, 'another state')
      await t.rejects(redeem(web, { ...one.flow, nonce: other.flow.nonce }, one.callback), { code: /OAUTH/ }, 'another nonce')
      t.equal(other.callback.searchParams.get('iss'), hub.origin, 'RFC 9207')
      const elsewhere = new URL(other.callback)
      elsewhere.searchParams.set('iss', 'https://evil.example')
      await t.rejects(redeem(web, other.flow, elsewhere), { code: 'OAUTH_INVALID_RESPONSE' }, 'another issuer')
    })

    t.test('PKCE left out or downgraded, and a verifier that does not fit', async (t) => {
      const refused = { status: 303, error: 'invalid_request', rows: ['invalid_request'] }
      t.same(await authorize((query) => query.delete('code_challenge')), refused, 'no challenge')
      t.same(await authorize((query) => query.set('code_challenge_method', 'plain')), refused, 'plain')
      t.same(await authorize((query) => query.delete('code_challenge_method')), refused, 'plain by default')
      for (const [name, verifier] of [
        ['none', ''],
        ['another', client.randomPKCECodeVerifier()],
      ] as const) {
        const { callback } = await code()
        t.same(await post(hub, '/oauth/token', redemption(callback, { verifier })), invalidGrant(), name)
      }
      const { flow, callback } = await code()
      const challenge = flow.url.searchParams.get('code_challenge') ?? ''
      t.same(await post(hub, '/oauth/token', redemption(callback, { verifier: challenge })), invalidGrant(), 'the challenge itself')
    })

    t.test('more than the client registered for', async (t) => {
      const parking = await application(hub, 'sandbox-public')
      const flow = await request(parking, 'openid housing-fund')
      const { left } = await browser.follow(flow.url.href)
      t.equal(left?.searchParams.get('error'), 'invalid_scope')
      const verdict = await post(
        hub,
        '/oauth/token',
        { grant_type: 'client_credentials', client_id: 'sandbox-public' },
        'sandbox-public',
        '',
      )
      t.same(verdict, { status: 400, error: 'invalid_request', rows: ['invalid_request'] }, 'a grant type')
      const implicit = await authorize((query) => query.set('response_type', 'token'))
      t.same(implicit, { status: 303, error: 'unsupported_response_type', rows: ['unsupported_response_type'] }, 'a response type')
    })

    t.test('a tampered consent form', async (t) => {
      const shown = async (asking = browser) => {
        const { response, url } = await asking.follow((await request(web, 'openid real-name', { prompt: 'consent' })).url.href)
        return { url, ...readForm(await response.text()) }
      }
      const invalid = { status: 400, error: 'invalid_request', rows: ['invalid_request'] }
      const send = (url: string, fields: [string, string][], sender = browser) =>
        attempt(hub, (headers) => {
          const init = formBody(fields)
          return sender.go(url, { ...init, headers: { ...(init.headers as Record<string, string>), ...headers } })
        })
      const grants = () => database('oauth_grants').whereNull('revoked_at').count({ n: '*' })
      const before = await grants()

      const { url, seal } = await shown()
      const other = await shown()
      t.same(await send(url, [['decision', 'allow']]), invalid, 'no seal')
      t.same(
        await send(url, [
          ['seal', 'x'.repeat(64)],
          ['decision', 'allow'],
        ]),
        invalid,
        'a made-up seal',
      )
      t.same(
        await send(url, [
          ['seal', other.seal],
          ['decision', 'allow'],
        ]),
        invalid,
        'the seal of another request',
      )
      t.same(
        await send(url, [
          ['seal', seal],
          ['decision', 'allow'],
          ['scope', 'id-number'],
        ]),
        invalid,
        'a scope that was not shown',
      )
      t.same(
        await send(url, [
          ['seal', seal],
          ['decision', 'allow'],
          ['client_id', 'sandbox-public'],
        ]),
        invalid,
        'an extra field',
      )
      t.same(
        await send(url, [
          ['seal', seal],
          ['decision', 'maybe'],
        ]),
        invalid,
        'no decision',
      )
      const stranger = browse(hub)
      t.same(
        await send(
          url,
          [
            ['seal', seal],
            ['decision', 'allow'],
          ],
          stranger,
        ),
        invalid,
        'another site’s browser, without the cookie',
      )
      await browser.signOn(2)
      const denied = { status: 400, error: 'access_denied', rows: ['access_denied'] }
      t.same(
        await send(other.url, [
          ['seal', other.seal],
          ['decision', 'allow'],
        ]),
        denied,
        'somebody else is signed on by now',
      )
      await browser.signOn(1)
      t.same(await grants(), before, 'nothing was granted')

      const last = await shown()
      const once: [string, string][] = [
        ['seal', last.seal],
        ['decision', 'allow'],
      ]
      const accepted = await browser.follow(last.url, formBody(once))
      t.ok(accepted.left?.searchParams.get('code'))
      t.same(await send(last.url, once), invalid, 'sent a second time')
    })

    t.test('clients that are unknown, stopped, or not who they say', async (t) => {
      const refresh = { grant_type: 'refresh_token', refresh_token: 'x' }
      const invalidClient = { status: 401, error: 'invalid_client', rows: ['invalid_client'] }
      t.same(await post(hub, '/oauth/token', refresh, 'nobody', 'secret'), invalidClient, 'unknown')
      t.same(await post(hub, '/oauth/token', refresh, 'sandbox-web', 'wrong'), invalidClient, 'a wrong secret')
      t.same(await post(hub, '/oauth/token', { ...refresh, client_id: 'sandbox-web' }, 'sandbox-web', ''), invalidClient, 'no secret')
      const page = await authorize((query) => query.set('client_id', 'nobody'))
      t.same(page, { status: 400, error: 'invalid_client', rows: ['invalid_client'] }, 'at the authorization endpoint')

      const { tokens } = await authorise(web, browser, 'openid offline_access')
      await database('oauth_clients').where({ id: 'sandbox-web' }).update({ status: 'disabled' })
      const own = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }
      t.same(await post(hub, '/oauth/token', own), invalidClient, 'stopped a moment ago')
      t.same(await authorize(() => {}), { status: 400, error: 'invalid_client', rows: ['invalid_client'] })
      const info = await attempt(hub, (headers) =>
        fetch(`${hub.origin}/oauth/userinfo`, { headers: { ...headers, authorization: `Bearer ${tokens.access_token}` } }),
      )
      t.same(info, { status: 401, error: 'invalid_token', rows: ['invalid_token'] })
      await database('oauth_clients').where({ id: 'sandbox-web' }).update({ status: 'active' })
      t.ok(await alive(tokens.access_token))
    })

    t.test('another client’s code and tokens', async (t) => {
      const { flow, callback } = await code()
      const asPublic = (fields: Record<string, string>) =>
        post(hub, '/oauth/token', { ...fields, client_id: 'sandbox-public' }, 'sandbox-public', '')
      t.same(await asPublic(redemption(callback, flow)), invalidGrant())
      const tokens = await redeem(web, flow, callback)
      t.same(await asPublic({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }), invalidGrant())
      t.ok(await alive(tokens.access_token), 'and it goes on being its owner’s')
    })

    t.test('everything that expired', async (t) => {
      const expire = async (model: string) => {
        const rows: { id_hash: string; payload_sealed: string }[] = await database('oidc_entities').where({ model })
        for (const { id_hash, payload_sealed } of rows) {
          const context = `oidc_entities.payload:${id_hash}`
          const payload = JSON.parse(hub.app.vault.open(payload_sealed, context)) as { exp: number }
          const aged = hub.app.vault.seal(JSON.stringify({ ...payload, exp: Math.floor(Date.now() / 1000) - 60 }), context)
          await database('oidc_entities').where({ id_hash }).update({ payload_sealed: aged })
        }
      }
      const { flow, callback } = await code()
      await expire('AuthorizationCode')
      t.same(await post(hub, '/oauth/token', redemption(callback, flow)), invalidGrant(), 'code')

      const { tokens } = await authorise(web, browser, 'openid offline_access')
      await expire('AccessToken')
      const info = await attempt(hub, (headers) =>
        fetch(`${hub.origin}/oauth/userinfo`, { headers: { ...headers, authorization: `Bearer ${tokens.access_token}` } }),
      )
      t.same(info, { status: 401, error: 'invalid_token', rows: ['invalid_token'] }, 'access token')
      await expire('RefreshToken')
      const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }
      t.same(await post(hub, '/oauth/token', refresh), invalidGrant(), 'refresh token')

      const { response, url } = await browser.follow((await request(web, 'openid', { prompt: 'consent' })).url.href)
      const { seal } = readForm(await response.text())
      await expire('Interaction')
      const late = await attempt(hub, (headers) => browser.go(url, { headers }))
      t.same(late, { status: 400, error: 'invalid_request', rows: ['invalid_request'] }, 'consent page')
      const sent = formBody([
        ['seal', seal],
        ['decision', 'allow'],
      ])
      const posted = await attempt(hub, (headers) => browser.go(url, { ...sent, headers: { ...(sent.headers as object), ...headers } }))
      t.same(posted, { status: 400, error: 'invalid_request', rows: ['invalid_request'] }, 'consent form')

      const lasting = await authorise(web, browser, 'openid offline_access')
      await database('oauth_grants').update({ expires_at: Date.now() - 1 })
      const own = { grant_type: 'refresh_token', refresh_token: lasting.tokens.refresh_token ?? '' }
      t.same(await post(hub, '/oauth/token', own), invalidGrant(), 'grant')
      const { entities, grants } = hub.app.authorizationStore
      await database('oidc_entities').update({ expires_at: Date.now() - 1 })
      await Promise.all([entities.purge(), grants.purge()])
      t.same(await database('oidc_entities').count({ n: '*' }), [{ n: 0 }], 'and what expired is removed')
      t.same(await database('oauth_grants').count({ n: '*' }), [{ n: 0 }])
    })

    t.test('an account that was shut', async (t) => {
      const own = browse(hub)
      await own.signOn(5)
      const { tokens } = await authorise(web, own, 'openid offline_access real-name')
      const account = database('users').where({ id: people[4]?.id })
      await account.clone().update({ status: 'disabled' })
      const info = await attempt(hub, (headers) =>
        fetch(`${hub.origin}/oauth/userinfo`, { headers: { ...headers, authorization: `Bearer ${tokens.access_token}` } }),
      )
      t.same(info, { status: 401, error: 'invalid_token', rows: ['invalid_token'] })
      const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }
      t.same(await post(hub, '/oauth/token', refresh), invalidGrant())
      await account.clone().update({ status: 'active' })
    })

    t.test('bodies that are none, and questions without an answer', async (t) => {
      const invalid = { status: 400, error: 'invalid_request', rows: ['invalid_request'] }
      const send = (init: RequestInit, path = '/oauth/token') =>
        attempt(hub, (headers) =>
          fetch(`${hub.origin}${path}`, { method: 'POST', ...init, headers: { ...headers, ...(init.headers as object) } }),
        )
      t.same(await send({ body: '{"grant_type":"x"}', headers: { 'content-type': 'application/json' } }), invalid, 'JSON')
      t.same(
        await send({ body: `a=${'x'.repeat(70_000)}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
        invalid,
        'too long',
      )
      t.same(await send({}), invalid, 'empty')
      t.same(await post(hub, '/oauth/token', { grant_type: 'password', username: 'a', password: 'b' }), {
        status: 400,
        error: 'unsupported_grant_type',
        rows: ['unsupported_grant_type'],
      })
      const nowhere = await attempt(hub, (headers) => fetch(`${hub.origin}/oauth/nowhere`, { headers }))
      t.equal(nowhere.status, 404)
      t.equal(nowhere.rows.length, 1)
    })

    t.test('without its audit row no answer leaves', async (t) => {
      const { flow, callback } = await code()
      const rename = (from: string, to: string) => database.schema.renameTable(from, to)
      await rename('audit_rows', 'audit_rows_away')
      const response = await fetch(`${hub.origin}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams(redemption(callback, flow)),
        headers: { authorization: `Basic ${btoa(`sandbox-web:${sandboxSecret(hub.app.vault, 'sandbox-web')}`)}` },
      })
      t.equal(response.status, 503)
      t.match(await response.json(), { code: 'HUB_AUDIT_UNAVAILABLE', access_token: undefined })
      const next = await browser.go((await request(web, 'openid')).url.href)
      t.equal(next.status, 503)
      t.same([next.headers.get('location'), next.headers.getSetCookie()], [null, []])
      await rename('audit_rows_away', 'audit_rows')
    })

    t.test('no secret, code or token is in any log line, nor in clear in the store', async (t) => {
      const { flow, callback } = await code('openid offline_access real-name id-number')
      const tokens = await redeem(web, flow, callback)
      const secrets = [
        callback.searchParams.get('code'),
        tokens.access_token,
        tokens.refresh_token,
        tokens.id_token,
        flow.verifier,
        people[0]?.number,
      ]
      const stored: unknown[] = []
      for (const table of ['oauth_clients', 'oauth_keys', 'oauth_grants', 'oidc_entities', 'audit_rows']) stored.push(await database(table))
      const text = JSON.stringify(stored) + hub.logged()
      for (const secret of [...secrets, sandboxSecret(hub.app.vault, 'sandbox-web')]) t.notOk(text.includes(secret ?? '-----'))
    })
  })
}
