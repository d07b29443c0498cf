import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LightMyRequestResponse } from 'fastify'
import { type JWTPayload, SignJWT } from 'jose'
import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { issueSandboxToken, jwks, SANDBOX_ISSUER } from '../../../plugins/sandbox/issuer.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { heededAfter } from '../../helper/heeded.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const ACCOUNT = '/v1/housing-fund/personal-account'
const EMPLOYER = '/v1/housing-fund/employer-account'
const INVALID = [401, 'HUB_TOKEN_INVALID']

const base64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** What a token of person 1 says, for signing it wrongly. */
function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

function sign(payload: Record<string, unknown>, key: KeyObject, header: Record<string, unknown>): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', ...header }).sign(key)
}

const ask = (hub: Hub, authorization: string | undefined, url = ACCOUNT) =>
  hub.app.inject({ url, headers: authorization === undefined ? {} : { authorization } })

function setUser({ app }: Hub, person: number, values: Record<string, string | null>) {
  return app
    .database('users')
    .where({ id: people[person - 1]?.id })
    .update(values)
}

/** Disables person 5 under the eyes of the hub: the verdicts that followed each other, and how long the first one lasted. */
async function watchDisabled(hub: Hub) {
  const seen = [verdict(await hub.get(ACCOUNT, { person: 5 }))]
  await setUser(hub, 5, { status: 'disabled' })
  let last: LightMyRequestResponse | undefined
  const ms = await heededAfter(async () => {
    last = await hub.get(ACCOUNT, { person: 5 })
    return last.statusCode === 200
  })
  return { seen: [...seen, last && verdict(last)], ms }
}

/** A token in the last second of its tolerance (5 s), and out of it. */
async function watchExpiring(hub: Hub) {
  for (;;) {
    const until = Date.now() + 1000
    const authorization = `Bearer ${await hub.token({ expiresInSeconds: -3 })}`
    const first = verdict(await ask(hub, authorization))
    // A busy machine may have taken longer to ask than the token had left: a second or two.
    if (Date.now() >= until) continue
    await sleep(2100)
    return [first, verdict(await ask(hub, authorization))]
  }
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [housingFund] })
    const dataDir = hub.app.settings.DATA_DIR
    const good = await hub.token()
    // Both take their time, so they start before everything else.
    const verdicts = { disabled: watchDisabled(hub), expiring: watchExpiring(hub) }
    const [publicKey] = jwks(dataDir).keys

    t.test('a token that its issuer did not give is no token', async (t) => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const own = { ...privateKey.export({ format: 'jwk' }), d: undefined }
      const payload = payloadOf(good)
      const { kid, ...material } = publicKey as { kid: string }
      const [head = '', body = '', mac = ''] = good.split('.')
      const hs256 = `${base64({ alg: 'HS256', typ: 'at+jwt', kid })}.${body}`
      const confused = [JSON.stringify(publicKey), JSON.stringify(material), (publicKey as { x?: string }).x ?? ''].map(
        (secret) => `${hs256}.${createHmac('sha256', secret).update(hs256).digest('base64url')}`,
      )
      const forged: Record<string, string> = {
        garbage: 'garbage',
        dots: '..',
        'not JSON': `${base64('x')}.${base64('y')}.${base64('z')}`,
        'no signature': `${head}.${body}.`,
        'another subject under the same signature': `${head}.${base64({ ...payload, sub: 'sandbox-person-2' })}.${mac}`,
        'alg none': `${base64({ alg: 'none', typ: 'at+jwt' })}.${body}.`,
        'alg None': `${base64({ alg: 'None', typ: 'at+jwt', kid })}.${body}.${mac}`,
        'another key under the same kid': await sign(payload, privateKey, { kid }),
        'its own key in the header': await sign(payload, privateKey, { jwk: own }),
        'its own key set in the header': await sign(payload, privateKey, { kid: 'x', jku: 'http://127.0.0.1:1/jwks.json' }),
        'longer than any token': `${head}.${'a'.repeat(9000)}.${mac}`,
      }
      for (const [name, token] of Object.entries(forged)) t.strictSame(verdict(await ask(hub, `Bearer ${token}`)), INVALID, name)
      for (const token of confused) t.strictSame(verdict(await ask(hub, `Bearer ${token}`)), INVALID, 'HS256 with the public key')
    })

    t.test('a token for somebody else, from somebody else or out of time is refused', async (t) => {
      const soon = Math.floor(Date.now() / 1000) + 600
      const wrong = {
        'wrong issuer': { iss: 'https://issuer.invalid' },
        'no issuer': { iss: undefined },
        'wrong audience': { aud: 'another-hub' },
        'no audience': { aud: undefined },
        expired: { exp: soon - 700 },
        'no expiry': { exp: undefined },
        'not yet': { nbf: soon },
        'no subject': { sub: undefined },
      }
      for (const [name, claims] of Object.entries(wrong))
        t.strictSame(verdict(await hub.get(ACCOUNT, { claims: claims as JWTPayload })), INVALID, name)
      const response = await hub.get(ACCOUNT, { claims: { aud: 'another-hub' } })
      t.equal(response.headers['www-authenticate'], 'Bearer error="invalid_token"')
      t.equal((await hub.get(ACCOUNT, { claims: { aud: ['another-hub', 'xuchang-hub'] } })).statusCode, 200)
    })

    t.test('the header must be one bearer token', async (t) => {
      const missing = await ask(hub, undefined)
      t.strictSame(verdict(missing), [401, 'HUB_TOKEN_MISSING'])
      t.equal(missing.headers['www-authenticate'], 'Bearer')
      t.match(missing.json(), { type: '/problems/HUB_TOKEN_MISSING', title: '请先登录', status: 401 })
      for (const header of ['Basic dTpw', good, `Bearer  ${good}`, `Bearer ${good} ${good}`, 'Bearer', 'Bearer '])
        t.strictSame(verdict(await ask(hub, header)), INVALID, header.slice(0, 12))
      t.equal((await ask(hub, `bearer ${good}`)).statusCode, 200, 'the scheme has no case')
      t.strictSame(verdict(await ask(hub, undefined, `${ACCOUNT}?access_token=${good}`)), [401, 'HUB_TOKEN_MISSING'], 'never from the URL')
    })

    t.test('a token verified before expires all the same', async (t) => {
      t.strictSame(await verdicts.expiring, [[200, null], INVALID])
    })

    t.test('a subject is another one as soon as one character differs', async (t) => {
      for (const sub of ['nobody', 'SANDBOX-PERSON-1', 'sandbox-person-1 ', 'sandbox-pérson-1', "sandbox-person-1' or '1'='1", '身份'])
        t.strictSame(verdict(await hub.get(ACCOUNT, { claims: { sub } })), [401, 'HUB_USER_UNKNOWN'], sub)
    })

    t.test('a disabled account is shut out within two seconds', async (t) => {
      const { seen, ms } = await verdicts.disabled
      t.strictSame(seen, [
        [200, null],
        [403, 'HUB_USER_DISABLED'],
      ])
      t.ok(ms < 3000, `${Math.round(ms)} ms, after which none that began went through`)
      await setUser(hub, 5, { status: 'active' })
      t.equal((await hub.get(ACCOUNT, { person: 5 })).statusCode, 200, 'a refusal is not remembered')
    })

    t.test('without a verified name there is no personal record', async (t) => {
      await setUser(hub, 6, { level: 'login' })
      await setUser(hub, 4, { name_sealed: null })
      for (const person of [6, 4]) {
        const response = await hub.get(ACCOUNT, { person })
        t.strictSame(verdict(response), [403, 'HUB_REAL_NAME_REQUIRED'])
        t.strictSame(response.json().stepUp, { method: 'real-name' })
      }
    })

    t.test('a face verification must be there, fresh, and not from the future', async (t) => {
      const none = await hub.get(ACCOUNT, { face: false })
      t.strictSame(verdict(none), [403, 'HUB_FACE_REQUIRED'])
      t.strictSame(none.json().stepUp, { method: 'face', maxAgeSeconds: 1800, once: false })
      t.match(none.json().detail, '30 分钟以内')
      const ages: [seconds: number, status: number][] = [
        [1790, 200],
        [1810, 403],
        [86_400 * 365, 403],
        [-30, 200],
        [-90, 403],
        [-1e9, 403],
      ]
      for (const [faceAgeSeconds, status] of ages)
        t.equal((await hub.get(ACCOUNT, { faceAgeSeconds })).statusCode, status, `${faceAgeSeconds} s ago`)
      const now = Math.floor(Date.now() / 1000)
      for (const at of [String(now), Number.MAX_VALUE, now * 1000, true, null, [now], { at: now }]) {
        const response = await hub.get(ACCOUNT, { claims: { face_verified_at: at } })
        t.strictSame(verdict(response), [403, 'HUB_FACE_REQUIRED'], JSON.stringify(at))
      }
      t.equal((await hub.get(EMPLOYER, { enterprise: 1, face: false })).statusCode, 403, 'agents too')
    })

    t.test('a refusal costs one audit row and says who was refused', async (t) => {
      const { traceId, headers } = trace()
      await hub.get(ACCOUNT, { face: false, headers })
      const [row, ...more] = await auditOf(hub, traceId)
      t.strictSame(more, [])
      t.match(row, { outcome: 'HUB_FACE_REQUIRED', status: 403, service: 'personal-account', rows: null, fields: [], upstreamMs: null })
      t.match(row?.user, /^[0-9a-f]{32}$/)
      const anonymous = trace()
      await hub.app.inject({ url: ACCOUNT, headers: anonymous.headers })
      t.match(await auditOf(hub, anonymous.traceId), [{ outcome: 'HUB_TOKEN_MISSING', status: 401, user: null }])
    })

    t.test('no id number gets into a token', async (t) => {
      const claims = payloadOf(await issueSandboxToken({ dataDir, audience: 'xuchang-hub', person: 1, face: true, enterprise: 1 }))
      t.equal(claims['iss'], SANDBOX_ISSUER)
      t.notMatch(JSON.stringify(claims), /\d{17}[\dX]|[0-9A-Z]{18}/)
    })
  })
}
