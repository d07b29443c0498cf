import t from 'tap'
import { signedString } from '../../../core/connector.ts'
import { bgForm } from '../../../core/dialects/bg-hmac.ts'
import { hmacNonceForm } from '../../../core/dialects/hmac-nonce.ts'
import { checkSigning } from '../../../core/dialects/signing-check.ts'
import { credentialsOf, type SigningForm } from '../../../core/dialects/signing-form.ts'
import { tifForm } from '../../../core/dialects/tif.ts'
import type { DeclarationError } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { buildRegistry } from '../../../plugins/registry.ts'
import { librarySignature } from '../../helper/library-signature.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { signingForms } from '../../helper/signing-forms.ts'

const sound: SigningForm = {
  parts: ['method', 'path', 'query', 'time', 'nonce', 'bodyHash'],
  digest: { hmac: 'sha256' },
  place: { headers: { 'X-App': '{keyId}', 'X-Time': '{time}', 'X-Nonce': '{nonce}', 'X-Sign': '{signature}' } },
}
const headers = sound.place.headers ?? {}
const only = (change: Partial<SigningForm>) => checkSigning({ ...sound, ...change })
const placed = (more: SigningForm['place']) =>
  only({ place: { headers: { ...headers, ...more.headers }, ...(more.body ? { body: more.body } : {}) } })

t.test('the forms that the hub knows are sound', async (t) => {
  const declared = [librarySignature, ...Object.values(signingForms)].map(({ options }) => options as SigningForm)
  for (const form of [sound, bgForm(), tifForm(), hmacNonceForm(), hmacNonceForm({ carriers: ['body', 'query'] }), ...declared]) {
    t.strictSame(checkSigning(form), [])
  }
})

t.test('each mistake is named', async (t) => {
  const cases: [string, string[], RegExp][] = [
    ['nothing signed', only({ parts: [] }), /^nothing is signed$/],
    ['for ever', only({ parts: ['method', 'path'], place: { headers: { sign: '{signature}' } } }), /^neither time nor nonce is signed/],
    [
      'a reason that is none',
      only({ parts: ['method'], weakness: ' ', place: { headers: { sign: '{signature}' } } }),
      /^neither time nor nonce is signed/,
    ],
    ['a reason too many', only({ weakness: '对方不支持' }), /^weakness is for forms that leave something open/],
    ['a digest without a key', only({ digest: { hash: 'md5' } }), /^a plain digest needs the key/],
    ['a private key signed', only({ digest: { sm2: 'rs' }, parts: ['key', 'time', 'nonce'] }), /^a private key is no part/],
    [
      'no place for the signature',
      only({ place: { headers: { 'X-Time': '{time}', 'X-Nonce': '{nonce}' } } }),
      /^the signature is sent nowhere$/,
    ],
    [
      'a time that is kept',
      only({ place: { headers: { 'X-Nonce': '{nonce}', 'X-Sign': '{signature}' } } }),
      /^the time is signed but sent nowhere$/,
    ],
    ['a nonce for show', only({ parts: ['path', 'time'] }), /^the nonce is sent but not signed/],
    [
      'a hash for show',
      checkSigning({ ...sound, parts: ['time', 'nonce'], place: { headers: { ...headers, Digest: '{bodyHash}' } } }),
      /^the bodyHash is sent but not/,
    ],
    ['a hash in its body', placed({ body: { hash: '{bodyHash}' } }), /^hash: a hash of the body cannot travel in it$/],
    ['a signature in what it signs', placed({ body: { sign: '{signature}' } }), /^sign: a signature of the body cannot travel in it$/],
    ['a header twice', placed({ headers: { 'x-time': '{time}' } }), /^x-time: duplicate header$/],
    ["the hub's own header", placed({ headers: { 'Content-Type': 'text/plain' } }), /^Content-Type: the hub writes this header itself$/],
    ['not a name', placed({ headers: { 'X Time': '{time}' } }), /^X Time: not a header's name$/],
    ['Chinese in a header', placed({ headers: { 'X-Unit': '图书馆' } }), /^X-Unit: a header holds printable ASCII only$/],
    ['a line too many', placed({ headers: { 'X-Unit': 'a\nb' } }), /^X-Unit: a header holds printable ASCII only$/],
    [
      'a header that is not sent',
      only({ parts: [...sound.parts, { header: 'X-Other' }] }),
      /^x-other: a header that is signed but not sent$/,
    ],
    [
      'a header that signs itself',
      only({ parts: [...sound.parts, { header: 'X-Sign' }] }),
      /^x-sign: a header cannot be signed that holds the signature$/,
    ],
    ['an unknown credential', only({ parts: [...sound.parts, { credential: 'unit' }] }), /^no such credential: unit$/],
    ['an unknown value', placed({ headers: { 'X-Unit': '{unit}' } }), /^X-Unit: unknown value \{unit\}$/],
    ['the secret itself', placed({ headers: { 'X-Key': '{key}' } }), /^X-Key: unknown value \{key\}$/],
    ['two in one', placed({ headers: { 'X-Both': '{time}{nonce}' } }), /^X-Both: two values with nothing between them/],
    ['a name that is taken', only({ credentials: { time: { title: '时间', secret: false } } }), /^time: this name means something else/],
    ['a credential twice', only({ credentials: { appId: { title: '应用编号', secret: false } } }), /^appId: duplicate credential$/],
    ['any time will do', only({ time: { format: 's', skewSeconds: 86_400 } }), /^time\.skewSeconds must lie/],
    ['no time will do', only({ time: { format: 's', skewSeconds: Number.NaN } }), /^time\.skewSeconds must lie/],
    ['a nonce that repeats', only({ nonce: { hexBytes: 1 } }), /^nonce\.hexBytes must lie/],
  ]
  for (const [what, found, expected] of cases) {
    t.equal(found.length, 1, `${what}: ${found.join('; ')}`)
    t.match(found[0], expected, what)
  }
})

t.test('a form that leaves something open says why', async (t) => {
  const form: Partial<SigningForm> = { parts: ['path', 'keyId'], place: { headers: { app: '{keyId}', sign: '{signature}' } } }
  t.strictSame(only({ ...form, weakness: '对方的旧系统不核对时间' }), [])
  t.strictSame(only({ parts: ['path', 'time'], weakness: '对方要随机数，却不签' }), [])
  t.match(only({ parts: ['path', 'time'], weakness: ' ' }), [/^the nonce is sent but not signed: .*; say why in weakness$/])
  t.strictSame(checkSigning(hmacNonceForm({ order: ['timestamp'] })), [])
})

t.test('mistakes stop the start, by connector and system', async (t) => {
  const dialect = signedString({ ...sound, place: { headers: { 'X-Sign': '{signature}' } } })
  const base = minimalConnector()
  try {
    buildRegistry([{ ...base, upstream: { ...base.upstream, dialect } }], {}, kinds)
    t.fail('started')
  } catch (error) {
    t.strictSame((error as DeclarationError).violations, [
      'demo.dialect: the time is signed but sent nowhere',
      'demo.dialect: the nonce is signed but sent nowhere',
    ])
  }
})

t.test('credentials follow from the form', async (t) => {
  t.strictSame(librarySignature.credentials, {
    appId: { title: '应用编号', secret: false },
    appSecret: { title: '应用密钥', secret: true },
  })
  t.strictSame(credentialsOf({ ...sound, digest: { sm2: 'der' }, place: { headers: { s: '{signature}' } } }), {
    privateKey: { title: '签名私钥', secret: true },
  })
  t.strictSame(Object.keys(signingForms.body.credentials), ['appId', 'unit', 'appSecret'])
  t.equal(signedString(sound).name, signedString({ ...sound }).name, 'one form, one account in the sandbox')
  t.not(signedString(sound).name, librarySignature.name)
})

/** Never called: `tsc` reads it, and a line that compiles against expectation fails the check. */
export function whatTheCompilerSees(): void {
  const digest = { hmac: 'sha256' } as const
  const place = { headers: { 'X-Time': '{time}', 'X-Sign': 'v1 {signature}' } } as const
  const unit = { unit: { title: '单位编号', secret: false } } as const
  signedString({ parts: ['time', { credential: 'unit' }], digest, place, credentials: unit })
  signedString({ parts: ['time'], digest, place: { headers: { ...place.headers, 'X-Unit': '{unit}' } }, credentials: unit })
  // @ts-expect-error an unknown part
  signedString({ parts: ['time', 'url'], digest, place })
  // @ts-expect-error a credential that the form doesn't declare
  signedString({ parts: ['time', { credential: 'unit' }], digest, place })
  // @ts-expect-error another credential than the declared one
  signedString({ parts: ['time', { credential: 'dept' }], digest, place, credentials: unit })
  // @ts-expect-error an unknown value in a template
  signedString({ parts: ['time'], digest, place: { headers: { 'X-Sign': '{signatur}', 'X-Time': '{time}' } } })
  // @ts-expect-error the key never travels
  signedString({ parts: ['time'], digest, place: { headers: { 'X-Sign': '{signature}', 'X-Key': 'a {key}' } } })
  // @ts-expect-error an unknown place
  signedString({ parts: ['time'], digest, place: { cookies: { sign: '{signature}' } } })
  // @ts-expect-error an unknown digest
  signedString({ parts: ['time'], digest: { hmac: 'md4' }, place })
  // @ts-expect-error an unknown format of time
  signedString({ parts: ['time'], digest, place, time: { format: 'unix', skewSeconds: 300 } })
  // @ts-expect-error no place at all
  signedString({ parts: ['time'], digest })
}
