import * as client from 'openid-client'
import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'
import { application, authorise, browse, consent, errorOf, formBody, readForm, redeem, request, serve } from '../../helper/third-party.ts'

const MINE = '/v1/me/authorizations'
const EVERYTHING = 'openid profile real-name id-number offline_access'

interface Item {
  id: string
  application: { id: string; name: string; icon: string | null }
  scopes: { id: string; title: string; fields: string[] }[]
  grantedAt: string
  lastUsedAt: string | null
  expiresAt: string
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const hub = await serve(t, { store: settings })
    // Another process on the same store, under the same address.
    const second = await build(t, { store: settings, env: { PUBLIC_URL: hub.origin } })
    const web = await application(hub, 'sandbox-web')
    const parking = await application(hub, 'sandbox-public')
    const listOf = async (person: number, query = '') => (await hub.get(`${MINE}${query}`, { person })).json<{ data: Item[] }>().data
    const userinfo = (token: string) => client.fetchUserInfo(web, token, client.skipSubjectCheck)

    t.test('discovery names what there is, under the public address only', async (t) => {
      const server = web.serverMetadata()
      t.same(server.code_challenge_methods_supported, ['S256'])
      t.same(server.subject_types_supported, ['pairwise'])
      t.ok(server.grant_types_supported?.includes('urn:ietf:params:oauth:grant-type:token-exchange'))
      t.notOk(server.registration_endpoint)
      const forged = await fetch(`${hub.origin}/.well-known/openid-configuration`, { headers: { 'x-forwarded-host': 'evil.example' } })
      const addresses = Object.entries((await forged.json()) as Record<string, unknown>).filter(([name]) => /(_endpoint|_uri)$/.test(name))
      t.ok(addresses.length >= 6)
      for (const [name, address] of addresses) t.ok(String(address).startsWith(`${hub.origin}/oauth/`), `${name} ${address}`)
      const { keys } = (await (await fetch(`${hub.origin}/oauth/jwks`)).json()) as { keys: Record<string, string>[] }
      t.ok(keys.length > 0 && keys.every((key) => key['kid'] && key['d'] === undefined))
    })

    t.test('whoever is not signed on signs on at the app, and then sees who asks for what, for what and until when', async (t) => {
      const browser = browse(hub)
      const flow = await request(parking, 'openid real-name id-number')
      const { left } = await browser.follow(flow.url.href)
      t.match(left?.pathname, /sign-on/, 'the app’s sign-on')
      left?.searchParams.set('person', '2')
      const chosen = await fetch(left as URL, { redirect: 'manual' })
      const { response, url } = await browser.follow(chosen.headers.get('location') ?? '')
      t.equal(response.status, 200)
      const html = await response.text()
      for (const words of ['沙箱停车', '办理停车月卡时核对车主身份', '真实姓名', '证件号码', '同意后有效至 20', '甄*禾'])
        t.ok(html.includes(words), words)
      t.notOk(html.includes(people[1]?.name ?? '-') || html.includes(people[1]?.number ?? '-'), 'no more of the user than is needed')
      t.notMatch(html, /checked/, 'nothing is ticked beforehand')
      const sensitive = /<fieldset class="sensitive">([\s\S]*?)<\/fieldset>/.exec(html)?.[1] ?? ''
      t.match(sensitive, /敏感个人信息.*value="id-number"/, 'what is sensitive stands apart and is named so')
      t.notMatch(sensitive, 'real-name')
      t.match(html, '撤销立即生效')
      t.match(html, /lang="zh-CN"/)
      t.match(html, /name="viewport"/)
      t.notMatch(html, /<script|<link|(src|href)="?https?:/, 'nothing from elsewhere')
      const policy = response.headers.get('content-security-policy') ?? ''
      t.match(policy, /default-src 'none'/)
      t.match(policy, /frame-ancestors 'none'/)
      t.notMatch(policy, /unsafe/)
      const { seal, scopes } = readForm(html)
      t.same(scopes, ['real-name', 'id-number'])
      const answer = await browser.follow(
        url,
        formBody([
          ['seal', seal],
          ['decision', 'allow'],
          ['scope', 'real-name'],
        ]),
      )
      const tokens = await redeem(parking, flow, answer.left as URL)
      t.equal(tokens.refresh_token, undefined, 'only with offline_access')
      t.same(Object.keys(await client.fetchUserInfo(parking, tokens.access_token, tokens.claims()?.sub ?? '')), ['sub', 'name'])
    })

    t.test('all services of an agency are listed, each by name', async (t) => {
      const browser = browse(hub)
      await browser.signOn(2)
      const { response } = await browser.follow((await request(web, 'openid housing-fund')).url.href)
      const html = await response.text()
      const personal = housingFund.services.map(({ contract }) => contract).filter(({ identity }) => identity !== 'none')
      t.ok(personal.length > 5)
      const [, listed = ''] = /value="housing-fund"><span>([\s\S]*?)<\/span>/.exec(html) ?? []
      for (const { name } of personal) t.ok(listed.includes(name), name)
      t.match(listed, '敏感个人信息')
      t.match(html, '第三方应用')
    })

    t.test('who must sign on afresh is sent to do so', async (t) => {
      const browser = browse(hub)
      await browser.signOn(2)
      await new Promise((resolve) => setTimeout(resolve, 1100))
      for (const more of [{ prompt: 'login' }, { max_age: '0' }]) {
        const { left } = await browser.follow((await request(web, 'openid', more)).url.href)
        t.match(left?.pathname, /sign-on/, JSON.stringify(more))
      }
      const silent = await browse(hub).follow((await request(web, 'openid', { prompt: 'none' })).url.href)
      t.equal(silent.left?.searchParams.get('error'), 'login_required', 'and never without being asked')
    })

    t.test('a refusal reaches the application as access_denied', async (t) => {
      const browser = browse(hub)
      await browser.signOn(3)
      const flow = await request(web, 'openid real-name')
      const callback = await consent(browser, flow, [], 'refuse')
      t.equal(await errorOf(redeem(web, flow, callback)), 'access_denied')
      t.same(await listOf(3), [])
    })

    t.test('granted fields and nothing more; the subject is the application’s own', async (t) => {
      const browser = browse(hub)
      await browser.signOn(1)
      const { tokens } = await authorise(web, browser, EVERYTHING, ['id-number'])
      const sub = tokens.claims()?.sub ?? ''
      const profile = { nickname: '沙箱市民1', picture: 'https://avatars.invalid/1.png', level: 'real-name' }
      t.same(await userinfo(tokens.access_token), { sub, ...profile, name: '贾明' })
      t.same(Object.keys(tokens.claims() ?? {}).sort(), ['aud', 'exp', 'iat', 'iss', 'nonce', 'sub'], 'the ID token tells nothing else')
      t.notOk(tokens.scope?.includes('id-number'))

      const again = await authorise(web, browser, 'openid real-name')
      t.equal(again.tokens.claims()?.sub, sub, 'the same person is the same subject')
      t.same(await userinfo(again.tokens.access_token), { sub, name: '贾明' })
      const other = await authorise(parking, browser, 'openid')
      t.not(other.tokens.claims()?.sub, sub, 'another application cannot compare')
      t.notMatch(JSON.stringify([tokens, other.tokens]), new RegExp(people[0]?.id ?? '-'), 'the hub’s own id stays inside')

      // Asked again and refused this time: what tokens of before may read shrinks at once.
      await authorise(web, browser, 'openid profile real-name offline_access', ['real-name'])
      t.same(await userinfo(tokens.access_token), { sub, ...profile })
      t.equal((await listOf(1)).filter(({ application }) => application.id === 'sandbox-web').length, 1, 'one grant for one application')
    })

    t.test('the enterprises that somebody acts for leave only where that is granted, and while he acts for them', async (t) => {
      const browser = browse(hub)
      await browser.signOn(2)
      const { tokens } = await authorise(web, browser, 'openid enterprise')
      const sub = tokens.claims()?.sub ?? ''
      const trade = { name: '许昌虚拟商贸有限公司', uscc: '91411000MA0000023D' }
      t.match(await userinfo(tokens.access_token), { sub, enterprises: [trade] })
      await hub.app.database('enterprises').where({ uscc: trade.uscc }).update({ status: 'frozen' })
      t.same(await userinfo(tokens.access_token), { sub })
      await hub.app.database('enterprises').where({ uscc: trade.uscc }).update({ status: 'active' })
      const without = await authorise(web, browser, 'openid enterprise profile', ['enterprise'])
      t.notOk('enterprises' in (await userinfo(without.tokens.access_token)))
      await hub.app.authorization.revocation.revokeAllOf(people[1]?.id ?? '')
    })

    t.test('nickname, picture and phone number leave only where they are granted', async (t) => {
      const browser = browse(hub)
      await browser.signOn(6)
      const page = await (await browser.follow((await request(web, 'openid profile phone')).url.href)).response.text()
      for (const title of ['昵称', '头像', '手机号码']) t.match(page, title)
      t.notMatch(page, /13800000006|avatars\.invalid/, 'the page asks, and shows no value')
      const { tokens } = await authorise(web, browser, 'openid profile phone', ['phone'])
      const sub = tokens.claims()?.sub ?? ''
      t.same(await userinfo(tokens.access_token), {
        sub,
        nickname: '沙箱市民6',
        picture: 'https://avatars.invalid/6.png',
        level: 'real-name',
      })
      const forget = () => hub.app.authorization.revocation.revokeAllOf(people[5]?.id ?? '')
      await forget()
      const other = await authorise(web, browser, 'openid profile phone', ['profile'])
      t.same(await userinfo(other.tokens.access_token), { sub, phone_number: '+8613800000006' })
      await forget()
      await hub.app
        .database('users')
        .where({ id: people[5]?.id })
        .update({ nickname_sealed: null, avatar_sealed: null, phone_sealed: null })
      const bare = await authorise(web, browser, 'openid profile phone')
      t.same(await userinfo(bare.tokens.access_token), { sub, nickname: '孙*远', level: 'real-name' }, 'what there isn’t is left out')
      await forget()
    })

    t.test('refresh tokens rotate; introspection and revocation know their tokens', async (t) => {
      const browser = browse(hub)
      await browser.signOn(2)
      const { tokens } = await authorise(web, browser, EVERYTHING)
      const fresh = await client.refreshTokenGrant(web, tokens.refresh_token ?? '')
      t.ok(fresh.refresh_token)
      t.not(fresh.refresh_token, tokens.refresh_token)
      t.match(await client.tokenIntrospection(web, fresh.access_token), { active: true, client_id: 'sandbox-web' })
      t.same(await client.tokenIntrospection(parking, fresh.access_token), { active: false }, 'nobody else’s business')
      await client.tokenRevocation(web, fresh.refresh_token ?? '')
      t.same(await client.tokenIntrospection(web, fresh.access_token), { active: false })
      t.equal(await errorOf(client.refreshTokenGrant(web, fresh.refresh_token ?? '')), 'invalid_grant')
      t.notOk(
        (await listOf(2)).some(({ application }) => application.id === 'sandbox-web'),
        'the grant is gone with it',
      )
    })

    t.test('client credentials are a token without a user', async (t) => {
      const { access_token } = await client.clientCredentialsGrant(web)
      t.match(await client.tokenIntrospection(web, access_token), { active: true, sub: undefined })
      await t.rejects(userinfo(access_token))
      const asUser = await fetch(`${hub.origin}${MINE}`, { headers: { authorization: `Bearer ${access_token}` } })
      t.equal(asUser.status, 401)
    })

    t.test('我的授权 shows a user his own, page by page', async (t) => {
      const browser = browse(hub)
      await browser.signOn(5)
      const began = Date.now()
      for (const config of [web, parking]) await authorise(config, browser, 'openid real-name')
      const items = await listOf(5)
      t.same(items.map(({ application }) => application.id).sort(), ['sandbox-public', 'sandbox-web'])
      const item = items.find(({ application }) => application.id === 'sandbox-web')
      t.match(item, { application: { name: '沙箱租房', icon: /^data:image/ }, lastUsedAt: String })
      t.same(
        item?.scopes.map(({ title, fields }) => [title, fields]),
        [
          ['您在该应用中的专属编号', []],
          ['真实姓名', ['姓名']],
        ],
      )
      t.ok(Math.abs(Date.parse(item?.grantedAt ?? '') - began) < 60_000)
      t.ok(Math.abs(Date.parse(item?.expiresAt ?? '') - began - 90 * 86_400_000) < 60_000)
      const pages = await Promise.all([1, 2, 3].map((page) => listOf(5, `?pageSize=1&page=${page}`)))
      t.same(
        pages.map((page) => page.length),
        [1, 1, 0],
      )
      t.same(
        pages.flat().map(({ id }) => id),
        items.map(({ id }) => id),
      )
      t.same(verdict(await hub.get(`${MINE}?pageSize=0`, { person: 5 })), [400, 'HUB_VALIDATION'])
      t.same(await listOf(6), [])

      const remove = async (person: number, id: string) =>
        hub.app.inject({ method: 'DELETE', url: `${MINE}/${id}`, headers: { authorization: `Bearer ${await hub.token({ person })}` } })
      t.same(verdict(await remove(6, item?.id ?? '')), [404, 'HUB_NO_RECORD'], 'not another’s')
      t.same(verdict(await remove(5, 'unknown')), [404, 'HUB_NO_RECORD'])
      t.equal((await listOf(5)).length, 2)
    })

    t.test('a revoked grant is dead in the next request, in every process', async (t) => {
      const browser = browse(hub)
      await browser.signOn(4)
      const { tokens } = await authorise(web, browser, `${EVERYTHING} housing-fund`)
      const exchanged = await client.genericGrantRequest(web, 'urn:ietf:params:oauth:grant-type:token-exchange', {
        subject_token: tokens.access_token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: 'housing-fund',
      })
      const at = ({ app }: Hub, url: string, token: string) => app.inject({ url, headers: { authorization: `Bearer ${token}` } })
      const elsewhere = (url: string, token: string) => at(second, url, token)
      const account = '/v1/housing-fund/personal-account'
      t.equal((await elsewhere('/oauth/userinfo', tokens.access_token)).statusCode, 200)
      for (const each of [hub, second])
        t.same(verdict(await at(each, account, exchanged.access_token)), [403, 'HUB_FACE_REQUIRED'], 'known, and asked for more')

      // The third party begins the verification for the citizen, in the service that was granted and in no other.
      const begin = (place: string) =>
        hub.app.inject({
          method: 'POST',
          url: `/v1/me/face-verifications/${place}`,
          headers: { authorization: `Bearer ${exchanged.access_token}` },
        })
      t.same(verdict(await begin('medical-insurance/account-balance')), [401, 'HUB_TOKEN_INVALID'])
      const begun = await begin('housing-fund/personal-account')
      t.equal(begun.statusCode, 201)
      const { id: face, url: page } = begun.json().data
      const [, shown = ''] = /name="id" value="([^"]+)"/.exec(await (await fetch(page)).text()) ?? []
      await fetch(page, { method: 'POST', body: new URLSearchParams({ id: shown, decision: 'yes' }) })
      const withFace = { authorization: `Bearer ${exchanged.access_token}`, 'face-verification': face }
      t.equal((await hub.app.inject({ url: account, headers: withFace })).statusCode, 200)
      t.match((await at(hub, begun.headers.location as string, exchanged.access_token)).json().data, { id: face, state: 'passed' })
      t.same(
        verdict(await hub.app.inject({ url: `${account}?reveal=true`, headers: withFace })),
        [403, 'HUB_SCOPE_INSUFFICIENT'],
        'whole numbers are for the citizen alone',
      )

      const [item] = await listOf(4)
      const url = `${MINE}/${item?.id}`
      const headers = { authorization: `Bearer ${await hub.token({ person: 4 })}` }
      const start = performance.now()
      t.equal((await hub.app.inject({ method: 'DELETE', url, headers })).statusCode, 204)
      const dead = await elsewhere('/oauth/userinfo', tokens.access_token)
      const ms = performance.now() - start
      t.equal(dead.statusCode, 401)
      t.ok(ms < 2000, `refused ${Math.round(ms)} ms after the user pressed the button`)
      t.comment(`${target.name}: refused ${ms.toFixed(1)} ms after the request to revoke began`)
      for (const each of [second, hub])
        t.same(verdict(await at(each, account, exchanged.access_token)), [401, 'HUB_TOKEN_INVALID'], 'and the token that was exchanged')
      t.same(await client.tokenIntrospection(web, tokens.access_token), { active: false })
      t.equal(await errorOf(client.refreshTokenGrant(web, tokens.refresh_token ?? '')), 'invalid_grant')
      t.same(await listOf(4), [])

      t.match(await consent(browser, await request(web, 'openid')), { searchParams: URLSearchParams }, 'and the user may grant anew')
    })

    t.test('a grant that is marked and no more is dead, and deleted as soon as it can be', async (t) => {
      const browser = browse(hub)
      await browser.signOn(4)
      const { tokens } = await authorise(web, browser, 'openid housing-fund')
      const [item] = await listOf(4)
      const ofGrant = () => hub.app.database('oidc_entities').where({ grant_id: item?.id ?? '' })
      await hub.app
        .database('oauth_grants')
        .where({ id: item?.id ?? '' })
        .update({ revoked_at: Date.now() })
      t.same(await client.tokenIntrospection(web, tokens.access_token), { active: false }, 'as after a crash in the middle')
      t.ok((await ofGrant()).length > 0)
      await second.app.authorization.revocation.resume()
      t.same(await ofGrant(), [])
      t.same(await hub.app.database('oauth_grants').whereNotNull('revoked_at'), [])
    })

    t.test('another user in the same browser never answers for the one before', async (t) => {
      const browser = browse(hub)
      await browser.signOn(6)
      const { tokens } = await authorise(web, browser, 'openid real-name')
      await browser.signOn(7)
      const flow = await request(web, 'openid real-name')
      // oidc-provider ends the old session by a form that submits itself.
      const page = await (await browser.follow(flow.url.href)).response.text()
      const action = /action="([^"]*)"/.exec(page)?.[1] ?? ''
      const fields = [...page.matchAll(/name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']): [string, string] => [
        name,
        value,
      ])
      const shown = await browser.follow(action, formBody(fields))
      const html = await shown.response.text()
      t.match(html, /当前账户：李\*/, 'asked as the new user')
      const { seal } = readForm(html)
      const answer = await browser.follow(
        shown.url,
        formBody([
          ['seal', seal],
          ['decision', 'allow'],
          ['scope', 'real-name'],
        ]),
      )
      const { access_token } = await redeem(web, flow, answer.left as URL)
      t.match(await userinfo(access_token), { name: '李样' })
      t.match(await userinfo(tokens.access_token), { name: '孙拟远' }, 'what the first granted goes on')
    })
  })
}
