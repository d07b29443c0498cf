import { spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import t from 'tap'
import { basicAuthorization } from '../../../core/dialects/basic.ts'
import { type BgHmacOptions, bgForm } from '../../../core/dialects/bg-hmac.ts'
import { type HmacNonceOptions, hmacNonceForm } from '../../../core/dialects/hmac-nonce.ts'
import { clientAuthorization } from '../../../core/dialects/oauth2-client-credentials.ts'
import type { SigningForm } from '../../../core/dialects/signing-form.ts'
import { createDigest, queryPairs, stringToSign } from '../../../core/dialects/signing-string.ts'
import { tifForm } from '../../../core/dialects/tif.ts'
import { twoSecretSign } from '../../../core/dialects/two-secret.ts'
import { signatureOf } from '../../../plugins/platforms/signed-headers.ts'

const noBody = { method: 'GET', host: '', path: '', query: '', headers: {}, body: '' }
const signatureBy = (form: SigningForm, key: string, values: Record<string, string>, wire = noBody) =>
  createDigest(form, key).of(stringToSign(form, wire, { ...values, key }))

const tifSignature = (time: string, token: string, nonce: string) => signatureBy(tifForm(), token, { time, nonce })
const nonceSignature = ({ clientId, timestamp, nonce }: typeof nonceParts, key: string, options: HmacNonceOptions = {}) =>
  signatureBy(hmacNonceForm(options), key, { keyId: clientId, time: timestamp, nonce })
const bgQuery = (search: string, { query = 'plain' }: BgHmacOptions) => queryPairs(search, query)

// Standards §1.9: invented inputs.
const nonceParts = { clientId: 'demoClient', timestamp: '1700000000000', nonce: 'demoNonce' }
const bg = {
  method: 'POST',
  path: '/restapi/prod/IC33000020220329000007/uc/sso/access_token',
  accessKey: 'demoAK',
  secretKey: 'demoSK',
  date: 'Tue, 14 Nov 2023 22:13:20 GMT',
}

t.test('the vectors of standards §1.9', async (t) => {
  t.equal(twoSecretSign('demoKey', 'demoSecret', '1700000000000'), '00a923a4ccb4e57b59fb4ebc684d0731', 'two-secret')
  t.equal(signatureOf({ ...bg, query: bgQuery('', {}) }), '/N9Jg2lh4pew/2wrQXEbIDNsHeLaigdoXzmpvUiCMU8=', 'bg-hmac')
  t.equal(tifSignature('1700000000', 'demoToken', 'demoNonce'), '538989A8F88BFBCCF11BBABD6FABC32201C33D84DA464F64F6B025A65E38D17E', 'tif')
  t.equal(nonceSignature(nonceParts, 'demoSecret'), 'eRBxbvMy+YND36bVnFVk5v05unDBSvLS4vID1WnU/kc=', 'hmac-nonce')
})

t.test('the dialect signs as the shared function does, and as written out in the standard', async (t) => {
  const { method, path, accessKey: keyId, secretKey, date: time } = bg
  const wire = { ...noBody, method, path, query: 'zjhm=1&xm=%E8%B4%BE%20%E6%98%8E&zjhm1=0' }
  for (const query of ['plain', 'encoded'] as const) {
    const expected = signatureOf({ ...bg, query: bgQuery(wire.query, { query }) })
    t.equal(signatureBy(bgForm({ query }), secretKey, { keyId, time }, wire), expected, query)
  }
  const ampersand = [['a', 'x&0=1']] as const
  const text = `${method}\n${path}\na=x&0=1\n${keyId}\n${time}\n`
  t.equal(signatureOf({ ...bg, query: ampersand }), createHmac('sha256', secretKey).update(text).digest('base64'))
})

t.test('a published vector of a city (standards §1.4) is a form of three lines', async (t) => {
  const form: SigningForm = { parts: ['keyId', 'key', 'time'], separator: '', digest: { hash: 'sha1' }, encoding: 'hex', place: {} }
  const signature = signatureBy(form, 'testOnlyappSecret', { keyId: 'testOnlyAppKey', time: '1635478320000' })
  t.equal(signature, '89037df84706b6e4ebb58fde9d8f0cf94560b438')
  t.equal(
    signatureBy({ ...form, digest: { hash: 'md5' } }, 'demoSecret', { keyId: 'demoKey', time: '1700000000000' }),
    twoSecretSign('demoKey', 'demoSecret', '1700000000000'),
    "two-secret's digest is one too; its secrets, which end, are what makes it a dialect of its own",
  )
})

t.test('RFC 7617 §2 and §2.1, RFC 6749 §2.3.1', async (t) => {
  t.equal(basicAuthorization('Aladdin', 'open sesame'), 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
  t.equal(basicAuthorization('test', '123£'), 'Basic dGVzdDoxMjPCow==')
  t.equal(clientAuthorization('s6BhdRkqt3', 'gX1fBat3bV'), 'Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW')
  t.equal(clientAuthorization('a b', 'c:d'), `Basic ${Buffer.from('a+b:c%3Ad').toString('base64')}`)
})

t.test('a query string is signed sorted, as it is meant or as it is written', async (t) => {
  const search = 'zjhm=1&xm=%E8%B4%BE%20%E6%98%8E&zjhm=0'
  t.strictSame(
    [...bgQuery(search, {})],
    [
      ['zjhm', '1'],
      ['xm', '贾 明'],
      ['zjhm', '0'],
    ],
  )
  t.strictSame(
    [...bgQuery(search, { query: 'encoded' })],
    [
      ['zjhm', '1'],
      ['xm', '%E8%B4%BE%20%E6%98%8E'],
      ['zjhm', '0'],
    ],
  )
  const sorted = 'xm=%E8%B4%BE%20%E6%98%8E&zjhm=0&zjhm=1'
  t.equal(signatureOf({ ...bg, query: bgQuery(search, {}) }), signatureOf({ ...bg, query: bgQuery(sorted, {}) }))
  t.not(signatureOf({ ...bg, query: bgQuery(search, {}) }), signatureOf({ ...bg, query: bgQuery(search, { query: 'encoded' }) }))
})

const noOpenssl = process.env['CI'] !== 'true' && spawnSync('openssl', ['version']).status !== 0 && 'openssl is not installed'

t.test('the OpenSSL command line agrees', { skip: noOpenssl }, async (t) => {
  const digest = (algorithm: string, input: string, key?: string) => {
    const mac = key === undefined ? [] : ['-mac', 'HMAC', '-macopt', `key:${key}`]
    return spawnSync('openssl', ['dgst', `-${algorithm}`, ...mac, '-binary'], { input }).stdout
  }
  t.equal(twoSecretSign('应用', '密', '1'), digest('md5', '应用密1').toString('hex'))
  t.equal(tifSignature('1', '令牌', 'n'), digest('sha256', '1令牌n1').toString('hex').toUpperCase())
  const date = 'Tue, 14 Nov 2023 22:13:20 GMT'
  const text = `GET\n/a\nxm=贾 明&zjhm=0\ndemoAK\n${date}\n`
  t.equal(
    signatureOf({ ...bg, method: 'GET', path: '/a', query: bgQuery('zjhm=0&xm=贾%20明', {}) }),
    digest('sha256', text, 'demoSK').toString('base64'),
  )
  for (const algorithm of ['sha256', 'sm3'] as const) {
    const mac = digest(algorithm, 'demoNoncedemoClient1700000000000', '密')
    const form = { algorithm, order: ['nonce', 'clientId', 'timestamp'] as const }
    t.equal(nonceSignature(nonceParts, '密', { ...form, digest: 'HEX' }), mac.toString('hex').toUpperCase())
    t.equal(nonceSignature(nonceParts, '密', { ...form, digest: 'hex' }), mac.toString('hex'))
  }
})
