import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import { defaultForm, type ExchangePart, openSecret, sealSecret, secretKey, signature } from '../../../core/dialects/exchange-crypto.ts'
import { endOfDay, parseEndTime } from '../../../core/dialects/exchange-refresh.ts'

// Standards §1.9: invented inputs.
const parts = { sid: 's_demo_0001', rid: 'rid-demo', rtime: '1700000000000' }
const secret = '0123456789abcdef0123456789abcdef'
const sign = '3FNLAsj+Suui+iK/ynueff457rjH2AUAEcGSuzj8UXg='
const appKey = 'demo-appkey'
const aesKey = '184cf440a649665776dd4583990aeab1'
const sealed = 'ePaTBFu6g2FL6sAtu/o1NHj2kwRbuoNhS+rALbv6NTQ+LTwAr1G6PL5ou7ZtUHXN'

const openssl = (args: string[], input: string | Buffer) => spawnSync('openssl', args, { input }).stdout
const noOpenssl = process.env['CI'] !== 'true' && spawnSync('openssl', ['version']).status !== 0 && 'openssl is not installed'

t.test('the vectors of standards §1.9', async (t) => {
  t.equal(signature(parts, secret), sign)
  t.equal(secretKey(appKey).toString('hex'), aesKey)
  t.equal(openSecret(sealed, appKey), secret)
  t.equal(sealSecret(secret, appKey), sealed)
})

t.test('digests and order are options', async (t) => {
  const hex = Buffer.from(sign, 'base64').toString('hex')
  t.equal(signature(parts, secret, { ...defaultForm, digest: 'hex' }), hex)
  t.equal(signature(parts, secret, { ...defaultForm, digest: 'HEX' }), hex.toUpperCase())
  const orders: [ExchangePart, ExchangePart, ExchangePart][] = [
    ['sid', 'rid', 'rtime'],
    ['rid', 'sid', 'rtime'],
    ['rtime', 'rid', 'sid'],
  ]
  t.equal(new Set(orders.map((order) => signature(parts, secret, { ...defaultForm, order }))).size, 3)
})

t.test('the OpenSSL command line agrees', { skip: noOpenssl }, async (t) => {
  for (const algorithm of ['sha256', 'sm3'] as const) {
    const text = '测试服务请求方1700000000000'
    const mac = openssl(['dgst', `-${algorithm}`, '-mac', 'HMAC', '-macopt', `key:${secret}`, '-binary'], text).toString('base64')
    t.equal(signature({ sid: '测试服务', rid: '请求方', rtime: '1700000000000' }, secret, { ...defaultForm, algorithm }), mac, algorithm)
  }
  t.equal(openssl(['enc', '-aes-128-ecb', '-K', aesKey, '-a', '-A'], secret).toString(), sealed)
  const rolled = openssl(['dgst', '-sha1', '-binary'], openssl(['dgst', '-sha1', '-binary'], appKey))
  t.equal(rolled.toString('hex').slice(0, 32), aesKey)
})

t.test('what was sealed opens with the same app key and with no other', async (t) => {
  const word = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 80,
  })
  const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 })
  t.doesNotThrow(() => fc.assert(fc.property(word, key, (text, appKey) => openSecret(sealSecret(text, appKey), appKey) === text)))
  const others = fc.property(key, key, (one, other) => {
    fc.pre(!Buffer.from(one).equals(Buffer.from(other)))
    return throws(() => openSecret(sealSecret(secret, one), other))
  })
  t.doesNotThrow(() => fc.assert(others))
})

t.test('garbage never becomes a secret', async (t) => {
  for (const bad of ['', 'not base64 at all', sealed.slice(0, 20), sealSecret('', appKey), sealSecret('两个字', appKey)]) {
    t.throws(() => openSecret(bad, appKey), bad)
  }
})

t.test('end times', async (t) => {
  const now = Date.parse('2026-03-01T10:00:00+08:00')
  const at = Date.parse('2026-03-01T23:59:59+08:00')
  for (const text of [
    at,
    at / 1000,
    String(at),
    String(at / 1000),
    ' 2026-03-01 23:59:59 ',
    '2026/03/01 23:59:59',
    '2026-03-01 23:59:59.000',
    '20260301235959',
    '2026-03-01T23:59:59',
    '2026-03-01T23:59:59+08:00',
    '2026-03-01T23:59:59.000+0800',
    '2026-03-01T15:59:59Z',
  ]) {
    t.equal(parseEndTime(text, now), at, JSON.stringify(text))
  }
  for (const text of [undefined, null, '', '永久', '-1', {}, true, '2026-13-01 00:00:00', '2026-03-01', '20260301']) {
    t.equal(parseEndTime(text, now), at + 999, JSON.stringify(text))
  }
  t.equal(endOfDay(Date.parse('2026-03-01T15:59:59.999Z')), Date.parse('2026-03-01T23:59:59.999+08:00'), 'last moment of the day')
  t.equal(endOfDay(Date.parse('2026-03-01T16:00:00Z')), Date.parse('2026-03-02T23:59:59.999+08:00'), 'first moment of the next')
})

t.test('every way of writing a time reads back as that time', async (t) => {
  const second = fc.integer({ min: 1_000_000_000, max: 4_000_000_000 })
  const everyForm = fc.property(second, (second) => {
    const ms = second * 1000
    const local = new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19)
    const forms = [second, ms, String(ms), `${local}+08:00`, local.replace('T', ' '), local.replace(/\D/g, ''), new Date(ms).toISOString()]
    return forms.every((form) => parseEndTime(form, 0) === ms)
  })
  t.doesNotThrow(() => fc.assert(everyForm))
  t.doesNotThrow(() => fc.assert(fc.property(fc.anything(), (value) => Number.isFinite(parseEndTime(value, 0)))))
})

function throws(work: () => unknown): boolean {
  try {
    work()
    return false
  } catch {
    return true
  }
}
