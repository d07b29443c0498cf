import { createDecipheriv, createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { sm2 } from 'sm-crypto-v2'
import t from 'tap'
import { dialectNames } from '../../cli/verify/dialects.ts'

/** Every vector of docs/agency-vectors.json, computed from its inputs by what the agency has: no line of the hub's cryptography. */
interface Vector {
  dialect: string
  title: string
  inputs: Record<string, string>
  stringToSign: string
  signature: string
  travels: Record<string, string>
}
const { vectors } = JSON.parse(readFileSync(new URL('../../docs/agency-vectors.json', import.meta.url), 'utf8')) as { vectors: Vector[] }

const hmac = (algorithm: string, key: string, text: string) => createHmac(algorithm, key).update(text)
const hash = (algorithm: string, text: string) => createHash(algorithm).update(text)

/** → the string to sign and the signature, as the guide words it. */
const recompute: Record<string, (vector: Vector) => { text: string; signature: string }> = {
  exchange({ title, inputs }) {
    const { appKey = '', secret = '' } = inputs
    if (title.includes('加密')) return { text: secret, signature: wrapped(secret, appKey) }
    const text = `${inputs['service id (sid)']}${inputs['requester id (rid)']}${inputs['time (rtime, ms)']}`
    return { text, signature: hmac(title.includes('SM3') ? 'sm3' : 'sha256', secret, text).digest('base64') }
  },
  'two-secret'({ inputs }) {
    const text = `${inputs['appKey']}${inputs['requestSecret']}${inputs['requestTime']}`
    return { text, signature: hash('md5', text).digest('hex') }
  },
  'bg-hmac'({ inputs }) {
    const [method = '', url = ''] = String(inputs['request']).split(' ')
    const [path, query = ''] = url.split('?')
    const sorted = query.split('&').map(decodeURIComponent).sort().join('&')
    const text = `${method}\n${path}\n${sorted}\n${inputs['key id']}\n${inputs['time']}\n`
    return { text, signature: hmac('sha256', String(inputs['key']), text).digest('base64') }
  },
  tif({ inputs }) {
    const text = `${inputs['time']}${inputs['key']}${inputs['nonce']}${inputs['time']}`
    return { text, signature: hash('sha256', text).digest('hex').toUpperCase() }
  },
  'hmac-nonce'({ title, inputs }) {
    const text = `${inputs['key id']}${inputs['time']}${inputs['nonce']}`
    const isSm3 = title.includes('SM3')
    return { text, signature: hmac(isSm3 ? 'sm3' : 'sha256', String(inputs['key']), text).digest(isSm3 ? 'hex' : 'base64') }
  },
  'signed-string'({ inputs }) {
    const digest = hash('sha256', String(inputs['body'])).digest('hex')
    const text = [...String(inputs['request']).split(' '), inputs['time'], inputs['nonce'], digest].join('\n')
    return { text, signature: hmac('sha256', String(inputs['key']), text).digest('hex') }
  },
  'signed-ticket'({ inputs }) {
    const text = [inputs['header'], inputs['claims']].map((part) => Buffer.from(String(part)).toString('base64url')).join('.')
    return { text, signature: hmac('sha256', String(inputs['secret']), text).digest('base64url') }
  },
  'oauth2-client-credentials'({ inputs }) {
    const encode = (value = '') => encodeURIComponent(value).replaceAll('%20', '+')
    const text = `${encode(inputs['clientId'])}:${encode(inputs['clientSecret'])}`
    return { text, signature: `Basic ${btoa(text)}` }
  },
  basic({ inputs }) {
    const text = `${inputs['username']}:${inputs['password']}`
    return { text, signature: `Basic ${Buffer.from(text, 'utf8').toString('base64')}` }
  },
  'api-key': ({ inputs }) => ({ text: '', signature: String(inputs['apiKey']) }),
}

/** Opened rather than sealed: what comes out is the secret. */
function wrapped(secret: string, appKey: string): string {
  const sha1 = (bytes: Buffer) => createHash('sha1').update(bytes).digest()
  const sealed = vectors.find(({ title }) => title.includes('加密'))?.signature ?? ''
  const decipher = createDecipheriv('aes-128-ecb', sha1(sha1(Buffer.from(appKey))).subarray(0, 16), null)
  const opened = decipher.update(sealed, 'base64', 'utf8') + decipher.final('utf8')
  return opened === secret ? sealed : 'not opened'
}

t.test('every vector comes out the same from its inputs', async (t) => {
  for (const vector of vectors.filter(({ dialect }) => dialect !== 'sm2-sm4-envelope')) {
    const { title, stringToSign, signature, travels } = vector
    t.same(recompute[vector.dialect]?.(vector), { text: stringToSign, signature }, title)
    t.ok(
      Object.values(travels).some((value) => value.includes(signature)),
      `${title} travels`,
    )
  }
})

t.test('the envelope is verified and opened', async (t) => {
  const [vector] = vectors.filter(({ dialect }) => dialect === 'sm2-sm4-envelope')
  const { inputs = {}, travels = {}, stringToSign = '', signature = '' } = vector ?? {}
  const names = Object.keys(travels).filter((name) => name !== 'sign')
  t.equal(
    names
      .sort()
      .map((name) => `${name}=${travels[name]}`)
      .join('&'),
    stringToSign,
  )
  const hex = (text = '') => Buffer.from(text, 'base64').toString('hex')
  const publicKey = `04${inputs['SM2 public key of the hub']}`
  t.ok(sm2.doVerifySignature(stringToSign, hex(signature), publicKey, { hash: true, userId: '1234567812345678' }))
  t.notOk(sm2.doVerifySignature(`${stringToSign}0`, hex(signature), publicKey, { hash: true, userId: '1234567812345678' }))
  const key = sm2.doDecrypt(hex(travels['encKey']), String(inputs['SM2 private key of the agency']), 1, { output: 'array' })
  const decipher = createDecipheriv('sm4-cbc', Buffer.from(key), Buffer.from(String(travels['iv']), 'base64'))
  t.equal(decipher.update(String(travels['encData']), 'base64', 'utf8') + decipher.final('utf8'), inputs['plaintext'])
})

t.test('no dialect is without a vector, and the guide shows each', async (t) => {
  t.same(new Set(vectors.map(({ dialect }) => dialect)), new Set(dialectNames))
  const guide = readFileSync(new URL('../../docs/agencies.md', import.meta.url), 'utf8')
  for (const { stringToSign, signature } of vectors) for (const text of [stringToSign, signature]) t.ok(guide.includes(text))
})
