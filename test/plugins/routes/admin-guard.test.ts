import t from 'tap'
import { build } from '../../helper/hub.ts'
import { call } from '../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'

const OPERATOR = 2
const URL = '/admin/enterprises'

t.test('a token counts at /admin only when it names that audience, and elsewhere only when it names the other', async (t) => {
  const hub = await build(t)
  const [HUB, ADMIN] = ['xuchang-hub', 'xuchang-hub-admin']
  const verdicts = async (aud: string | string[] | undefined) => {
    const given = { person: OPERATOR, claims: { aud } }
    return [verdict(await call(hub, 'GET', URL, given)), verdict(await call(hub, 'GET', '/v1/me', given))]
  }
  const fine = [200, null]
  const invalid = [401, 'HUB_TOKEN_INVALID']
  t.same(await verdicts(HUB), [[403, 'HUB_ADMIN_AUDIENCE'], fine])
  t.same(await verdicts(ADMIN), [fine, invalid])
  t.same(await verdicts([HUB, ADMIN]), [fine, fine])
  for (const aud of [undefined, [], 'other', `${HUB}-admins`, ['other', 'xuchang']]) t.same(await verdicts(aud), [invalid, invalid])

  const { traceId, headers } = trace()
  await call(hub, 'GET', URL, { person: OPERATOR, headers, claims: { aud: HUB } })
  t.match(await auditOf(hub, traceId), [{ connector: 'admin', service: 'enterprises.list', outcome: 'HUB_ADMIN_AUDIENCE', status: 403 }])

  // Verified once, it is remembered: what it is for is asked each time.
  const authorization = `Bearer ${await hub.token({ person: OPERATOR, claims: { aud: ADMIN } })}`
  const ask = async (url: string) => verdict(await hub.app.inject({ url, headers: { authorization } }))
  t.same([await ask(URL), await ask('/v1/me'), await ask(URL)], [fine, invalid, fine])
})

t.test('the audience has a name of its own where the operator gives one', async (t) => {
  const hub = await build(t, { env: { ADMIN_AUDIENCE: 'urn:desk' } })
  t.same(verdict(await call(hub, 'GET', URL, { person: OPERATOR })), [200, null])
  const former = { person: OPERATOR, claims: { aud: ['xuchang-hub', 'xuchang-hub-admin'] } }
  t.same(verdict(await call(hub, 'GET', URL, former)), [403, 'HUB_ADMIN_AUDIENCE'])
})

t.test('a token of the hub’s own exchange is none for /admin', async (t) => {
  const hub = await build(t)
  const { issuer } = hub.app.authorizationStore
  const token = await hub.token({ person: OPERATOR, claims: { iss: issuer } })
  const response = await hub.app.inject({ url: URL, headers: { authorization: `Bearer ${token}` } })
  t.same(verdict(response), [401, 'HUB_TOKEN_INVALID'])
})

t.test('/admin is called from the addresses on the list', async (t) => {
  const hub = await build(t, { env: { ADMIN_ADDRESSES: '10.1.0.0/16, 192.0.2.7,fd00:1::/32', TRUST_PROXY: '127.0.0.1' } })
  const authorization = `Bearer ${await hub.token({ person: OPERATOR })}`
  const from = async (address: string, url = URL, remoteAddress = '127.0.0.1') => {
    const response = await hub.app.inject({ url, remoteAddress, headers: { authorization, 'x-forwarded-for': address } })
    return verdict(response)
  }
  const refused = [403, 'HUB_ADMIN_ADDRESS']
  for (const address of ['10.1.0.1', '10.1.255.255', '192.0.2.7', '::ffff:10.1.2.3', 'fd00:1::7', 'fd00:1:ffff::1'])
    t.same(await from(address), [200, null], address)
  for (const address of ['10.2.0.1', '192.0.2.8', '::ffff:10.2.0.1', 'fd00:2::1', '::1', '127.0.0.1', 'fe80::1%eth0'])
    t.same(await from(address), refused, address)
  t.same(await from('10.2.0.1', '/v1/me'), [200, null], 'what citizens use is open')
  t.same(await from('10.1.0.1', URL, '203.0.113.9'), refused, 'what a stranger forwards is not believed')
  const { headers, traceId } = trace()
  await hub.app.inject({ url: URL, headers: { authorization, ...headers } })
  t.match(await auditOf(hub, traceId), [{ outcome: 'HUB_ADMIN_ADDRESS', status: 403 }])
})

t.test('any address is on the list that says so', async (t) => {
  const hub = await build(t, { env: { ADMIN_ADDRESSES: '0.0.0.0/0,::/0' } })
  const authorization = `Bearer ${await hub.token({ person: OPERATOR })}`
  for (const remoteAddress of ['203.0.113.9', '2001:db8::9', '::ffff:203.0.113.9', 'fe80::1%eth0'])
    t.same(verdict(await hub.app.inject({ url: URL, remoteAddress, headers: { authorization } })), [200, null], remoteAddress)
})

t.test('the description of /admin says that it may turn a caller away', async (t) => {
  const hub = await build(t)
  const text = (await hub.app.inject('/openapi-admin.json')).body
  for (const code of ['HUB_ADMIN_AUDIENCE', 'HUB_ADMIN_ADDRESS']) t.ok(text.includes(code), code)
})
