import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { hmacSha256 } from '../core/hmac.ts'

// RFC 4231 §4.2, 4.3, 4.4 and 4.7: short and long keys and data.
const VECTORS: readonly (readonly [key: string | Buffer, data: string, digest: string])[] = [
  [Buffer.alloc(20, 0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  ['Jefe', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  [
    Buffer.alloc(131, 0xaa),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
]

t.test('RFC 4231', async (t) => {
  for (const [key, data, digest] of VECTORS) t.equal(hmacSha256(key, data, 'hex'), digest)
})

t.test('agrees with OpenSSL for every key and text', async () => {
  const keys = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 140 }),
    fc.uint8Array({ maxLength: 140 }).map((bytes) => Buffer.from(bytes)),
  )
  fc.assert(
    fc.property(keys, fc.string({ unit: 'binary', maxLength: 200 }), (key, message) => {
      for (const encoding of ['hex', 'base64'] as const)
        if (hmacSha256(key, message, encoding) !== createHmac('sha256', key).update(message).digest(encoding)) throw new Error('differs')
    }),
  )
})
