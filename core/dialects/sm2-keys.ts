import { sm2 } from 'sm-crypto-v2'
import { BIT_STRING, type Element, INTEGER, OCTET_STRING, readElements, readSequence, SEQUENCE } from './der.ts'

type Point = ReturnType<typeof sm2.precomputePublicKey>
/** Verifying and encrypting are four to six times as fast with a table of multiples, which takes as long to make as a dozen of them. */
const WORTH_A_TABLE = 12

export interface Sm2PublicKey {
  /** x‖y, 64 bytes. */
  readonly bytes: Buffer
  /** As the library takes it, for one use: a key that is used often has a table of multiples. */
  point(): Point | string
}

export interface Sm2PrivateKey {
  /** 64 hexadecimal digits. */
  readonly hex: string
  readonly publicKey: Sm2PublicKey
}

/**
 * Reads a public key: the point in hexadecimal or base64, with or without `04`, or PEM (SubjectPublicKeyInfo).
 * Throws on a point that is not on the curve.
 */
export function readSm2PublicKey(text: string): Sm2PublicKey {
  return toPublicKey(stripPointPrefix(text.includes('-----BEGIN') ? pointOfPem(text) : readBinary(text)))
}

/** Reads a private key: 32 bytes in hexadecimal or base64, or PEM (PKCS#8 or SEC 1, not encrypted). Throws on anything else; the error holds nothing of it. */
export function readSm2PrivateKey(text: string): Sm2PrivateKey {
  const bytes = text.includes('-----BEGIN') ? scalarOfPem(text) : readBinary(text)
  if (bytes.length !== 32) throw new Error('not an SM2 private key')
  const hex = bytes.toString('hex')
  if (!isScalar(hex)) throw new Error('not an SM2 private key')
  let own: Sm2PublicKey | null = null
  return {
    hex,
    // Worked out when it is asked for: the first point of a process takes a tenth of a second.
    get publicKey() {
      own ??= toPublicKey(Buffer.from(sm2.getPublicKeyFromPrivateKey(hex), 'hex').subarray(1))
      return own
    },
  }
}

/** n − 1 of GB/T 32918.5: what lies between 1 and it, itself excluded, is a private key. */
const LARGEST = BigInt('0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54122')

function isScalar(hex: string): boolean {
  const scalar = BigInt(`0x${hex}`)
  return scalar >= 1n && scalar < LARGEST
}

/** Whether x‖y is a point of the SM2 curve. */
export function isOnCurve(bytes: Buffer): boolean {
  try {
    return bytes.length === 64 && sm2.verifyPublicKey(`04${bytes.toString('hex')}`)
  } catch {
    return false
  }
}

/**
 * Drops the `04` of an uncompressed point. A valid x may itself begin with 04 (that of the published vector
 * does), so what lies on the curve decides, not the first byte.
 */
export function stripPointPrefix(bytes: Buffer): Buffer {
  if (isOnCurve(bytes.subarray(0, 64))) return bytes
  if (bytes[0] === 4 && isOnCurve(bytes.subarray(1, 65))) return bytes.subarray(1)
  throw new Error('not a point of the SM2 curve')
}

function toPublicKey(bytes: Buffer): Sm2PublicKey {
  if (bytes.length !== 64) throw new Error('not an SM2 public key')
  const text = `04${bytes.toString('hex')}`
  let [uses, table]: [number, Point | null] = [0, null]
  return {
    bytes,
    point() {
      if (table === null && ++uses > WORTH_A_TABLE) table = sm2.precomputePublicKey(text)
      return table ?? text
    },
  }
}

function readBinary(text: string): Buffer {
  const word = text.trim()
  return /^([0-9a-f]{2})+$/i.test(word) ? Buffer.from(word, 'hex') : Buffer.from(word, 'base64')
}

function pointOfPem(text: string): Buffer {
  const key = readSequence(bytesOfPem(text)).find(({ tag }) => tag === BIT_STRING)
  // The first byte counts unused bits.
  return key?.value.subarray(1) ?? Buffer.alloc(0)
}

/** PKCS#8 wraps SEC 1, which is a version and the 32 bytes. OpenSSL writes the curve's parameters before a SEC 1 key. */
function scalarOfPem(text: string): Buffer {
  const elements = readSequence(bytesOfPem(text))
  const isPkcs8 = elements[1]?.tag === SEQUENCE
  const [version, scalar]: readonly (Element | undefined)[] = isPkcs8 ? readSequence(elements[2]?.value ?? Buffer.alloc(0)) : elements
  return version?.tag === INTEGER && scalar?.tag === OCTET_STRING ? scalar.value : Buffer.alloc(0)
}

function bytesOfPem(text: string): Buffer {
  const [, body = ''] = /-----BEGIN (?:EC )?(?:PRIVATE|PUBLIC) KEY-----([^-]+)-----END/.exec(text) ?? []
  const bytes = Buffer.from(body, 'base64')
  return readElements(bytes).length === 1 ? bytes : Buffer.alloc(0)
}
