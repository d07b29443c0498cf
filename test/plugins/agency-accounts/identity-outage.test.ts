import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import t from 'tap'
import { HUB_URL, startAgency, visit } from '../../helper/agency.ts'
import { build } from '../../helper/hub.ts'
import { museum } from '../../helper/museum-connector.ts'
import { targets } from '../../helper/targets.ts'

// The identity service is whoever issues the app's tokens; the mapping needs it for none of its work.
const ISSUER = 'https://app.example'
const agency = await startAgency()
t.teardown(agency.close)
const { privateKey, publicKey } = await generateKeyPair('ES256')
const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] })

for (const target of targets) {
  t.test(`${target.name}: accounts go on working while the identity service is down`, async (t) => {
    const issuer = createServer((_, reply) => reply.setHeader('connection', 'close').end(jwks))
    await once(issuer.listen(0, '127.0.0.1'), 'listening')
    t.teardown(() => issuer.close())
    const TOKEN_JWKS_URL = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/`
    const { app } = await build(t, { target, env: { ...agency.env(), TOKEN_ISSUER: ISSUER, TOKEN_JWKS_URL }, declarations: [museum] })
    const user = { id: randomUUID(), issuer: ISSUER, subject: 'u-1', status: 'active', level: 'login', created_at: 0, updated_at: 0 }
    await app.database('users').insert(user)
    const authorization = `Bearer ${await new SignJWT({ sub: 'u-1', aud: 'xuchang-hub', iss: ISSUER })
      .setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'at+jwt' })
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(privateKey)}`

    const begun = await app.inject({ method: 'POST', url: '/v1/me/accounts/science-museum/authorise', headers: { authorization } })
    const cookie = String(begun.headers['set-cookie']).split(';')[0] as string
    issuer.close()
    await once(issuer, 'close')

    const back = await visit((begun.json() as { data: { url: string } }).data.url, 'as=alice')
    t.equal(back.origin, HUB_URL)
    t.equal((await app.inject({ url: back.pathname + back.search, headers: { cookie } })).statusCode, 200, 'bound')
    const used = await app.inject({ url: '/v1/science-museum/bookings', headers: { authorization } })
    t.match(used.json(), { data: { visitor: 'alice' } }, 'used')
    const listed = await app.inject({ url: '/v1/me/accounts', headers: { authorization } })
    t.match(listed.json(), { data: [{ state: 'active' }] }, 'listed')
  })
}
