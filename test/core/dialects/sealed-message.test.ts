import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { pino } from 'pino'
import { sm2 } from 'sm-crypto-v2'
import t from 'tap'
import { openMessage, sealMessage } from '../../../core/dialects/sealed-message.ts'
import { readSm2PrivateKey } from '../../../core/dialects/sm2-keys.ts'
import { messageForm, type Sm2Sm4Options, sm2Sm4Envelope } from '../../../core/dialects/sm2-sm4-envelope.ts'
import type { RawReply, SignedRequest, Signer, SignerContext } from '../../../core/upstream/dialect.ts'

const newKey = () => readSm2PrivateKey(sm2.generateKeyPairHex().privateKey)
const [hub, agency, stranger] = [newKey(), newKey(), newKey()]
const head = { appId: 'app', service: 's_1', timestamp: '1700000000000', nonce: 'n' }
const text = Buffer.from('{"code":"0","data":{"ye":"12.50"}}')

const options = fc.record({
  layout: fc.constantFrom('C1C3C2' as const, 'C1C2C3' as const, 'DER' as const),
  prefix: fc.boolean(),
  encoding: fc.constantFrom('base64' as const, 'hex' as const),
  signature: fc.constantFrom('rs' as const, 'der' as const),
  userId: fc.constantFrom('1234567812345678', '', 'hub'),
  iv: fc.constantFrom('member' as const, 'before' as const, 'zero' as const),
  signs: fc.constantFrom('ciphertext' as const, 'plaintext' as const),
})

t.test('what one side seals the other opens, in every form', async (t) => {
  const texts = fc.uint8Array({ minLength: 1, maxLength: 100 }).map((array) => Buffer.from(array))
  const round = fc.property(texts, options, (plain, chosen) => {
    const form = messageForm(chosen)
    return openMessage(sealMessage(plain, head, hub, agency.publicKey, form), agency, hub.publicKey, form).equals(plain)
  })
  t.doesNotThrow(() => fc.assert(round, { numRuns: 15 }))
})

t.test('every message has a key and an IV of its own', async (t) => {
  const form = messageForm({})
  const [one, other] = [0, 1].map(() => sealMessage(text, head, hub, agency.publicKey, form))
  for (const name of ['encKey', 'iv', 'encData', 'sign']) t.not(one?.[name], other?.[name], name)
})

t.test('a message that was changed anywhere, or is not meant for or from these two, does not open', async (t) => {
  const change = (value: string) => (value.startsWith('A') ? 'B' : 'A') + value.slice(1)
  for (const chosen of [
    {},
    { signs: 'plaintext', iv: 'before' },
    { iv: 'zero', layout: 'DER', signature: 'der' },
  ] satisfies Sm2Sm4Options[]) {
    const form = messageForm(chosen)
    const message = sealMessage(text, head, hub, agency.publicKey, form)
    const place = JSON.stringify(chosen)
    t.strictSame(openMessage(message, agency, hub.publicKey, form), text)
    for (const [name, value] of Object.entries(message)) {
      t.throws(() => openMessage({ ...message, [name]: change(value) }, agency, hub.publicKey, form), `${place}: ${name} changed`)
      const { [name]: _gone, ...rest } = message
      t.throws(() => openMessage(rest, agency, hub.publicKey, form), `${place}: ${name} left out`)
    }
    t.throws(() => openMessage({ ...message, more: '1' }, agency, hub.publicKey, form), `${place}: something added`)
    t.throws(() => openMessage({ ...message, more: {} }, agency, hub.publicKey, form), `${place}: no plain value`)
    t.throws(() => openMessage(message, stranger, hub.publicKey, form), `${place}: for somebody else`)
    t.throws(() => openMessage(message, agency, stranger.publicKey, form), `${place}: from somebody else`)
  }
  const empty = sealMessage(Buffer.alloc(0), head, hub, agency.publicKey, messageForm({}))
  t.throws(() => openMessage(empty, agency, hub.publicKey, messageForm({})), 'nothing was sealed')
})

t.test('an answer counts only as the agency’s own to this request', async (t) => {
  const { signer, request, answer } = await exchangeOf({})
  const { nonce } = JSON.parse(request.body ?? '') as { nonce: string }
  const now = String(Date.now())
  const good = answer({ timestamp: now, nonce })
  t.strictSame(signer.open?.(good, request).body, text)
  t.equal(signer.open?.(good, request).contentType, good.contentType, 'the text inside is in the charset of the answer')
  const refuse = (reply: RawReply, why: string) => t.throws(() => signer.open?.(reply, request), { code: 'HUB_UPSTREAM_INVALID' }, why)
  refuse(answer({ timestamp: now, nonce: 'another' }), 'an answer to another request')
  refuse(answer({ timestamp: String(Date.now() - 301_000), nonce }), 'an old one')
  refuse(answer({ timestamp: 'now', nonce }), 'one without a time')
  refuse(answer({ timestamp: now, nonce }, stranger), 'a stranger’s')
  refuse({ ...good, body: text }, 'one in clear')
  refuse({ ...good, body: Buffer.from('<html>') }, 'a page')

  const lenient = await exchangeOf({ echoesNonce: false, timeUnit: 's', maxSkewSeconds: 1000 })
  const late = lenient.answer({ timestamp: String(Math.floor(Date.now() / 1000) - 900), nonce: 'its own' })
  t.strictSame(lenient.signer.open?.(late, lenient.request).body, text)
  t.equal((await exchangeOf({ replies: 'plain' })).signer.open, undefined)
})

t.test('a key that is none stops the start and is not repeated', async (t) => {
  const bad = { ...credentials, privateKey: 'marked' }
  t.throws(() => sm2Sm4Envelope().createSigner({ ...context, credentials: bad }), { message: /^(?!.*marked)/ })
})

const credentials = { appId: 'app', privateKey: hub.hex, agencyPublicKey: agency.publicKey.bytes.toString('hex') }
const context = {
  baseUrl: 'http://127.0.0.1:1/gw',
  credentials,
  log: pino({ level: 'silent' }),
  send: () => Promise.reject(new Error('not used')),
} as unknown as SignerContext

async function exchangeOf(chosen: Sm2Sm4Options) {
  const form = messageForm(chosen)
  const signer: Signer = sm2Sm4Envelope(chosen).createSigner(context)
  const request: SignedRequest = await signer.sign({ sid: 's_1', method: 'GET', params: { id: randomBytes(4).toString('hex') } })
  const answer = (meta: { timestamp: string; nonce: string }, sender = agency): RawReply => ({
    status: 200,
    contentType: 'application/json;charset=UTF-8',
    body: Buffer.from(JSON.stringify(sealMessage(text, meta, sender, hub.publicKey, form))),
  })
  return { signer, request, answer }
}
