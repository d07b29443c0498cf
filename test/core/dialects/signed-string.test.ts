import { spawnSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { canonicalQuery, createDigest } from '../../../core/dialects/signing-string.ts'
import { readTime, templateReader, writeTime } from '../../../core/dialects/signing-values.ts'
import { verifySm2 } from '../../../core/dialects/sm2.ts'
import { readSm2PrivateKey } from '../../../core/dialects/sm2-keys.ts'
import type { DialectDeclaration, Outgoing, SignedRequest, SignerContext } from '../../../core/upstream/dialect.ts'
import { librarySignature } from '../../helper/library-signature.ts'
import { signingForms } from '../../helper/signing-forms.ts'

/** The standard's published example key (GB/T 32918.5), which is nobody's. */
const SM2_KEY = '3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8'
const secret = '密钥 0123456789'
const credentials = {
  appId: 'demo-app',
  appSecret: secret,
  partner: 'demo-partner',
  partnerSecret: secret,
  unit: 'demo-unit',
  privateKey: SM2_KEY,
}
const baseUrl = 'https://library.example:8443/gw/'

async function sign(dialect: DialectDeclaration, outgoing: Outgoing): Promise<SignedRequest> {
  return dialect.createSigner({ baseUrl, credentials } as unknown as SignerContext).sign(outgoing)
}

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const params = fc.dictionary(
  text.filter((name) => !['partner', 'timestamp', 'v', 'sign', 'digest', '__proto__'].includes(name)),
  text,
  { maxKeys: 8 },
)
const outgoing: fc.Arbitrary<Outgoing> = fc.record({
  sid: fc.constantFrom('demo.look-up', '图书'),
  method: fc.constantFrom('GET' as const, 'POST' as const),
  params,
})
const everyCall = (check: (call: Outgoing) => Promise<boolean>) => fc.assert(fc.asyncProperty(outgoing, check), { numRuns: 150 })

const hex = (algorithm: string, input: string) => createHash(algorithm).update(input).digest('hex')
/** As it stands on the wire: a URL would rewrite some of it. */
function parts({ path }: SignedRequest) {
  const [pathname = '', search = ''] = path.split('?', 2)
  return { pathname, search, searchParams: new URLSearchParams(search) }
}

// A second reading of each form, written out by hand, without a line of the dialect's own.
t.test('what is signed is what the form says, for any call', async () => {
  await everyCall(async (call) => {
    const { method, path, headers, body } = await sign(librarySignature, call)
    const [time = '', nonce = ''] = [headers['X-Time'], headers['X-Nonce']]
    const signed = [method, path.split('?')[0], time, nonce, hex('sha256', body ?? '')].join('\n')
    const expected = createHmac('sha256', secret).update(signed).digest('hex')
    return headers['Authorization'] === `HMAC-SHA256 appId=demo-app, signature=${expected}` && /^[0-9a-f]{32}$/.test(nonce)
  })
  await everyCall(async (call) => {
    const { searchParams } = parts(await sign(signingForms.query, call))
    const given = searchParams.get('sign')
    searchParams.delete('sign')
    const code = (one: string, other: string) => (one === other ? 0 : one < other ? -1 : 1)
    const sorted = [...searchParams].sort(([one], [other]) => code(one, other)).map((pair) => pair.join('='))
    return given === hex('sha1', secret + sorted.join('&') + secret).toUpperCase() && searchParams.get('partner') === 'demo-partner'
  })
  await everyCall(async (call) => {
    const request = await sign(signingForms.body, { ...call, params: {} })
    const sent: Record<string, string> = request.body === null ? Object.fromEntries(parts(request).searchParams) : JSON.parse(request.body)
    const { sign: given, ...rest } = sent
    return (
      given ===
        hex(
          'md5',
          `${Object.entries(rest)
            .map((pair) => pair.join('='))
            .join('&')}&key=${secret}`,
        ) && rest['service'] === call.sid
    )
  })
  await everyCall(async (call) => {
    const { method, path, headers, body } = await sign(signingForms.whole, call)
    const { search, pathname } = parts({ method, path, headers, body })
    const lines = [method, pathname, search, headers['X-Ts'], body ?? '']
    const digest = createHash('md5')
      .update(body ?? '')
      .digest('base64url')
    return search.endsWith(`digest=${digest}`) && headers['X-Sig'] === createHmac('sm3', secret).update(lines.join('\n')).digest('base64')
  })
  const key = readSm2PrivateKey(SM2_KEY).publicKey
  await fc.assert(
    fc.asyncProperty(outgoing, async (call) => {
      const { method, path, headers, body } = await sign(signingForms.sm2, call)
      const { search, pathname } = parts({ method, path, headers, body })
      const [, id, nonce, given = ''] = /^SM2 id="(.*)",nonce="(.*)",signature="(.*)"$/.exec(headers['Authorization'] ?? '') ?? []
      const query = search
        .split('&')
        .map((pair) => pair.split('='))
        .sort(([one = ''], [other = '']) => (one < other ? -1 : 1))
      const hash = body === null ? '' : createHash('sm3').update(body).digest('base64')
      const lines = [
        method,
        pathname,
        query.map((pair) => pair.join('=')).join('&'),
        'host: library.example:8443',
        `date: ${headers['Date']}`,
      ]
      lines.push(headers['content-type'] ?? '', `sm3=${hash}`, nonce ?? '', 'v1')
      const signed = `${lines.filter((line) => line !== '').join('\n')}\n`
      return id === 'demo-app' && verifySm2(Buffer.from(signed), Buffer.from(given, 'base64url'), key)
    }),
    { numRuns: 15 },
  )
})

t.test('the order in which parameters are given never changes the string', async () => {
  const pairs = fc.array(fc.tuple(text, text), { maxLength: 8 })
  const shuffled = pairs.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })))
  const write = (given: [string, string][]) => given.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
  const forms = (['by-name', 'by-pair'] as const).flatMap((query) =>
    (['encoded', 'plain'] as const).map((written) => ({ query, text: written })),
  )
  fc.assert(
    fc.property(shuffled, fc.constantFrom(...forms), ([given, other], form) => {
      return canonicalQuery(write(given), form) === canonicalQuery(write(other), form)
    }),
  )
})

t.test('the two orders differ where a name begins another', async (t) => {
  const search = 'a1=x&b=&a=%E8%B4%BE%20&a=%26'
  t.equal(canonicalQuery(search), 'a=%26&a=%E8%B4%BE%20&a1=x&b=')
  t.equal(canonicalQuery(search, { query: 'by-pair' }), 'a1=x&a=%26&a=%E8%B4%BE%20&b=')
  t.equal(canonicalQuery(search, { query: 'by-name', text: 'plain' }), 'a=&&a=贾 &a1=x&b=')
  t.equal(canonicalQuery(search, { query: 'as-sent' }), search)
  t.equal(canonicalQuery('flag&=x&&c=d=e'), '=x&c=d=e&flag=', 'nothing that is sent is left out')
})

t.test('times and templates are read as they are written, and nothing else is', async (t) => {
  const at = fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 })
  for (const format of ['s', 'ms', 'rfc1123', 'beijing'] as const) {
    const unit = format === 'ms' ? 1 : 1000
    fc.assert(fc.property(at, (time) => readTime(writeTime(time, format), format) === Math.floor(time / unit) * unit))
    for (const wrong of ['', '0', 'yesterday', '17000000000', '20231301000000', 'Tue, 14 Nov 2023 22:13:20'])
      t.ok(Number.isNaN(readTime(wrong, format)), wrong)
  }
  t.equal(writeTime(1_700_000_000_000, 'beijing'), '20231115061320')
  t.equal(writeTime(1_700_000_000_000, 'rfc1123'), 'Tue, 14 Nov 2023 22:13:20 GMT')
  const read = templateReader('HMAC-SHA256 (a.b)={keyId}, c={signature}')
  t.strictSame(read('HMAC-SHA256 (a.b)=x, c=y='), { keyId: 'x', signature: 'y=' })
  t.equal(read('HMAC-SHA256 (aXb)=x, c=y='), null)
})

const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const vector = `GET\n/gw/books\n1700000000\n00112233445566778899aabbccddeeff\n${nothing}`

// Computed with the OpenSSL 3.0 command line over `vector`, not issued by any agency: openssl dgst -<digest> -hmac demoSecret.
t.test('known answers', async (t) => {
  const of = (digest: Parameters<typeof createDigest>[0]['digest'], encoding: 'hex' | 'HEX' | 'base64' | 'base64url') =>
    createDigest({ digest, encoding }, 'demoSecret').of(vector)
  const answers = {
    sha256: '7af93e2918927eeeb54da4274545b4ce629126d9c13f0844ea0895d10b226084',
    sha1: '8ef314671cb339f4ab02c2cb2d67b0475bf97a10',
    sm3: '1422fa47b2007a1247f5af956d2c8e0c913deeb96a63becb05aa70adae55133c',
  }
  for (const algorithm of ['sha256', 'sha1', 'sm3'] as const) {
    const answer = answers[algorithm]
    t.equal(of({ hmac: algorithm }, 'hex'), answer)
    t.equal(of({ hmac: algorithm }, 'HEX'), answer.toUpperCase())
    t.equal(of({ hmac: algorithm }, 'base64'), Buffer.from(answer, 'hex').toString('base64'))
    t.equal(of({ hmac: algorithm }, 'base64url'), Buffer.from(answer, 'hex').toString('base64url'))
  }
  t.equal(
    createDigest({ digest: { hash: 'sm3' }, encoding: 'hex' }, '').of('abc'),
    '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    'GB/T 32905 appendix A',
  )
  t.equal(
    createDigest({ digest: { hmac: 'sm3' }, encoding: 'hex' }, 'key').of('data'),
    '88a5a14b0fcf4a8a7b0c5084b8ee36e70efca4e8467fa264c3231bf16463b425',
    'standards §4.5',
  )
  const r = 'F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3'
  const s = 'B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA'
  const sm2 = createDigest({ digest: { sm2: 'rs' }, encoding: 'HEX' }, SM2_KEY)
  t.ok(sm2.fits('message digest', r + s), 'GB/T 32918.5')
  t.notOk(sm2.fits('message digesT', r + s))
  t.notOk(sm2.fits('message digest', `${r}${s}`.toLowerCase()), 'another way of writing is another signature')
})

const noOpenssl = process.env['CI'] !== 'true' && spawnSync('openssl', ['version']).status !== 0 && 'openssl is not installed'

t.test('the OpenSSL command line agrees on whole requests', { skip: noOpenssl }, async (t) => {
  const { headers, body } = await sign(librarySignature, {
    sid: 'loans',
    method: 'POST',
    params: { zjhm: '410000000000000000', xm: '贾明' },
  })
  const openssl = (input: string, ...args: string[]) =>
    spawnSync('openssl', ['dgst', '-sha256', ...args, '-r'], { input })
      .stdout.toString()
      .slice(0, 64)
  const signed = `POST\n/gw/loans\n${headers['X-Time']}\n${headers['X-Nonce']}\n${openssl(body ?? '')}`
  t.equal(headers['Authorization'], `HMAC-SHA256 appId=demo-app, signature=${openssl(signed, '-hmac', secret)}`)
})

t.test('the document quotes the example that the compiler has seen', async (t) => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
  const [, example = ''] = read('../../helper/library-signature.ts').split('a test compares.\n')
  t.ok(example.length > 100 && read('../../../docs/dialects.md').includes(`\`\`\`ts\n${example}\`\`\``))
})
