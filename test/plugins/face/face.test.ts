import { generateKeyPairSync, randomUUID } from 'node:crypto'
import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import realEstate from '../../../connectors/real-estate/index.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { fakeProvider } from '../../helper/face-provider.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { registrationBodies, withdrawalBody, withPapers } from '../../helper/proper-filing.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const ACCOUNT = '/v1/housing-fund/personal-account'
const MORTGAGE = 'real-estate.mortgage-registration'
const BODY = registrationBodies['mortgage-registration']
const RENTAL = { ...withdrawalBody('rental-housing-withdrawal'), verificationCode: '000000' }
const FACES = '/v1/me/face-verifications'
const INVALID = [403, 'HUB_FACE_INVALID']
const MINUTE = 60_000
const declarations = [housingFund, realEstate]

type Options = { person?: number; service?: string }

async function start(hub: Hub, { person = 1, service }: Options = {}): Promise<{ id: string; url: string }> {
  const response = await hub.post(FACES, { person, face: false, body: service === undefined ? {} : { service } })
  if (response.statusCode !== 201) throw new Error(response.body)
  return response.json().data
}

/** The citizen's part: opens the page and presses a button. */
async function decide(url: string, decision: 'yes' | 'no' = 'yes'): Promise<string> {
  const page = await (await fetch(url)).text()
  const [, id = ''] = /name="id" value="([^"]+)"/.exec(page) ?? []
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams({ id, decision }) })
  return response.text()
}

async function pass(hub: Hub, options: Options = {}): Promise<string> {
  const { id, url } = await start(hub, options)
  await decide(url)
  return id
}

const ask = async (hub: Hub, id: string, person = 1) =>
  verdict(await hub.get(ACCOUNT, { person, face: false, headers: { 'face-verification': id } }))

const file = async (
  hub: Hub,
  id: string,
  { person = 1, face = false, url = '/v1/real-estate/mortgage-registration', body = BODY as object } = {},
) =>
  verdict(
    await hub.post(url, {
      person,
      body: await withPapers(hub, url.slice('/v1/'.length).replace('/', '.'), body, { person }),
      face,
      headers: { 'face-verification': id, 'idempotency-key': randomUUID() },
    }),
  )

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations })
    const { database } = hub.app
    const set = (id: string, values: object) => database('face_verifications').where({ id }).update(values)
    const stateOf = async (id: string, person = 1) => (await hub.get(`${FACES}/${id}`, { person, face: false })).json()

    t.test('a citizen is verified on the provider’s page and then reads what needs it', async (t) => {
      const response = await hub.post(FACES, { face: false, body: {} })
      t.equal(response.statusCode, 201)
      const { id, url, state, service, expiresAt } = response.json().data
      t.same([state, service], ['pending', null])
      t.match(expiresAt, /\+08:00$/)
      t.equal(response.headers.location, `${FACES}/${id}`)
      t.same(await ask(hub, id), INVALID, 'not yet')
      t.equal((await stateOf(id)).data.state, 'pending')
      const page = await (await fetch(url)).text()
      t.match(page, '贾**')
      t.notMatch(page, people[0]?.number ?? '')
      t.match(await decide(url), '核验通过')
      t.same(await ask(hub, id), [200, null], 'without asking how it went')
      const { data } = await stateOf(id)
      t.match(data, { id, state: 'passed', service: null, usedAt: null })
      t.ok(Math.abs(Date.parse(data.verifiedAt) - Date.now()) < 10_000)
      t.same(await ask(hub, id), [200, null], 'a query uses nothing up')
      const [row] = await database('face_verifications').where({ id })
      t.match(row.assertion, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/)
    })

    t.test('it is the user’s own', async (t) => {
      const id = await pass(hub, { person: 2 })
      t.same(await ask(hub, id, 1), INVALID)
      t.equal((await stateOf(id, 1)).code, 'HUB_NO_RECORD')
      t.same(await ask(hub, id, 2), [200, null])
      for (const made of [randomUUID(), 'x', '', id.toUpperCase(), `${id} `, 'x'.repeat(5000), "' or 1=1 --"])
        t.same(await ask(hub, made, 2), INVALID, made.slice(0, 40))
    })

    t.test('whoever says it is not him, has failed', async (t) => {
      const { id, url } = await start(hub)
      t.match(await decide(url, 'no'), '没有通过')
      t.equal((await stateOf(id)).data.state, 'failed')
      t.same(await ask(hub, id), INVALID)
      t.match(await decide(url, 'yes'), '已经完成')
      t.same(await ask(hub, id), INVALID, 'and cannot think better of it')
    })

    t.test('it must be fresh enough for the service, and within what the provider vouches for', async (t) => {
      const id = await pass(hub)
      t.same(await ask(hub, id), [200, null])
      const now = Date.now()
      await set(id, { verified_at: now - 29 * MINUTE })
      t.same(await ask(hub, id), [200, null])
      await set(id, { verified_at: now - 31 * MINUTE })
      const response = await hub.get(ACCOUNT, { face: false, headers: { 'face-verification': id } })
      t.same(verdict(response), [403, 'HUB_FACE_REQUIRED'])
      t.same(response.json().stepUp, { method: 'face', maxAgeSeconds: 1800, once: false })
      await set(id, { verified_at: now + 5 * MINUTE })
      t.same(await ask(hub, id), [403, 'HUB_FACE_REQUIRED'], 'from the future')
      await set(id, { verified_at: now, expires_at: now - 1 })
      t.same(await ask(hub, id), [403, 'HUB_FACE_REQUIRED'])
      t.equal((await stateOf(id)).data.state, 'expired')
      const left = await start(hub)
      await set(left.id, { expires_at: now - 1 })
      t.equal((await stateOf(left.id)).data.state, 'expired')
      t.same(await ask(hub, left.id), INVALID, 'never finished')
    })

    t.test('for a submission it is bound to the service and used once', async (t) => {
      const id = await pass(hub, { service: MORTGAGE })
      t.same(await file(hub, id, { url: '/v1/housing-fund/rental-housing-withdrawal', body: RENTAL }), INVALID, 'another service')
      t.same(await ask(hub, id), INVALID, 'a query of another service')
      t.same(await file(hub, await pass(hub)), INVALID, 'one for no service in particular')
      t.equal((await stateOf(id)).data.usedAt, null)
      t.same(await file(hub, id), [202, null])
      t.match((await stateOf(id)).data.usedAt, /\+08:00$/)
      t.same(await file(hub, id), [403, 'HUB_FACE_USED'])
      await set(id, { used_at: null })
      t.same(await file(hub, id), [403, 'HUB_FACE_USED'], 'whatever the row says')

      const raced = await pass(hub, { service: MORTGAGE, person: 2 })
      const results = await Promise.all(Array.from({ length: 5 }, () => file(hub, raced, { person: 2 })))
      t.same(results.map(([status]) => status).sort(), [202, 403, 403, 403, 403])

      const old = await pass(hub, { service: MORTGAGE, person: 3 })
      t.equal((await stateOf(old, 3)).data.state, 'passed')
      await set(old, { verified_at: Date.now() - 6 * MINUTE })
      t.same(await file(hub, old, { person: 3 }), [403, 'HUB_FACE_REQUIRED'], 'five minutes')
    })

    t.test('a repeated filing is answered without a second verification', async (t) => {
      const id = await pass(hub, { service: MORTGAGE, person: 4 })
      const key = { 'face-verification': id, 'idempotency-key': 'same-key-again' }
      const body = await withPapers(hub, MORTGAGE, BODY, { person: 4 })
      const first = await hub.post('/v1/real-estate/mortgage-registration', { person: 4, face: false, headers: key, body })
      const second = await hub.post('/v1/real-estate/mortgage-registration', { person: 4, face: false, headers: key, body })
      t.same([first.statusCode, second.statusCode], [202, 202])
      t.equal(first.json().data.id, second.json().data.id)
    })

    t.test('the token’s claims suffice as before, and a named verification goes first where one is used up', async (t) => {
      const headers = { 'face-verification': randomUUID() }
      t.equal((await hub.get(ACCOUNT, { headers })).statusCode, 200, 'nothing is looked up')
      t.same(await file(hub, randomUUID(), { face: true, person: 5 }), INVALID)
      const id = await pass(hub, { service: MORTGAGE, person: 5 })
      t.same(await file(hub, id, { face: true, person: 5 }), [202, null])
      t.not((await stateOf(id, 5)).data.usedAt, null)
    })

    t.test('what is asked for must make sense', async (t) => {
      for (const service of ['', 'x', 'housing-fund', 'housing-fund.nothing', 'constructor']) {
        const response = await hub.post(FACES, { person: 6, body: { service } })
        t.same(verdict(response), [400, 'HUB_VALIDATION'], service)
        t.equal(response.json().errors[0].pointer, '/body/service')
      }
      t.same(verdict(await hub.post(FACES, { body: { idNumber: 'x' } })), [400, 'HUB_VALIDATION'])
      t.same(verdict(await hub.app.inject({ method: 'POST', url: FACES })), [401, 'HUB_TOKEN_MISSING'])
      await database('users').where({ id: people[6]?.id }).update({ level: 'login' })
      t.same(verdict(await hub.post(FACES, { person: 7, body: {} })), [403, 'HUB_REAL_NAME_REQUIRED'])
      const many = await Promise.all(Array.from({ length: 12 }, () => hub.post(FACES, { person: 6, body: {} })))
      t.ok(many.some((response) => verdict(response)[1] === 'HUB_RATE_LIMITED'))
    })

    t.test('trouble of the provider is the provider’s', async (t) => {
      const { id, url } = await start(hub, { person: 3 })
      await decide(url)
      const troubles = [
        ['http-500', 502, 'HUB_UPSTREAM_INVALID'],
        ['http-503', 503, 'HUB_UPSTREAM_UNAVAILABLE'],
        ['html', 502, 'HUB_UPSTREAM_INVALID'],
        ['bad-sign', 502, 'HUB_UPSTREAM_CREDENTIAL'],
      ] as const
      for (const [kind, status, code] of troubles) {
        hub.app.sandbox?.faults.set({ kind, sid: 'face', times: 1 })
        t.same(await ask(hub, id, 3), [status, code], kind)
      }
      t.same(await ask(hub, id, 3), [200, null], 'and passes')
    })

    t.test('no number, name or secret is in the log or the audit', async (t) => {
      const rows: { record: string }[] = await database('audit_rows').select('record')
      const text = hub.logged() + rows.map(({ record }) => record).join('')
      for (const { name, number } of people) t.notOk(text.includes(name) || text.includes(number), name)
      t.notMatch(text, hub.app.sandbox?.face.appSecret ?? '')
      t.ok(rows.some(({ record }) => record.includes('"face-verification"')))
    })
  })

  t.test(`${target.name}: an assertion that does not hold`, async (t) => {
    const provider = await fakeProvider()
    const hub = await build(t, { target, declarations, env: provider.env })
    t.teardown(() => provider.close())
    const now = Math.floor(Date.now() / 1000)
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const publicText = JSON.stringify(stranger.export({ format: 'jwk' }))

    const good = await start(hub)
    t.same(await ask(hub, good.id), [200, null])
    const [, payload = ''] = provider.given[0]?.split('.') ?? []
    const wrong = {
      'signed by a stranger': { key: stranger },
      'not signed': { raw: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.` },
      'signed with a shared secret': {
        header: { alg: 'HS256', kid: 'fake' },
        key: (await import('node:crypto')).createSecretKey(Buffer.from(publicText)),
      },
      altered: { raw: `${provider.given[0]?.slice(0, -4)}AAAA` },
      'no JWS': { raw: 'passed' },
      'of another verification': { raw: provider.given[0] ?? '' },
      'about somebody else': { claims: { sub: 'f'.repeat(32) } },
      'about nobody': { claims: { sub: undefined } },
      'for another request': { claims: { nonce: randomUUID() } },
      'under another id': { claims: { jti: randomUUID() } },
      'for another app': { claims: { aud: 'another' } },
      'of another provider': { claims: { iss: 'urn:other' } },
      expired: { claims: { iat: now - 3600, exp: now - 1800 } },
      'without an end': { claims: { exp: undefined } },
      'from the future': { claims: { iat: now + 3600, exp: now + 7200 } },
    }
    let number = 0
    for (const [name, tampering] of Object.entries(wrong)) {
      const person = 1 + (number++ % 5)
      provider.next = {}
      const { id } = await start(hub, { person })
      provider.next = tampering as typeof provider.next
      const { traceId, headers } = trace()
      t.same(verdict(await hub.get(ACCOUNT, { person, face: false, headers: { ...headers, 'face-verification': id } })), INVALID, name)
      t.match(await auditOf(hub, traceId), [{ outcome: 'HUB_FACE_INVALID', status: 403, service: 'personal-account' }], name)
      provider.next = {}
      t.same(await ask(hub, id, person), INVALID, `${name}: and a better one comes too late`)
    }
  })
}

t.test('while the provider’s keys cannot be had, nothing is decided', async (t) => {
  const provider = await fakeProvider()
  provider.keysGone = true
  const hub = await build(t, { declarations, env: provider.env })
  t.teardown(() => provider.close())
  const { id } = await start(hub)
  t.same(await ask(hub, id), [502, 'HUB_UPSTREAM_UNREACHABLE'])
  provider.keysGone = false
  t.same(await ask(hub, id), [200, null])
})

t.test('without a provider nobody is verified, and is told so', async (t) => {
  const exchange = { EXCHANGE_BASE_URL: 'http://127.0.0.1:1', EXCHANGE_REQUESTER_ID: 'x', EXCHANGE_APP_KEY: 'x' }
  const { app } = await build(t, { declarations: [housingFund], env: { SANDBOX: 'off', ...exchange } })
  await t.rejects(app.faceVerifications.start({ id: 'x', name: 'x', idType: '01', idNumber: 'x' }, null), {
    code: 'HUB_UPSTREAM_UNAVAILABLE',
  })
  await t.rejects(app.faceVerifications.find('x', 'x'), { code: 'HUB_FACE_INVALID' })
})
