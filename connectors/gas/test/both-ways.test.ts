import * as client from 'openid-client'
import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { call } from '../../../test/helper/identity.ts'
import { browse, consent, errorOf, redeem, request, serve } from '../../../test/helper/third-party.ts'
import gas from '../index.ts'

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const REDIRECT = 'https://gas.example/oauth/callback'
const SCOPE = 'openid offline_access profile phone real-name gas'
const BALANCE = '/v1/gas/balance-query'

/** As the README has the platform registered. */
const platform = {
  id: 'tianlun-gas',
  name: '天伦燃气',
  purpose: '在天伦燃气业务平台登录并办理用气业务',
  redirectUris: [REDIRECT],
  scopes: SCOPE.split(' '),
  grantTypes: ['authorization_code', 'refresh_token', EXCHANGE],
}

t.test('both ways', async (t) => {
  const hub = await serve(t, { declarations: [gas] })
  const { sandbox, database } = hub.app
  if (!sandbox) throw new Error('no sandbox')
  const headers = { authorization: `Bearer ${await hub.token({ person: 2 })}` }
  const bound = await hub.app.inject({ method: 'POST', url: '/v1/me/accounts/gas', headers, payload: { accountNumber: '5100022615' } })
  t.equal(bound.statusCode, 201)

  await t.test('the hub asks the platform, as its client', async (t) => {
    sandbox.faults.set({ kind: 'secret-expired', sid: 'api/v1/balance', times: 1 })
    const own = await hub.get(BALANCE, { person: 2 })
    t.match([own.statusCode, own.json().data], [200, { gasAccountNumber: '******2615' }], 'with a new token, where the old one is refused')
    t.equal((await database('upstream_secrets')).length, 1, 'one token, kept for all')
  })

  await t.test('the platform asks the hub, with what the user has consented to, until he takes it back', async (t) => {
    const made = await call(hub, 'POST', '/admin/clients', { body: { client: platform, purpose: '合同1.4.13用户互通' } })
    t.equal(made.statusCode, 201, made.body)
    const authentication = client.ClientSecretBasic(made.json().data.secret)
    const options = { execute: [client.allowInsecureRequests] }
    const config = await client.discovery(new URL(hub.origin), platform.id, undefined, authentication, options)
    const browser = browse(hub)
    await browser.signOn(2)

    const some = await request(config, SCOPE, { redirect_uri: REDIRECT })
    const less = await redeem(config, some, await consent(browser, some, ['gas', 'phone', 'real-name']))
    const sub = less.claims()?.sub ?? ''
    t.same(Object.keys(await client.fetchUserInfo(config, less.access_token, sub)).sort(), ['level', 'nickname', 'picture', 'sub'])
    const exchange = (token: string) =>
      client.genericGrantRequest(config, EXCHANGE, {
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: 'gas',
      })
    t.equal(await errorOf(exchange(less.access_token)), 'invalid_scope', 'nothing of gas without consent')

    const flow = await request(config, SCOPE, { redirect_uri: REDIRECT })
    const tokens = await redeem(config, flow, await consent(browser, flow))
    const info = await client.fetchUserInfo(config, tokens.access_token, sub)
    t.match(info, { sub, name: people[1]?.name, phone_number: /^\+86/ }, 'the same user every time')
    t.not(sub, people[1]?.id, 'under an id that is nobody else’s')
    const { access_token } = await exchange(tokens.access_token)
    const ask = () => hub.app.inject({ url: BALANCE, headers: { authorization: `Bearer ${access_token}` } })
    t.match((await ask()).json().data, { gasAccountNumber: '******2615', accountHolderName: '甄*禾' })

    const { data } = (await hub.get('/v1/me/authorizations', { person: 2 })).json()
    const [grant] = data.filter((each: { client?: { id: string }; name?: string }) => JSON.stringify(each).includes(platform.name))
    const revoked = await hub.app.inject({ method: 'DELETE', url: `/v1/me/authorizations/${grant.id}`, headers })
    t.equal(revoked.statusCode, 204)
    t.match((await ask()).json(), { status: 401, code: 'HUB_TOKEN_INVALID' })
    t.equal(await errorOf(client.refreshTokenGrant(config, String(tokens.refresh_token))), 'invalid_grant')
  })
})
