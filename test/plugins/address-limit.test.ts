import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { createBuckets, groupOf, isLoopback } from '../../plugins/web/buckets.ts'
import { build, type Hub } from '../helper/hub.ts'
import { application, request, serve } from '../helper/third-party.ts'

const ACCOUNT = '/v1/housing-fund/personal-account'
const ADDRESS = '203.0.113.7'

async function recordsFrom({ app }: Hub, clientIp: string): Promise<{ outcome: string; rows: number | null }[]> {
  const rows: { record: string }[] = await app.database('audit_rows').select('record')
  return rows.map(({ record }) => JSON.parse(record)).filter((record) => record.clientIp === clientIp)
}

/** The statuses of answers, in order of their first appearance. */
const statuses = (answers: readonly LightMyRequestResponse[]) => [...new Set(answers.map(({ statusCode }) => statusCode))]

/** A token of a trusted form with a signature that nobody made. */
const forge = (token: string, index: number) => `${token.slice(0, -8)}${String(index).padStart(8, 'A')}`

t.test('forged tokens cost little and leave one row together', async (t) => {
  const hub = await build(t, { env: { ADDRESS_FAILURES: '20' } })
  const token = await hub.token()
  const ask = (authorization: string, remoteAddress = ADDRESS) =>
    hub.app.inject({ url: ACCOUNT, headers: { authorization }, remoteAddress })
  t.equal((await ask(`Bearer ${token}`)).statusCode, 200)

  const answers: LightMyRequestResponse[] = []
  for (let index = 0; index < 200; index++) answers.push(await ask(`Bearer ${forge(token, index)}`))
  t.strictSame(statuses(answers), [401, 429])
  const refused = answers.at(-1)
  t.match(refused?.json(), { code: 'HUB_RATE_LIMITED', status: 429 })
  t.ok(Number(refused?.headers['retry-after']) >= 1)
  t.equal((await ask(`Bearer ${token}`)).statusCode, 200, 'who is known from there goes on')
  t.equal((await ask(`Bearer ${forge(token, 1)}`, '203.0.113.8')).statusCode, 401, 'another address is not concerned')

  await hub.app.refusals.close()
  const records = await recordsFrom(hub, ADDRESS)
  const limited = records.filter(({ outcome }) => outcome === 'HUB_RATE_LIMITED')
  t.ok(records.length < 40, `${records.length} rows for 202 calls`)
  t.equal(limited.length, 2)
  const single = records.filter(({ outcome }) => outcome !== 'HUB_RATE_LIMITED').length
  t.equal(single + limited.reduce((sum, { rows }) => sum + (rows ?? 0), 0), 202, 'every call is on record or counted')
})

t.test('an address has a coarse limit, whatever it asks', async (t) => {
  const hub = await build(t, { env: { ADDRESS_RATE: '1' } })
  const ask = (remoteAddress: string, url = '/health/live') => hub.app.inject({ url, remoteAddress })
  const many = async (addresses: string[], url?: string) => {
    const answers: LightMyRequestResponse[] = []
    for (const address of addresses) answers.push(await ask(address, url))
    return answers
  }
  t.strictSame(statuses(await many(Array(30).fill(ADDRESS))), [200, 429])
  const network = Array.from({ length: 30 }, (_, index) => `2001:db8:1:2::${index.toString(16)}`)
  t.strictSame(statuses(await many(network, '/openapi.json')), [200, 429], 'a /64 is one')
  t.equal((await ask('2001:db8:1:3::1')).statusCode, 200)
  t.strictSame(statuses(await many(Array(30).fill('127.0.0.1'))), [200], 'this machine is not limited')
  await hub.app.refusals.close()
  t.ok((await recordsFrom(hub, '2001:db8:1:2::/64')).length <= 2)
})

t.test('behind a trusted proxy the address is the one that it names', async (t) => {
  const hub = await build(t, { env: { ADDRESS_RATE: '1', TRUST_PROXY: '127.0.0.1' } })
  const answers: LightMyRequestResponse[] = []
  const ask = (address: string) => hub.app.inject({ url: '/health/live', headers: { 'x-forwarded-for': address } })
  for (let index = 0; index < 30; index++) answers.push(await ask(ADDRESS))
  t.strictSame(statuses(answers), [200, 429])
  t.equal((await ask('203.0.113.9')).statusCode, 200)
})

t.test('anonymous authorisations leave a bounded number of rows', async (t) => {
  const hub = await serve(t, {})
  const { url } = await request(await application(hub, 'sandbox-web'), 'openid')
  const count = async () => Number((await hub.app.database('oidc_entities').count({ n: '*' }).first())?.['n'])
  const before = await count()
  const path = url.pathname + url.search
  for (const wrong of [path.replace('client_id=', 'client_id=x'), path.replace('redirect_uri=', 'redirect_uri=x'), '/oauth/authorize'])
    await hub.app.inject({ url: wrong })
  t.equal(await count(), before, 'nothing is kept for a request that is not valid')

  const start = performance.now()
  let last: LightMyRequestResponse | undefined
  for (let index = 0; index < 2000 && !String(last?.headers['location']).includes('error='); index++)
    last = await hub.app.inject({ url: path, remoteAddress: ADDRESS })
  const seconds = (performance.now() - start) / 1000
  t.match(last?.headers['location'], /error=temporarily_unavailable/, 'the application learns that it may try again')
  t.ok((await count()) - before <= 201 + seconds, 'no more than the address may begin')
  const other = await hub.app.inject({ url: path, remoteAddress: '203.0.113.8' })
  t.match(other.headers['location'], /interaction/)
  const rows: { expires_at: number }[] = await hub.app.database('oidc_entities').where({ model: 'Interaction' }).select('expires_at')
  t.ok(
    rows.every(({ expires_at }) => Number(expires_at) <= Date.now() + 15 * 60_000),
    'they end within a quarter of an hour',
  )
})

t.test('addresses are limited as what they belong to', async (t) => {
  const groups: [address: string, group: string][] = [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ]
  for (const [address, group] of groups) t.equal(groupOf(address), group)
  t.strictSame(['127.0.0.1', '::1', '::ffff:127.0.0.1', '128.0.0.1'].map(isLoopback), [true, true, true, false])
  const buckets = createBuckets(2, 1000, 10)
  t.strictSame([buckets.take('a'), buckets.take('a')], [0, 0])
  t.ok(buckets.wait('a') <= 1)
  t.equal(buckets.take('b'), 0)
})

t.test('whoever has hung up before he is heard costs nobody else his answer', async (t) => {
  const hub = await build(t, { declarations: [] })
  // As of a connection that was reset: there is no address any more.
  hub.app.server.prependListener('connection', (socket) => Object.defineProperty(socket, 'remoteAddress', { value: undefined }))
  const base = await hub.app.listen({ port: 0, host: '127.0.0.1' })
  const answer = await fetch(`${base}/v1/me`, { headers: { authorization: `Bearer ${await hub.token()}` } })
  t.equal(answer.status, 200)
  const rows: { record: string }[] = await hub.app.database('audit_rows').where({ service: 'me.read' }).select('record')
  t.same(
    rows.map(({ record }) => JSON.parse(record).clientIp),
    [null],
  )
})
