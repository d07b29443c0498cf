import * as client from 'openid-client'
import t from 'tap'
import { build, type Hub } from '../../helper/hub.ts'
import { call } from '../../helper/identity.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { confirm, inOffice } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'
import { browse, consent, errorOf, formBody, readForm, redeem, request, type Served, serve } from '../../helper/third-party.ts'

const [ADMIN, OPERATOR, AUDITOR, CITIZEN] = [1, 2, 3, 4] as const
const REFUSED = [403, 'HUB_ROLE_REQUIRED']
const INVALID = [400, 'HUB_VALIDATION']
/** What the client library makes of a 401. */
const UNAUTHORIZED = 'OAUTH_WWW_AUTHENTICATE_CHALLENGE'
const PATH = '/admin/clients'
const ACCOUNT = '/v1/housing-fund/personal-account'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const purpose = '接入第三方应用'
const REDIRECT = 'https://rent.example/callback'
const PNG = `data:image/png;base64,${Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(32)]).toString('base64')}`

const rent = {
  id: 'rent',
  name: '安居租房',
  purpose: '租房提取时核对身份',
  icon: PNG,
  redirectUris: [REDIRECT],
  scopes: ['openid', 'offline_access', 'real-name', 'id-number', 'housing-fund'],
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials', EXCHANGE],
}

/** As a third party sets its library up with what the operator handed out. */
const setUp = ({ origin }: Served, id: string, secret: string | null) => {
  const authentication = secret === null ? client.None() : client.ClientSecretBasic(secret)
  return client.discovery(new URL(origin), id, undefined, authentication, { execute: [client.allowInsecureRequests] })
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const hub = await serve(t, { store: settings })
    const second = await build(t, { store: settings, env: { PUBLIC_URL: hub.origin } })
    const { database } = hub.app
    const secrets: string[] = []

    async function register(body: object): Promise<string | null> {
      const response = await call(hub, 'POST', PATH, { body: { client: body, purpose } })
      t.equal(response.statusCode, 201, response.body)
      t.equal(response.headers['cache-control'], 'no-store')
      const { secret } = response.json().data
      if (secret !== null) secrets.push(secret)
      return secret
    }
    const act = (id: string, name: string, person: number = ADMIN) =>
      call(hub, 'POST', `${PATH}/${id}/${name}`, { person, body: { purpose } })
    const change = (id: string, changes: object) => call(hub, 'PATCH', `${PATH}/${id}`, { body: { client: changes, purpose } })
    const at = ({ app }: Hub, url: string, token: string) => app.inject({ url, headers: { authorization: `Bearer ${token}` } })
    const exchange = (config: client.Configuration, token: string) =>
      client.genericGrantRequest(config, EXCHANGE, {
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: 'housing-fund',
      })
    const signedOn = async (person: number) => {
      const browser = browse(hub)
      await browser.signOn(person)
      return browser
    }

    t.test('a registered application works at once, and is refused everywhere once it is stopped', async (t) => {
      const { traceId, headers } = trace()
      const made = await call(hub, 'POST', PATH, { headers, body: { client: rent, purpose } })
      t.equal(made.statusCode, 201)
      const { secret, ...data } = made.json().data
      secrets.push(secret)
      t.match(data, { ...rent, kind: 'web', sector: 'rent', idTokenAlg: 'ES256', trusted: false, status: 'active' })
      t.ok(Buffer.from(secret, 'base64url').length >= 32, '256 bits')
      t.match(await auditOf(hub, traceId), [{ connector: 'admin', service: 'clients.register', purpose, outcome: 'ok', target: 'rent' }])

      const config = await setUp(hub, 'rent', secret)
      const [browser, other] = [await signedOn(4), await signedOn(5)]
      const ask = (who: typeof browser, more: object = {}) =>
        request(config, 'openid offline_access real-name housing-fund', { redirect_uri: REDIRECT, ...more }).then(async (flow) => ({
          flow,
          callback: await consent(who, flow),
        }))
      const first = await ask(browser)
      const tokens = await redeem(config, first.flow, first.callback)
      const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '')
      t.same(Object.keys(info), ['sub', 'name'])
      const exchanged = await exchange(config, tokens.access_token)
      const pending = await ask(browser)
      const others = await ask(other).then(({ flow, callback }) => redeem(config, flow, callback))
      const open = await request(config, 'openid id-number', { redirect_uri: REDIRECT, prompt: 'consent' })
      const page = await other.follow(open.url.href)
      const { seal } = readForm(await page.response.text())
      for (const each of [hub, second]) {
        t.equal((await at(each, '/oauth/userinfo', tokens.access_token)).statusCode, 200)
        t.same(verdict(await at(each, ACCOUNT, exchanged.access_token)), [403, 'HUB_FACE_REQUIRED'], 'known, and asked for more')
      }

      t.equal((await act('rent', 'disable')).json().data.status, 'disabled')
      const basic = { authorization: `Basic ${Buffer.from(`rent:${secret}`).toString('base64')}` }
      for (const each of [hub, second]) {
        t.equal((await at(each, '/oauth/userinfo', tokens.access_token)).statusCode, 401, 'access token')
        t.same(verdict(await at(each, ACCOUNT, exchanged.access_token)), [401, 'HUB_TOKEN_INVALID'], 'exchanged token')
        const post = async (url: string, fields: Record<string, string>) => {
          const type = { 'content-type': 'application/x-www-form-urlencoded' }
          const payload = new URLSearchParams(fields).toString()
          return (await each.app.inject({ method: 'POST', url, headers: { ...basic, ...type }, payload })).json().error
        }
        t.equal(await post('/oauth/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }), 'invalid_client')
        t.equal(await post('/oauth/token', { grant_type: 'client_credentials' }), 'invalid_client')
        t.equal(await post('/oauth/introspect', { token: tokens.access_token }), 'invalid_client')
        const { pathname, search } = (await request(config, 'openid', { redirect_uri: REDIRECT })).url
        const asked = await each.app.inject({ url: pathname + search })
        t.equal(asked.statusCode, 400)
        t.match(asked.body, 'invalid_client')
      }
      t.equal(await errorOf(redeem(config, pending.flow, pending.callback)), UNAUTHORIZED, 'a code from before')
      t.equal(await errorOf(exchange(config, tokens.access_token)), UNAUTHORIZED)
      const late = formBody([
        ['seal', seal],
        ['decision', 'allow'],
      ])
      t.equal((await other.go(page.url, late)).status, 400, 'a consent page from before')

      const mine = async (person: number) => (await hub.get('/v1/me/authorizations', { person })).json().data as { id: string }[]
      const [grant] = await mine(5)
      t.equal((await call(hub, 'DELETE', `/v1/me/authorizations/${grant?.id}`, { person: 5 })).statusCode, 204, 'a user can still revoke')
      t.equal((await act('rent', 'enable')).json().data.status, 'active')
      t.equal((await at(second, '/oauth/userinfo', tokens.access_token)).statusCode, 200, 'what users had granted goes on')
      t.equal((await at(second, '/oauth/userinfo', others.access_token)).statusCode, 401, 'what one revoked does not')
      t.same(await mine(5), [])
      t.ok((await client.refreshTokenGrant(config, tokens.refresh_token ?? '')).access_token)
    })

    t.test('a new secret is the only one, here and elsewhere', async (t) => {
      const old = secrets[0] ?? ''
      const response = await act('rent', 'rotate')
      t.equal(response.headers['cache-control'], 'no-store')
      const { secret } = response.json().data
      secrets.push(secret)
      t.not(secret, old)
      const credentials = (each: Hub, with_: string) =>
        each.app.inject({
          method: 'POST',
          url: '/oauth/token',
          headers: {
            authorization: `Basic ${Buffer.from(`rent:${with_}`).toString('base64')}`,
            'content-type': 'application/x-www-form-urlencoded',
          },
          payload: 'grant_type=client_credentials',
        })
      // A hub from which the connector was taken out takes its scope from the client, and leaves the rest.
      const without = await build(t, { store: settings, env: { PUBLIC_URL: hub.origin }, declarations: [minimalConnector()] })
      for (const each of [hub, second, without]) {
        t.match((await credentials(each, old)).json(), { error: 'invalid_client' })
        t.match((await credentials(each, secret)).json(), { access_token: String })
      }
    })

    t.test('less than before counts for what was granted before', async (t) => {
      const config = await setUp(hub, 'rent', secrets[1] ?? '')
      const browser = await signedOn(6)
      const flow = await request(config, 'openid real-name id-number housing-fund', { redirect_uri: REDIRECT })
      const tokens = await redeem(config, flow, await consent(browser, flow))
      const { access_token } = await exchange(config, tokens.access_token)
      const fields = async (each: Hub) => Object.keys((await at(each, '/oauth/userinfo', tokens.access_token)).json()).sort()
      t.same(await fields(second), ['id_number', 'id_type', 'name', 'sub'])
      const response = await change('rent', { scopes: ['openid', 'real-name'], name: '安居租房新版' })
      t.match(response.json().data, { scopes: ['openid', 'real-name'], name: '安居租房新版', purpose: rent.purpose, icon: PNG })
      for (const each of [hub, second]) {
        t.same(await fields(each), ['name', 'sub'])
        t.same(verdict(await at(each, ACCOUNT, access_token)), [403, 'HUB_SCOPE_INSUFFICIENT'])
      }
      await change('rent', { redirectUris: ['https://rent.example/new'], icon: null })
      const old = await hub.app.inject((await request(config, 'openid', { redirect_uri: REDIRECT })).url.href.slice(hub.origin.length))
      t.equal(old.statusCode, 400, 'an address that was taken away')
      t.equal((await call(hub, 'GET', `${PATH}/rent`)).json().data.icon, null)
    })

    t.test('a native application is public, and has several addresses', async (t) => {
      const uris = [
        'http://127.0.0.1:4000/callback',
        'http://[::1]/callback',
        'com.example.parking:/callback',
        'https://parking.example/app',
      ]
      const made = { ...rent, id: 'parking', kind: 'native', redirectUris: uris, grantTypes: ['authorization_code', 'refresh_token'] }
      t.equal(await register({ ...made, scopes: ['openid', 'real-name'] }), null)
      const config = await setUp(hub, 'parking', null)
      const browser = await signedOn(4)
      const back = async (uri: string) => {
        const flow = await request(config, 'openid real-name', { redirect_uri: uri })
        return { flow, callback: await consent(browser, flow) }
      }
      for (const uri of uris) {
        const { callback } = await back(uri)
        t.ok(callback.href.startsWith(uri) && callback.searchParams.get('code'), uri)
      }
      const { flow, callback } = await back('http://127.0.0.1:51234/callback')
      t.ok((await redeem(config, flow, callback)).access_token, 'any port of the loopback (RFC 8252 §7.3), and no secret')
      t.same(verdict(await act('parking', 'rotate')), INVALID, 'there is none to rotate')
    })

    t.test('an id that exists is a conflict, and nothing changes', async (t) => {
      const before = await database('oauth_clients').orderBy('id')
      for (const id of ['rent', 'sandbox-web'])
        t.same(verdict(await call(hub, 'POST', PATH, { body: { client: { ...rent, id }, purpose } })), [409, 'HUB_CLIENT_EXISTS'])
      t.same(await database('oauth_clients').orderBy('id'), before)
      const race = Array.from({ length: 3 }, () => call(hub, 'POST', PATH, { body: { client: { ...rent, id: 'race' }, purpose } }))
      const codes = (await Promise.all(race)).map(({ statusCode }) => statusCode)
      t.same(codes.sort(), [201, 409, 409])
    })

    t.test('everything that is wrong is named at once', async (t) => {
      const refuse = async (body: object, send = (client: object) => call(hub, 'POST', PATH, { body: { client, purpose } })) => {
        const response = await send(body)
        t.same(verdict(response), INVALID, JSON.stringify(body).slice(0, 100))
        const errors = (response.json().errors ?? []) as { pointer: string; detail: string }[]
        for (const { detail } of errors) t.match(detail, /[一-龥]/)
        return errors.map(({ pointer }) => pointer.replace('/body/client/', ''))
      }
      t.same(await refuse({}), ['id', 'name', 'purpose', 'redirectUris'])
      const everything = {
        id: 'Rent!',
        name: ' x',
        purpose: '短',
        icon: 'https://rent.example/icon.png',
        kind: 'browser',
        redirectUris: [REDIRECT, REDIRECT, '/callback'],
        scopes: ['openid', 'everything', 'openid'],
        grantTypes: ['implicit'],
        sector: '',
        idTokenAlg: 'none',
      }
      t.same(await refuse(everything), [
        ...['id', 'name', 'purpose', 'icon', 'kind', 'redirectUris/1', 'redirectUris/2', 'scopes/1', 'scopes/2', 'grantTypes/0'],
        ...['sector', 'idTokenAlg'],
      ])

      const web = [
        ...['http://rent.example/callback', 'http://127.0.0.1/callback', 'com.example.app:/callback', 'rent.example/callback', '/callback'],
        ...['https:callback', 'https:///callback', 'https://rent.example/#x', 'https://*.rent.example/', 'https://rent.example/*', ''],
        ...[
          'https://a:b@rent.example/',
          'https://RENT.example/',
          'HTTPS://rent.example/',
          'https://rent.example/a b',
          'https:\\\\rent.example',
        ],
        ...['https://rent.example/回调', 'https://rent;img-src.example/', 'javascript:alert(1)', `https://rent.example/${'x'.repeat(500)}`],
      ]
      const native = [
        ...['http://rent.example/', 'http://localhost/', 'http://127.0.0.1.rent.example/', 'https://127.0.0.1/', 'https://localhost/'],
        ...['rent:/callback', 'com.example.app://callback', 'Com.example.app:/callback', 'javascript:alert(1)', 'data:text/html,x'],
      ]
      for (const [kind, uris] of Object.entries({ web, native }))
        for (let from = 0; from < uris.length; from += 20) {
          const redirectUris = uris.slice(from, from + 20)
          const pointers = await refuse({ ...rent, id: 'other', kind, grantTypes: ['authorization_code', 'refresh_token'], redirectUris })
          t.same(
            pointers,
            redirectUris.map((_, index) => `redirectUris/${index}`),
            kind,
          )
        }
      const many = Array.from({ length: 21 }, (_, index) => `https://rent.example/${index}`)
      const image = (type: string, bytes: Buffer) => `data:image/${type};base64,${bytes.toString('base64')}`
      const large = Buffer.concat([Buffer.from('ffd8ff', 'hex'), Buffer.alloc(32 * 1024)])
      const cases: [changes: object, pointers: string[]][] = [
        [{ redirectUris: [] }, ['redirectUris']],
        [{ redirectUris: many }, ['redirectUris']],
        [{ scopes: [] }, ['scopes']],
        [{ grantTypes: [] }, ['scopes', 'grantTypes']],
        [{ grantTypes: ['authorization_code'] }, ['scopes']],
        [{ grantTypes: ['refresh_token'] }, ['grantTypes']],
        [{ grantTypes: ['authorization_code', 'refresh_token', 'refresh_token'] }, ['grantTypes/2']],
        [{ kind: 'native', redirectUris: ['https://rent.example/'] }, ['grantTypes/2', 'grantTypes/3']],
        [{ icon: image('svg+xml', Buffer.from('<svg/>')) }, ['icon']],
        [{ icon: image('png', Buffer.from('GIF89a')) }, ['icon']],
        [{ icon: image('jpeg', large) }, ['icon']],
        [{ icon: `${PNG}!` }, ['icon']],
        [{ name: '名'.repeat(41) }, ['name']],
        [{ name: '安居\n租房' }, ['name']],
        [{ name: '安居‮租房' }, ['name']],
        [{ purpose: '用'.repeat(101) }, ['purpose']],
        [{ purpose: '核对身份 ' }, ['purpose']],
        [{ sector: 'Sector' }, ['sector']],
        [{ id: '1rent' }, ['id']],
        [{ id: `r${'x'.repeat(64)}` }, ['id']],
        // The schema's own: these are no fields that anybody may send.
        [{ trusted: true }, ['trusted']],
        [{ secret: 'mine' }, ['secret']],
        [{ status: 'active' }, ['status']],
      ]
      for (const [changes, pointers] of cases)
        t.same(await refuse({ ...rent, id: 'other', ...changes }), pointers, Object.keys(changes).join())
      t.notOk(await database('oauth_clients').where({ id: 'other' }).first())

      const patch = (body: object) => change('rent', body)
      t.same(await refuse({ redirectUris: [], scopes: ['nothing'], name: '' }, patch), ['redirectUris', 'scopes/0', 'name'])
      for (const field of ['id', 'kind', 'grantTypes', 'sector', 'idTokenAlg', 'trusted', 'status', 'secret'])
        t.same(await refuse({ [field]: 'x' }, patch), [field], 'not to be changed')
      t.equal((await change('sandbox-web', { name: '沙箱租房二' })).statusCode, 200, 'what stays is not held against a change')
      t.same(verdict(await call(hub, 'POST', PATH, { body: { client: { ...rent, id: 'other' } } })), INVALID, 'without a purpose')
    })

    t.test('RS256, its own sector, nothing but the necessary', async (t) => {
      await register({
        id: 'plain',
        name: '最简应用',
        purpose: '只要一个编号',
        redirectUris: [REDIRECT],
        idTokenAlg: 'RS256',
        sector: 'a.example',
      })
      t.match((await call(hub, 'GET', `${PATH}/plain`)).json().data, {
        ...{ scopes: ['openid'], grantTypes: ['authorization_code'], kind: 'web', icon: null, idTokenAlg: 'RS256', sector: 'a.example' },
      })
    })

    t.test('admins change, operators and auditors look, nobody else does either', async (t) => {
      const changing: [method: 'POST' | 'PATCH', url: string, body: object][] = [
        ['POST', PATH, { client: { ...rent, id: 'other' }, purpose }],
        ['PATCH', `${PATH}/rent`, { client: { name: '另一个名字' }, purpose }],
        ...['disable', 'enable', 'rotate'].map((name): ['POST', string, object] => ['POST', `${PATH}/rent/${name}`, { purpose }]),
      ]
      const before = await database('oauth_clients').orderBy('id')
      for (const [method, url, body] of changing)
        for (const person of [OPERATOR, AUDITOR, CITIZEN]) t.same(verdict(await call(hub, method, url, { person, body })), REFUSED, url)
      t.same(await database('oauth_clients').orderBy('id'), before)
      for (const url of [PATH, `${PATH}/rent`]) {
        for (const person of [OPERATOR, AUDITOR]) t.equal((await call(hub, 'GET', url, { person })).statusCode, 200)
        t.same(verdict(await call(hub, 'GET', url, { person: CITIZEN })), REFUSED)
      }
      for (const [method, url, body] of changing.slice(1))
        t.same(verdict(await call(hub, method, url.replace('rent', 'nobody'), { body })), [404, 'HUB_NO_RECORD'], url)
      t.same(verdict(await call(hub, 'GET', `${PATH}/nobody`)), [404, 'HUB_NO_RECORD'])
    })

    t.test('an application becomes trusted, and a trusted one another, by two persons alone', async (t) => {
      await inOffice(hub, 5)
      const trust = (id: string, trusted: boolean) => call(hub, 'PUT', `${PATH}/${id}/trusted`, { body: { trusted, purpose } })
      const standing = async (id: string) => (await call(hub, 'GET', `${PATH}/${id}`)).json().data
      const asked = await trust('rent', true)
      const { scopes, redirectUris } = await standing('rent')
      t.match(asked.json().data, { state: 'requested', target: 'rent', subject: null, facts: { scopes, redirectUris } })
      t.equal((await standing('rent')).trusted, false)
      t.same(verdict(await confirm(hub, asked, ADMIN)), [403, 'HUB_SECOND_PERSON'])
      await change('rent', { name: '安居租房新名' })
      t.same(verdict(await confirm(hub, asked, 5)), [409, 'HUB_REQUEST_STATE'], 'it is not what it was when that was asked')
      await change('rent', { name: '安居租房新版' })
      t.equal((await confirm(hub, await trust('rent', true), 5)).statusCode, 200)
      t.equal((await standing('rent')).trusted, true)

      const wider = await change('rent', { scopes: [...scopes, 'phone'] })
      t.equal(wider.statusCode, 202)
      t.same((await standing('rent')).scopes, scopes)
      t.equal((await confirm(hub, wider, 5)).statusCode, 200)
      t.same((await standing('rent')).scopes, [...scopes, 'phone'])
      t.same(verdict(await change('rent', { scopes: ['nothing'] })), INVALID, 'wrong before anybody is asked')
      t.equal((await trust('rent', false)).json().data.trusted, false, 'taking it away needs nobody')
      const native = {
        id: 'pocket',
        name: '口袋应用',
        purpose: '本机试用应用',
        kind: 'native',
        redirectUris: ['com.example.pocket:/callback'],
      }
      await register(native)
      t.same(verdict(await trust('pocket', true)), INVALID, 'without a secret nobody is trusted')
      await database('oauth_clients').where({ id: 'pocket' }).delete()
    })

    t.test('a trusted application is stopped from here, and nothing else by one person', async (t) => {
      t.same(verdict(await act('sandbox-backend', 'rotate')), REFUSED)
      t.equal((await act('sandbox-backend', 'disable')).json().data.status, 'disabled')
      t.same(verdict(await act('sandbox-backend', 'enable')), REFUSED)
    })

    t.test('lists are paged and filtered, and hold no secret; nor does anything else', async (t) => {
      const ids = async (query: string) => (await call(hub, 'GET', `${PATH}?${query}`)).json().data.map(({ id }: { id: string }) => id)
      t.same(await ids('text=RACE'), ['race'])
      t.same(await ids(`text=${encodeURIComponent('安居租房新')}`), ['rent'])
      t.same(await ids('text=%25'), [], 'a wildcard is a character')
      t.same(await ids('status=disabled'), ['sandbox-backend'])
      const all = await call(hub, 'GET', `${PATH}?pageSize=100`)
      const { total } = all.json().meta.page
      const pages = await Promise.all(Array.from({ length: Math.ceil(total / 2) + 1 }, (_, at) => ids(`page=${at + 1}&pageSize=2`)))
      t.same(
        pages.flat(),
        all.json().data.map(({ id }: { id: string }) => id),
      )
      const platforms = hub.app.connectors.filter(({ client }) => client).map(({ id }) => `agency-${id}`)
      t.equal(total, 7 + platforms.length)
      for (const id of platforms) t.ok(pages.flat().includes(id), id)
      t.same(verdict(await call(hub, 'GET', `${PATH}?pageSize=0`)), INVALID)
      t.notMatch(all.body, /secret|data:image/)
      const stored = JSON.stringify([await database('oauth_clients'), await database('audit_rows')])
      const text = all.body + (await call(hub, 'GET', `${PATH}/rent`)).body + stored + hub.logged() + second.logged()
      t.ok(secrets.length >= 3)
      for (const secret of secrets) t.notOk(text.includes(secret))
    })
  })
}
