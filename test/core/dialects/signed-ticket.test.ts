import { spawnSync } from 'node:child_process'
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import t from 'tap'
import { createVault } from '../../../core/base/vault.ts'
import { type ConnectorDeclaration, signedTicket } from '../../../core/connector.ts'
import type { SignedTicketOptions } from '../../../core/dialects/signed-ticket.ts'
import type { SignedRequest, SignerContext } from '../../../core/upstream/dialect.ts'
import { ticketSubject } from '../../../plugins/agency-accounts/own-account.ts'
import type { Account } from '../../../plugins/agency-accounts/store.ts'
import { createTicketSimulator } from '../../../plugins/sandbox/dialects/ticket.ts'
import type { Active } from '../../../plugins/sandbox/faults.ts'
import { waterworks } from '../../helper/museum-connector.ts'

const ISSUER = 'https://hub.example'
const AUDIENCE = 'museum'
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const secret = 'a-shared-secret-of-more-than-32-bytes'

function signerOf(options: SignedTicketOptions, credentials: Record<string, string>, subjectOf?: SignerContext['subjectOf']) {
  const context = { baseUrl: 'http://127.0.0.1/api', credentials: { issuer: ISSUER, audience: AUDIENCE, ...credentials }, subjectOf }
  return signedTicket(options).createSigner(context as unknown as SignerContext)
}
const call = { sid: 'museum.bookings', method: 'POST' as const, params: { date: '2026-01-01' }, userId: 'user-1' }
const header = ({ headers }: SignedRequest) => headers['X-Ticket'] ?? ''
const issue = async (credentials: Record<string, string>, options: SignedTicketOptions = {}) =>
  header(await signerOf(options, credentials, () => 'account-1').sign(call))

t.test('what a ticket says', async (t) => {
  const ticket = await issue({ privateKey: pem(ec.privateKey) })
  const { payload, protectedHeader } = await jwtVerify(ticket, ec.publicKey, { issuer: ISSUER, audience: AUDIENCE, maxTokenAge: 60 })
  t.strictSame(protectedHeader, { alg: 'ES256', typ: 'JWT' })
  t.strictSame(Object.keys(payload).sort(), ['aud', 'exp', 'iat', 'iss', 'jti', 'purpose', 'sub'])
  t.match(payload, { sub: 'account-1', purpose: 'museum.bookings' })
  t.equal((payload.exp ?? 0) - (payload.iat ?? 0), 60)
  t.not(decodeJwt(await issue({ privateKey: pem(ec.privateKey) })).jti, payload.jti, 'every call has a ticket of its own')
  const long = decodeJwt(await issue({ privateKey: pem(ec.privateKey) }, { lifeSeconds: 300 }))
  t.equal((long.exp ?? 0) - (long.iat ?? 0), 300)
})

t.test('the key decides the algorithm', async (t) => {
  const tickets: [string, string, KeyObject | Uint8Array][] = [
    ['RS256', await issue({ privateKey: pem(rsa.privateKey) }), rsa.publicKey],
    ['HS256', await issue({ secret }, { key: 'shared' }), Buffer.from(secret)],
  ]
  for (const [alg, ticket, key] of tickets) {
    t.equal(decodeProtectedHeader(ticket).alg, alg)
    t.match((await jwtVerify(ticket, key, { issuer: ISSUER, audience: AUDIENCE, algorithms: [alg] })).payload, { sub: 'account-1' }, alg)
  }
})

t.test('where it travels', async (t) => {
  const credentials = { privateKey: pem(ec.privateKey) }
  const sign = async (options: SignedTicketOptions, method: 'GET' | 'POST' = 'POST') =>
    signerOf(options, credentials, () => 'a').sign({ ...call, method })
  t.match((await sign({ name: 'Authorization', scheme: 'Bearer' })).headers['Authorization'], /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/)
  t.match((await sign({ carrier: 'query' })).path, /^\/api\/museum\.bookings\?ticket=[\w.-]+$/)
  const { body, headers, path } = await sign({ carrier: 'body', name: 'piao' })
  t.match(JSON.parse(body ?? ''), { date: '2026-01-01', piao: /^[\w-]+\.[\w-]+\.[\w-]+$/ })
  t.notOk('X-Ticket' in headers || path.includes('?'))
  t.match((await sign({ carrier: 'body' }, 'GET')).path, /&ticket=/)
})

const noOpenssl = process.env['CI'] !== 'true' && spawnSync('openssl', ['version']).status !== 0 && 'openssl is not installed'

t.test('the OpenSSL command line agrees', { skip: noOpenssl }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-ticket-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const [name, { privateKey, publicKey }] of Object.entries({ ec, rsa })) {
    const [head, claims, signature = ''] = (await issue({ privateKey: pem(privateKey) })).split('.')
    const raw = Buffer.from(signature, 'base64url')
    const [key, file] = [join(folder, `${name}.pem`), join(folder, `${name}.sig`)]
    writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }))
    writeFileSync(file, name === 'ec' ? toDer(raw) : raw)
    const verify = (input: string) => spawnSync('openssl', ['dgst', '-sha256', '-verify', key, '-signature', file], { input }).status
    t.equal(verify(`${head}.${claims}`), 0, name)
    t.equal(verify(`${head}.${claims}x`), 1, `${name}, altered`)
  }
})

/** r‖s as ASN.1, which is how OpenSSL wants it. */
function toDer(raw: Buffer): Buffer {
  const integer = (part: Buffer) => {
    const digits = part.subarray(
      Math.max(
        0,
        part.findIndex((byte) => byte !== 0),
      ),
    )
    const value = (digits[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), digits]) : digits
    return Buffer.concat([Buffer.of(0x02, value.length), value])
  }
  const body = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))])
  return Buffer.concat([Buffer.of(0x30, body.length), body])
}

t.test('mistakes in options and credentials stop the start, and quote no secret', async (t) => {
  for (const lifeSeconds of [0, 301, 1.5, Number.NaN]) t.throws(() => signedTicket({ lifeSeconds }), /between 1 and 300/)
  t.throws(() => signerOf({ key: 'shared' }, { secret: 'short' }), /at least 32 bytes/)
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  for (const key of [p384, short]) t.throws(() => signerOf({}, { privateKey: pem(key) }), /P-256 or RSA of at least 2048/)
  t.throws(() => signerOf({}, { privateKey: 'marked-secret' }), { message: 'signed-ticket: the private key is not a PEM private key' })
  await t.rejects(async () => signerOf({}, { privateKey: pem(ec.privateKey) }).sign(call), /no way to name the user/)
})

t.test('whom a ticket names', async (t) => {
  const vault = createVault(Buffer.alloc(32, 7))
  const account = (externalId: string, state: Account['state'] = 'active') => ({ id: 'a', externalId, state }) as Account
  const accounts = (id: string): Pick<ConnectorDeclaration, 'id' | 'accounts'> => ({ id, accounts: waterworks.accounts as never })
  const named = (bound: Account[], connector = accounts('museum'), userId = 'user-1') =>
    Promise.resolve(ticketSubject(vault, { list: async () => bound, touch() {} }, connector)(userId))

  t.equal(await named([account('visitor-7')]), 'visitor-7')
  const pseudonym = await named([])
  t.match(pseudonym, /^[0-9a-f]{64}$/)
  t.equal(await named([]), pseudonym, 'always the same')
  t.equal(await named([], { id: 'museum' }), pseudonym, 'as in a connector without accounts')
  t.not(await named([], accounts('library')), pseudonym, 'nobody’s at another agency')
  t.not(await named([], accounts('museum'), 'user-2'), pseudonym)
  for (const number of ['411003198512310006', '41100219900101000X', '41100219900101000x', 'ID-411003198512310006'])
    t.equal(/\d{17}/.test(await named([account(number)])), false, 'never an id number')
  await t.rejects(named([account('visitor-7', 'suspended')]), { code: 'HUB_ACCOUNT_SUSPENDED' })
  await t.rejects(named([account('visitor-7', 'reauthorise')]), { code: 'HUB_ACCOUNT_REAUTHORISE' })
  const system = decodeJwt(header(await signerOf({}, { privateKey: pem(ec.privateKey) }).sign({ sid: 's', method: 'GET', params: {} })))
  t.equal(system.sub, ISSUER, 'without a user, the hub itself')
})

t.test('what the agency refuses', async (t) => {
  const simulator = createTicketSimulator()
  const { issuer = '', audience = '', privateKey = '', secret: shared = '' } = simulator.credentials
  const none: Active = new Map()
  const received = (ticket: string) => ({ method: 'GET', path: '/x', query: '', headers: { 'x-ticket': ticket }, body: '' })
  const admits = (ticket: string, options: SignedTicketOptions = {}) => 'params' in simulator.admit(received(ticket), options, none)
  const key = createPrivateKey(privateKey)
  const now = Math.floor(Date.now() / 1000)
  const claims = () => ({ iss: issuer, aud: audience, sub: 's', jti: randomUUID(), iat: now, exp: now + 60, purpose: 'x' })
  const sign = (change: object, by: KeyObject | Uint8Array = key, alg = 'ES256') =>
    new SignJWT({ ...claims(), ...change }).setProtectedHeader({ alg }).sign(by)

  const good = await sign({})
  t.equal(admits(good), true)
  t.equal(admits(good), false, 'replayed')
  t.equal(admits(await sign({ iat: now - 100, exp: now - 40 })), false, 'expired')
  t.equal(admits(await sign({ iat: now + 100, exp: now + 160 })), false, 'of the future')
  t.equal(admits(await sign({ exp: now + 3600 })), false, 'good for too long')
  t.equal(admits(await sign({ exp: undefined })), false, 'without an end')
  t.equal(admits(await sign({ aud: 'another' })), false, 'for another agency')
  t.equal(admits(await sign({ iss: 'another' })), false, 'of another hub')
  t.equal(admits(await sign({ jti: undefined })), false, 'without an id')
  t.equal(admits(await sign({ sub: '' })), false, 'about nobody')
  t.equal(admits(await sign({}, ec.privateKey)), false, 'forged with another key')

  const [head = '', , signature = ''] = (await sign({})).split('.')
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  t.equal(admits(`${head}.${encode({ ...claims(), sub: 'somebody-else' })}.${signature}`), false, 'altered')
  t.equal(admits(`${encode({ alg: 'none' })}.${encode(claims())}.`), false, 'unsigned')
  const confused = `${encode({ alg: 'HS256' })}.${encode(claims())}`
  const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
  t.equal(admits(`${confused}.${createHmac('sha256', publicPem).update(confused).digest('base64url')}`), false, 'public key as a secret')
  t.equal(admits(await sign({}, Buffer.from(shared), 'HS256')), false, 'signed with a secret where a key is agreed')
  t.equal(admits(await sign({}, Buffer.from(shared), 'HS256'), { key: 'shared' }), true)
  for (const text of ['', 'x', 'a.b', 'a.b.c.d', '..', 'bnVsbA.bnVsbA.'] as const) t.equal(admits(text), false, text)
  t.equal(simulator.serviceOf?.(received(await sign({ purpose: 'museum.orders' })), {}), 'museum.orders', 'it opens that service alone')
})
