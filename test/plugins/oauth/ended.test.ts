import * as client from 'openid-client'
import t, { type Test } from 'tap'
import fund from '../../../connectors/housing-fund/index.ts'
import { call, userId } from '../../helper/identity.ts'
import { clone, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'
import { application, authorise, browse, formBody, readForm, request, serve } from '../../helper/third-party.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
const WARD = 'urn:xuchang-hub:token-type:ward'
const ACCOUNT = '/v1/plain-fund/personal-account'
const DAY = 86_400_000
const purpose = '安全事件'

const plain = clone('plain-fund', ['personal-account'], () => ({ identity: 'real-name', face: undefined, dependants: true }) as never)

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await serve(t, { target, declarations: [fund, plain] })
    const { database } = hub.app
    const web = await application(hub, 'sandbox-web')
    const backend = await application(hub, 'sandbox-backend')
    const act = async (person: number, name: string) =>
      t.equal((await call(hub, 'POST', `/admin/users/${userId(person)}/${name}`, { person: 1, body: { purpose } })).statusCode, 200, name)
    const use = async (token: string) => verdict(await hub.app.inject({ url: ACCOUNT, headers: { authorization: `Bearer ${token}` } }))
    const isActive = async (token: string, by = web) => (await client.tokenIntrospection(by, token)).active

    /** Everything by which somebody may be known to be this person: each answers whether it still opens anything. */
    async function everything(person: number) {
      const browser = browse(hub)
      await browser.signOn(person)
      const { tokens } = await authorise(web, browser, 'openid profile offline_access')
      const flow = await request(web, 'openid phone', { prompt: 'consent' })
      const { response, url } = await browser.follow(flow.url.href)
      const { seal } = readForm(await response.text())
      const exchanged = await client.genericGrantRequest(backend, GRANT, {
        subject_token: await hub.token({ person }),
        subject_token_type: JWT,
        audience: 'plain-fund',
      })
      const allow = formBody([
        ['seal', seal],
        ['decision', 'allow'],
      ])
      const refresh = tokens.refresh_token ?? ''
      return {
        'access token, introspected': () => isActive(tokens.access_token),
        'refresh token, introspected': () => isActive(refresh),
        'access token, used': async () =>
          (await fetch(`${hub.origin}/oauth/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } })).ok,
        'exchanged token, introspected': () => isActive(exchanged.access_token, backend),
        'exchanged token': async () => (await use(exchanged.access_token))[0] === 200,
        session: async () => (await (await browser.go('/sign-on')).text()).includes('您已在这个浏览器里登录'),
        'consent in progress': async () => (await browser.go(url, allow)).status === 303,
        'refresh family': () =>
          client.refreshTokenGrant(web, refresh).then(
            () => true,
            () => false,
          ),
      }
    }

    async function none(t: Test, ways: Awaited<ReturnType<typeof everything>>, when: string) {
      for (const [name, opens] of Object.entries(ways)) t.equal(await opens(), false, `${name} ${when}`)
    }

    t.test('all of it opens something while the account is in order', async (t) => {
      for (const [name, opens] of Object.entries(await everything(4))) t.equal(await opens(), true, name)
    })

    t.test('nothing that was open when an account was disabled is open when it is enabled', async (t) => {
      const ways = await everything(5)
      await act(5, 'disable')
      await none(t, ways, 'while it is disabled')
      await act(5, 'enable')
      await none(t, ways, 'after it was enabled')
      const anew = browse(hub)
      await anew.signOn(5)
      t.ok((await authorise(web, anew, 'openid')).tokens.access_token, 'who signs on again is himself again')
    })

    t.test('nor after a merge that was undone, nor after 注销', async (t) => {
      const ways = await everything(6)
      const id = await hub.app.accounts.moves.merge({ from: userId(6), into: userId(7), actor: 'cli:test', reason: purpose, despite: '试' })
      await none(t, ways, 'once it is merged')
      await hub.app.accounts.moves.undo(id)
      hub.app.users.forget(userId(6))
      await none(t, ways, 'when the merge is undone')
      const last = await everything(6)
      t.equal((await hub.post('/v1/me/deregister', { person: 6 })).statusCode, 204)
      await none(t, last, 'after 注销')
    })

    t.test('whoever acts for somebody else must be able to act for himself, and his mandate must hold', async (t) => {
      await database('mandates').insert({
        ...{ id: crypto.randomUUID(), user_id: userId(3), subject_user_id: userId(4), role: 'guardian', scope: 'plain-fund' },
        ...{ status: 'active', granted_by: 'test', starts_at: 0, ends_at: Date.now() + DAY, created_at: 0 },
      })
      const ward = async () => {
        const fields = {
          subject_token: userId(4),
          subject_token_type: WARD,
          actor_token: await hub.token({ person: 3 }),
          actor_token_type: JWT,
        }
        return (await client.genericGrantRequest(backend, GRANT, { ...fields, audience: 'plain-fund' })).access_token
      }
      const token = await ward()
      t.same(await use(token), [200, null])
      await database('users')
        .where({ id: userId(3) })
        .update({ status: 'locked', locked_until: null })
      t.same(await use(token), [403, 'HUB_USER_LOCKED'], 'the guardian is locked')
      await database('users')
        .where({ id: userId(3) })
        .update({ status: 'active' })
      t.same(await use(token), [200, null])
      await act(3, 'disable')
      t.equal((await use(token))[0], 401, 'the guardian is disabled')
      await act(3, 'enable')
      t.same(await use(token), [401, 'HUB_TOKEN_INVALID'], 'and enabled')
      const another = await ward()
      await database('mandates')
        .where({ user_id: userId(3) })
        .update({ ends_at: Date.now() })
      t.same(await use(another), [403, 'HUB_MANDATE_REQUIRED'])
    })
  })
}
