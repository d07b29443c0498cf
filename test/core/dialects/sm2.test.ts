import { spawnSync } from 'node:child_process'
import { createCipheriv, createHash, createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { readElements, readSequence, readUnsigned, writeOctets, writeSequence, writeUnsigned } from '../../../core/dialects/der.ts'
import { decryptSm4, encryptSm4 } from '../../../core/dialects/sealed-message.ts'
import { decryptSm2, encryptSm2, identityDigest, messageDigest, signSm2, verifySm2 } from '../../../core/dialects/sm2.ts'
import { isOnCurve, readSm2PrivateKey, readSm2PublicKey, stripPointPrefix } from '../../../core/dialects/sm2-keys.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

// GB/T 32918.5: the example key of the standard.
const d = '3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8'
const P = '09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13'
const r = 'F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3'
const s = 'B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA'
const C1 =
  '04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0'
const C3 = '59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766'
const C2 = '21886CA989CA9C7D58087307CA93092D651EFA'
const key = readSm2PrivateKey(d)
const message = Buffer.from('message digest')
const layouts = ['C1C3C2', 'C1C2C3', 'DER'] as const

t.test('SM3 and SM4 of this Node (standards §4.5)', async (t) => {
  const sm3 = (text: string) => createHash('sm3').update(text).digest('hex')
  t.equal(sm3('abc'), '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0')
  t.equal(sm3('abcd'.repeat(16)), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732')
  t.equal(createHmac('sm3', 'key').update('data').digest('hex'), '88a5a14b0fcf4a8a7b0c5084b8ee36e70efca4e8467fa264c3231bf16463b425')
  const block = hex('0123456789abcdeffedcba9876543210')
  t.equal(createCipheriv('sm4-ecb', block, null).setAutoPadding(false).update(block).toString('hex'), '681edf34d206965e86b3e94f536e4246')
  // One block of CBC with an IV of zeros is ECB, so the vector holds for the mode in use, too.
  t.equal(encryptSm4(block, block, Buffer.alloc(16)).subarray(0, 16).toString('hex'), '681edf34d206965e86b3e94f536e4246')
})

t.test('GB/T 32918.5: ZA, e and the signature', async (t) => {
  const { publicKey } = key
  t.equal(publicKey.bytes.toString('hex').toUpperCase(), P)
  t.equal(identityDigest(publicKey).toString('hex'), 'b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3')
  t.equal(messageDigest(publicKey, message).toString('hex'), 'f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640')
  t.ok(verifySm2(message, hex(r + s), publicKey))
  t.ok(verifySm2(message, writeSequence(writeUnsigned(hex(r)), writeUnsigned(hex(s))), publicKey, 'der'))
})

t.test('what is not this key’s signature of this message under this id is none', async (t) => {
  const { publicKey } = key
  const good = hex(r + s)
  const zero = '00'.repeat(32)
  const order = 'FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123'
  const pastOrder = (BigInt(`0x${order}`) + 1n).toString(16)
  t.notOk(verifySm2(Buffer.from('message digest.'), good, publicKey), 'another message')
  t.notOk(verifySm2(message, good, publicKey, 'rs', ''), 'another user id')
  t.notOk(verifySm2(message, good, readSm2PrivateKey(`${d.slice(0, 63)}9`).publicKey), 'another key')
  for (const bad of [zero + s, r + zero, order + s, r + order, pastOrder + s, s + r, r, '', `${r}${s}00`]) {
    t.notOk(verifySm2(message, hex(bad), publicKey), bad.slice(0, 16))
  }
  const der = writeSequence(writeUnsigned(hex(r)), writeUnsigned(hex(s)))
  t.notOk(verifySm2(message, Buffer.concat([der, Buffer.alloc(1)]), publicKey, 'der'), 'something after it')
  t.notOk(verifySm2(message, good, publicKey, 'der'), 'not DER')
  t.notOk(verifySm2(message, der, publicKey, 'rs'), 'not r‖s')
})

t.test('the published ciphertext, in every layout, with and without a prefix', async (t) => {
  const plain = 'encryption standard'
  const der = writeSequence(
    writeUnsigned(hex(C1.slice(0, 64))),
    writeUnsigned(hex(C1.slice(64))),
    writeOctets(hex(C3)),
    writeOctets(hex(C2)),
  )
  t.equal(decryptSm2(hex(C1 + C3 + C2), key, { layout: 'C1C3C2' }).toString(), plain, 'its x begins with 04, and that is no prefix')
  t.equal(decryptSm2(hex(`04${C1}${C3}${C2}`), key, { layout: 'C1C3C2' }).toString(), plain)
  t.equal(decryptSm2(hex(C1 + C2 + C3), key, { layout: 'C1C2C3' }).toString(), plain)
  t.equal(decryptSm2(hex(`04${C1}${C2}${C3}`), key, { layout: 'C1C2C3' }).toString(), plain)
  t.equal(decryptSm2(der, key, { layout: 'DER' }).toString(), plain)
})

t.test('a ciphertext that was altered, cut, or is another’s fails', async (t) => {
  const good = hex(C1 + C3 + C2)
  for (let at = 0; at < good.length; at += 5) {
    const bad = Buffer.from(good)
    bad[at] = (bad[at] ?? 0) ^ 1
    t.throws(() => decryptSm2(bad, key, { layout: 'C1C3C2' }), `byte ${at}`)
  }
  for (const length of [0, 1, 64, 95, 96, good.length - 1]) t.throws(() => decryptSm2(good.subarray(0, length), key, { layout: 'C1C3C2' }))
  t.throws(() => decryptSm2(good, key, { layout: 'C1C2C3' }), 'another layout')
  t.throws(() => decryptSm2(good, key, { layout: 'DER' }))
  t.throws(() => decryptSm2(good, readSm2PrivateKey(`${d.slice(0, 63)}9`), { layout: 'C1C3C2' }), 'another key')
  const offCurve = writeSequence(
    writeUnsigned(Buffer.alloc(32, 1)),
    writeUnsigned(Buffer.alloc(32, 1)),
    writeOctets(hex(C3)),
    writeOctets(hex(C2)),
  )
  t.throws(() => decryptSm2(offCurve, key, { layout: 'DER' }), { message: /curve/ }, 'a point off the curve gives nothing away')
})

t.test('what is signed verifies and what is encrypted decrypts, in every form', async (t) => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((array) => Buffer.from(array))
  const forms = fc.record({ layout: fc.constantFrom(...layouts), prefix: fc.boolean() })
  const ids = fc.constantFrom('', '1234567812345678', '许昌')
  const runs = { numRuns: 12 }
  const round = fc.property(bytes, forms, (plain, form) => decryptSm2(encryptSm2(plain, key.publicKey, form), key, form).equals(plain))
  t.doesNotThrow(() => fc.assert(round, runs))
  const signed = fc.property(bytes, fc.constantFrom('rs' as const, 'der' as const), ids, (text, form, id) =>
    verifySm2(text, signSm2(text, key, form, id), key.publicKey, form, id),
  )
  t.doesNotThrow(() => fc.assert(signed, runs))
  t.equal(encryptSm2(message, key.publicKey, { layout: 'C1C3C2', prefix: true }).length, 97 + message.length)
  t.equal(encryptSm2(message, key.publicKey, { layout: 'C1C2C3', prefix: false }).length, 96 + message.length)
})

t.test('keys in every writing; nothing else is a key', async (t) => {
  const base64 = (text: string) => hex(text).toString('base64')
  for (const text of [d, d.toLowerCase(), ` ${d}\n`, base64(d)]) t.equal(readSm2PrivateKey(text).hex, d.toLowerCase())
  for (const text of [P, `04${P}`, P.toLowerCase(), base64(P), base64(`04${P}`)]) {
    t.equal(readSm2PublicKey(text).bytes.toString('hex').toUpperCase(), P)
  }
  const order = 'FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123'
  for (const bad of [
    '',
    'marked',
    d.slice(2),
    `${d}00`,
    '00'.repeat(32),
    order,
    '-----BEGIN PRIVATE KEY-----\nmarked\n-----END PRIVATE KEY-----',
  ]) {
    const error = (() => {
      try {
        return readSm2PrivateKey(bad)
      } catch (error) {
        return error as Error
      }
    })()
    t.ok(error instanceof Error, bad.slice(0, 8))
    if (bad.length > 8 && error instanceof Error)
      t.notOk(`${error.message}${error.cause}`.includes(bad.slice(0, 30)), 'and is not repeated')
  }
  for (const bad of ['', 'marked', P.slice(2), `05${P}`, `${P.slice(0, 126)}FF`, `04${P}00`, d])
    t.throws(() => readSm2PublicKey(bad), bad.slice(0, 8))
  t.ok(isOnCurve(hex(P)))
  t.notOk(isOnCurve(hex(`${P.slice(0, 126)}FF`)))
  t.strictSame(stripPointPrefix(hex(`04${P}`)), hex(P))
})

t.test('DER: whatever is written reads back, and only that', async (t) => {
  const octets = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
  const number = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((array) => Buffer.from(array))
  const round = fc.property(number, octets, (digits, bytes) => {
    const [first, second, ...rest] = readSequence(writeSequence(writeUnsigned(digits), writeOctets(bytes)))
    return first !== undefined && readUnsigned(first, 32).equals(digits) && second?.value.equals(bytes) === true && rest.length === 0
  })
  t.doesNotThrow(() => fc.assert(round))
  const malformed = ['30', '3080', '30020101', '3003020101ff', '308103020101', '020101']
  for (const bad of malformed) t.throws(() => readSequence(hex(bad)), bad)
  for (const [tag, bad] of [
    [2, ''],
    [2, '80'],
    [2, '0001'],
    [4, '01'],
  ] as const)
    t.throws(() => readUnsigned({ tag, value: hex(bad) }, 32), bad)
  t.doesNotThrow(() => fc.assert(fc.property(octets, (bytes) => readsOrThrows(bytes))))
})

const noOpenssl = process.env['CI'] !== 'true' && spawnSync('openssl', ['version']).status !== 0 && 'openssl is not installed'

t.test('the OpenSSL command line agrees', { skip: noOpenssl }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'hub-sm2-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const file = (name: string, content?: Buffer) => {
    const path = join(dir, name)
    if (content) writeFileSync(path, content)
    return path
  }
  const openssl = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('openssl', args)
    return { ok: status === 0, stdout, stderr: stderr.toString() }
  }
  const privatePem = openssl('genpkey', '-algorithm', 'SM2').stdout.toString()
  const privatePath = file('private.pem', Buffer.from(privatePem))
  const publicPem = openssl('pkey', '-in', privatePath, '-pubout').stdout.toString()
  const publicPath = file('public.pem', Buffer.from(publicPem))
  const own = readSm2PrivateKey(privatePem)
  t.strictSame(readSm2PublicKey(publicPem).bytes, own.publicKey.bytes, 'PEM of both')
  const sec1 = openssl('ec', '-in', privatePath).stdout.toString()
  if (sec1.includes('BEGIN EC PRIVATE KEY'))
    t.equal(readSm2PrivateKey(sec1.slice(sec1.indexOf('-----BEGIN EC PRIVATE'))).hex, own.hex, 'SEC 1')

  const text = Buffer.from('姓名=贾明&时间=1700000000000')
  const textPath = file('text', text)
  for (const id of ['1234567812345678', 'xuchang-hub']) {
    const common = ['-rawin', '-digest', 'sm3', '-in', textPath, '-pkeyopt', `distid:${id}`]
    const theirs = openssl('pkeyutl', '-sign', '-inkey', privatePath, ...common).stdout
    t.ok(verifySm2(text, theirs, own.publicKey, 'der', id), `their signature, id ${id}`)
    t.notOk(verifySm2(text, theirs, own.publicKey, 'der', 'somebody'))
    const ours = file(`ours-${id}`, signSm2(text, own, 'der', id))
    t.ok(openssl('pkeyutl', '-verify', '-pubin', '-inkey', publicPath, '-sigfile', ours, ...common).ok, `our signature, id ${id}`)
    const wrong = file('wrong', signSm2(text, own, 'der', 'somebody'))
    t.notOk(openssl('pkeyutl', '-verify', '-pubin', '-inkey', publicPath, '-sigfile', wrong, ...common).ok)
  }
  const unnamed = openssl('pkeyutl', '-sign', '-inkey', privatePath, '-rawin', '-digest', 'sm3', '-in', textPath).stdout
  t.ok(verifySm2(text, unnamed, own.publicKey, 'der', ''), 'the empty id')

  const theirs = openssl('pkeyutl', '-encrypt', '-pubin', '-inkey', publicPath, '-in', textPath).stdout
  t.strictSame(decryptSm2(theirs, own, { layout: 'DER' }), text, 'their ciphertext')
  const ours = file('cipher', encryptSm2(text, own.publicKey, { layout: 'DER', prefix: false }))
  t.strictSame(openssl('pkeyutl', '-decrypt', '-inkey', privatePath, '-in', ours).stdout, text, 'our ciphertext')

  const [sm4Key, iv] = [Buffer.alloc(16, 7), Buffer.alloc(16, 9)]
  const sm4 = ['enc', '-sm4-cbc', '-K', sm4Key.toString('hex'), '-iv', iv.toString('hex')]
  t.strictSame(openssl(...sm4, '-in', textPath).stdout, encryptSm4(text, sm4Key, iv), 'SM4-CBC')
  t.strictSame(
    openssl(...sm4, '-d', '-in', file('sm4', encryptSm4(text, sm4Key, iv))).stdout,
    decryptSm4(encryptSm4(text, sm4Key, iv), sm4Key, iv),
  )
})

/** Garbage is either read in full or refused, never read past its end. */
function readsOrThrows(bytes: Buffer): boolean {
  try {
    return readElements(bytes).reduce((sum, { value }) => sum + value.length, 0) <= bytes.length
  } catch (error) {
    return (error as Error).message === 'malformed DER'
  }
}
