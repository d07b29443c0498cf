import t, { type Test } from 'tap'
import { accountsOf, begin, bindAs, bookings, comeBack, RETURN_URL, startAgency, visit } from '../../helper/agency.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { museum } from '../../helper/museum-connector.ts'
import { targets } from '../../helper/targets.ts'

const agency = await startAgency()
t.teardown(agency.close)

const code = (reply: { json(): unknown }) => (reply.json() as { code: string }).code

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, env: agency.env(), declarations: [museum] })

    await t.test('without an account the app is told where to bind one', async (t) => {
      const reply = await bookings(hub)
      t.equal(reply.statusCode, 403)
      t.match(reply.json(), {
        code: 'HUB_ACCOUNT_UNBOUND',
        agency: '许昌市科技馆',
        stepUp: { method: 'account', url: '/v1/me/accounts/science-museum/authorise' },
      })
    })

    await t.test('bound in the browser that set out, then used', async (t) => {
      const { url, cookie } = await begin(hub)
      const asked = new URL(url).searchParams
      t.equal(asked.get('code_challenge_method'), 'S256')
      t.ok(asked.get('code_challenge'))
      t.notMatch(asked.get('state'), /sandbox|5a000000/, 'the state shows nobody')
      const reply = await comeBack(hub, await visit(url, 'as=alice'), cookie)
      t.equal(reply.statusCode, 200)
      t.match(reply.body, /绑定成功/)
      t.match(reply.headers['content-security-policy'], /default-src 'none'/)
      const answer = await bookings(hub)
      t.match(answer.json(), { data: { visitor: 'alice', people: 2 } })
      const [account] = await accountsOf(hub)
      t.match(account, { connector: 'science-museum', agency: '许昌市科技馆', state: 'active', boundBy: 'oauth', level: 'login' })
      t.not(account?.account, 'alice', 'the id at the agency is masked')
      t.ok(account?.['lastUsedAt'])
    })

    await t.test('what lies in the database is sealed', async (t) => {
      const rows = JSON.stringify([
        await hub.app.database('agency_accounts'),
        await hub.app.database('agency_tokens'),
        await hub.app.database('agency_authorisations'),
      ])
      t.notMatch(rows, /alice|union-of|hub-hour/)
    })

    await t.test('bad states', async (t) => await badStates(t, hub))
    await t.test('another browser', async (t) => await anotherBrowser(t, hub))
    await t.test('conflicts', async (t) => await conflicts(t, hub))

    await t.test('an account of somebody else, by the id number that the agency gives', async (t) => {
      const reply = await bindAs(hub, '411003198512319991', 4)
      t.equal(reply.statusCode, 403)
      t.same(await accountsOf(hub, 4), [])
      t.equal((await bindAs(hub, '411024200108150006', 4)).statusCode, 200)
      t.match(await accountsOf(hub, 4), [{ level: 'real-name' }])
    })

    await t.test('unbound: dead in the next call, here and at the agency', async (t) => {
      const [account] = await accountsOf(hub)
      const url = `/v1/me/accounts/${account?.id}`
      const authorization = `Bearer ${await hub.token({ person: 2 })}`
      t.equal((await hub.app.inject({ method: 'DELETE', url, headers: { authorization } })).statusCode, 404, 'not by another user')
      const own = `Bearer ${await hub.token()}`
      t.equal((await hub.app.inject({ method: 'DELETE', url, headers: { authorization: own } })).statusCode, 204)
      t.equal(code(await bookings(hub)), 'HUB_ACCOUNT_UNBOUND')
      t.equal((await hub.app.inject({ method: 'DELETE', url, headers: { authorization: own } })).statusCode, 404)
      t.same(await hub.app.database('agency_tokens').where({ account_id: account?.id }), [])
      t.equal((await bindAs(hub, 'alice')).statusCode, 200, 'and may be bound again')
    })

    await t.test('every step has its audit row, and nothing secret is logged', async (t) => {
      const rows = await hub.app.database('audit_rows').where({ connector: 'science-museum', service: 'accounts' })
      t.ok(rows.length > 10)
      const outcomes = new Set(rows.map(({ outcome }) => outcome))
      for (const outcome of ['ok', 'HUB_ACCOUNT_STATE_INVALID', 'HUB_ACCOUNT_DENIED', 'HUB_ACCOUNT_CONFLICT', 'HUB_ACCOUNT_UNVERIFIED'])
        t.ok(outcomes.has(outcome), outcome)
      t.notMatch(hub.logged() + JSON.stringify(rows), /alice|hub-hour-secret|code_verifier|411003198512319991/)
    })
  })
}

async function badStates(t: Test, hub: Hub) {
  const { url, cookie } = await begin(hub, 5)
  const back = await visit(url, 'as=erin')
  const forged = new URL(back)
  forged.searchParams.set('state', `${back.searchParams.get('state')?.slice(0, -2)}AA`)
  t.equal((await comeBack(hub, forged, cookie)).statusCode, 400, 'a forged state')
  const other = await begin(hub, 6)
  const mixed = new URL(back)
  mixed.searchParams.set('state', new URL(other.url).searchParams.get('state') ?? '')
  t.equal((await comeBack(hub, mixed, cookie)).statusCode, 400, 'the state of another authorisation: its verifier does not fit the code')
  t.same(await accountsOf(hub, 6), [])
  t.same(await accountsOf(hub, 5), [])
  t.equal((await comeBack(hub, back, cookie)).statusCode, 200)
  t.equal((await comeBack(hub, back, cookie)).statusCode, 400, 'a state that was used up')

  const denied = await begin(hub, 5)
  const reply = await comeBack(hub, await visit(denied.url, 'deny'), denied.cookie)
  t.equal(reply.statusCode, 403)
  t.match(reply.body, /没有完成授权/)
  t.match(reply.headers['content-type'], /text\/html/)

  const late = await begin(hub, 5)
  await hub.app.database('agency_authorisations').update({ expires_at: 1 })
  const again = await begin(hub, 5)
  t.equal((await comeBack(hub, await visit(late.url, 'as=erin'), late.cookie)).statusCode, 400, 'one that is over')
  t.equal((await comeBack(hub, await visit(again.url, 'as=erin'), again.cookie)).statusCode, 200)
}

async function anotherBrowser(t: Test, hub: Hub) {
  const confirm = (code: string | null, person: number) => hub.post('/v1/me/accounts/science-museum/confirm', { person, body: { code } })
  const refused = await hub.post('/v1/me/accounts/science-museum/authorise', { person: 7, body: { returnTo: 'https://evil.example/' } })
  t.equal(refused.statusCode, 400, 'a return address that is not allowed')

  const alone = await begin(hub, 7)
  t.equal((await comeBack(hub, await visit(alone.url, 'as=grace'))).statusCode, 400, 'without a way back to the app')

  const { url } = await begin(hub, 7, `${RETURN_URL}?tab=2`)
  const reply = await comeBack(hub, await visit(url, 'as=grace'))
  t.equal(reply.statusCode, 303)
  const returned = new URL(String(reply.headers.location))
  t.equal(returned.searchParams.get('tab'), '2')
  t.same(await accountsOf(hub, 7), [], 'nothing is bound yet')
  const given = returned.searchParams.get('confirm')
  t.equal((await confirm(given, 1)).statusCode, 400, 'not by another user')
  t.match((await confirm(given, 7)).json(), { data: { state: 'active' } })
  t.equal((await confirm(given, 7)).statusCode, 400, 'and only once')
}

async function conflicts(t: Test, hub: Hub) {
  const taken = await bindAs(hub, 'alice', 2)
  t.equal(taken.statusCode, 409)
  t.match(taken.body, /请拨打科技馆服务台电话核实/)
  t.same(await accountsOf(hub, 2), [])
  t.match((await bookings(hub)).json(), { data: { visitor: 'alice' } }, 'the first user keeps it')

  const second = await begin(hub, 1, RETURN_URL)
  const reply = await comeBack(hub, await visit(second.url, 'as=bob'), second.cookie)
  t.match(reply.headers.location, /error=HUB_ACCOUNT_CONFLICT/, 'one account a user')
  t.equal((await bindAs(hub, 'alice')).statusCode, 200, 'one’s own is renewed')

  const both = await Promise.all([bindAs(hub, 'judy', 2), bindAs(hub, 'judy', 3)])
  t.same(both.map(({ statusCode }) => statusCode).sort(), [200, 409], 'two at once: one of them')
}
