import { createHash } from 'node:crypto'
import { sm2 } from 'sm-crypto-v2'
import { readOctets, readSequence, readUnsigned, writeOctets, writeSequence, writeUnsigned } from './der.ts'
import { type Sm2PrivateKey, type Sm2PublicKey, stripPointPrefix } from './sm2-keys.ts'

/**
 * SM2 signatures and encryption (GB/T 32918) in the forms that agencies write (standards §4.4). Node's own
 * crypto cannot do it: it signs with an empty user id (§4.2).
 */

/** r‖s (64 bytes), or a DER sequence of both. */
export type SignatureEncoding = 'rs' | 'der'

export interface CipherForm {
  /** Order of point, digest and text; DER is SEQUENCE { x, y, digest, text }. */
  layout: 'C1C3C2' | 'C1C2C3' | 'DER'
  /** Whether a written point begins with `04`; read it is either way. */
  prefix: boolean
}

export const DEFAULT_USER_ID = '1234567812345678'

const hex = (text: string) => Buffer.from(text, 'hex')
/** a, b, Gx, Gy of the recommended curve (GB/T 32918.5). */
const CURVE = hex(
  'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc' +
    '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' +
    'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
)
const ORDER = hex('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123')
const ZERO = Buffer.alloc(32)

/** ZA: SM3 over the user id, its length in bits, the curve and the public key (GB/T 32918.2 §5.5). */
export function identityDigest({ bytes }: Sm2PublicKey, userId: string = DEFAULT_USER_ID): Buffer {
  const id = Buffer.from(userId)
  const bits = Buffer.alloc(2)
  bits.writeUInt16BE(id.length * 8)
  return sm3(bits, id, CURVE, bytes)
}

/** e: what is really signed, SM3(ZA ‖ message). */
export function messageDigest(key: Sm2PublicKey, message: Buffer, userId?: string): Buffer {
  return sm3(identityDigest(key, userId), message)
}

export function signSm2(message: Buffer, key: Sm2PrivateKey, form: SignatureEncoding = 'rs', userId?: string): Buffer {
  const bytes = hex(sm2.doSignature(messageDigest(key.publicKey, message, userId), key.hex, { hash: false }))
  return form === 'rs' ? bytes : writeSequence(writeUnsigned(bytes.subarray(0, 32)), writeUnsigned(bytes.subarray(32)))
}

/** Whether the signature is this key's for this message and user id. Never throws: what cannot be read is not a signature. */
export function verifySm2(message: Buffer, signature: Buffer, key: Sm2PublicKey, form: SignatureEncoding = 'rs', userId?: string): boolean {
  try {
    const [r, s] = readSignature(signature, form)
    // GB/T 32918.2 §7.1 B1, B2; the library leaves it out.
    for (const part of [r, s]) if (part.equals(ZERO) || part.compare(ORDER) >= 0) return false
    const text = Buffer.concat([r, s]).toString('hex')
    return sm2.doVerifySignature(messageDigest(key, message, userId), text, key.point(), { hash: false })
  } catch {
    return false
  }
}

export function encryptSm2(plain: Buffer, key: Sm2PublicKey, { layout, prefix }: CipherForm): Buffer {
  const bytes = hex(sm2.doEncrypt(plain, key.point()))
  const [c1, c3, c2] = [bytes.subarray(0, 64), bytes.subarray(64, 96), bytes.subarray(96)]
  if (layout === 'DER') {
    return writeSequence(writeUnsigned(c1.subarray(0, 32)), writeUnsigned(c1.subarray(32)), writeOctets(c3), writeOctets(c2))
  }
  return Buffer.concat([...(prefix ? [Buffer.from([4])] : []), c1, ...(layout === 'C1C3C2' ? [c3, c2] : [c2, c3])])
}

/** Throws on a ciphertext that is malformed, altered or for another key; the library gives nothing back for those. */
export function decryptSm2(cipher: Buffer, key: Sm2PrivateKey, { layout }: Pick<CipherForm, 'layout'>): Buffer {
  const bytes = layout === 'DER' ? fromDer(cipher) : fromRaw(cipher, layout)
  const plain = bytes.length > 96 ? sm2.doDecrypt(bytes.toString('hex'), key.hex, 1, { output: 'array' }) : []
  if (plain.length === 0) throw new Error('SM2 decryption failed')
  return Buffer.from(plain)
}

/** → C1C3C2 without a prefix. */
function fromRaw(cipher: Buffer, layout: 'C1C3C2' | 'C1C2C3'): Buffer {
  const bytes = stripPointPrefix(cipher)
  if (layout === 'C1C3C2') return bytes
  const end = Math.max(64, bytes.length - 32)
  return Buffer.concat([bytes.subarray(0, 64), bytes.subarray(end), bytes.subarray(64, end)])
}

function fromDer(cipher: Buffer): Buffer {
  const [x, y, digest, text, ...rest] = readSequence(cipher)
  if (!x || !y || !digest || !text || rest.length > 0 || digest.value.length !== 32) throw new Error('not an SM2 ciphertext')
  return stripPointPrefix(Buffer.concat([readUnsigned(x, 32), readUnsigned(y, 32), readOctets(digest), readOctets(text)]))
}

function readSignature(signature: Buffer, form: SignatureEncoding): [Buffer, Buffer] {
  if (form === 'der') {
    const [r, s, ...rest] = readSequence(signature)
    if (!r || !s || rest.length > 0) throw new Error('not an SM2 signature')
    return [readUnsigned(r, 32), readUnsigned(s, 32)]
  }
  if (signature.length !== 64) throw new Error('not an SM2 signature')
  return [signature.subarray(0, 32), signature.subarray(32)]
}

function sm3(...parts: Buffer[]): Buffer {
  const hash = createHash('sm3')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
