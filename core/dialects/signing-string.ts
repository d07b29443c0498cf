import { createHash } from 'node:crypto'
import { hmacUnder, isSameText } from '../base/hmac.ts'
import {
  bodyHashOf,
  type DigestEncoding,
  type DigestForm,
  type HashAlgorithm,
  type QueryPart,
  type SignedPart,
  type SigningRules,
} from './signing-form.ts'
import { signSm2, verifySm2 } from './sm2.ts'
import { readSm2PrivateKey, readSm2PublicKey, type Sm2PublicKey } from './sm2-keys.ts'

/** The string to sign and its signature, as pure functions: the hub signs with them, and the sandbox's agency verifies. */

/** A request as it travels, without the signature. */
export interface SignedWire {
  method: string
  host: string
  /** Whole path, without the query string. */
  path: string
  /** Without the question mark. */
  query: string
  /** By name in lower case. */
  headers: Readonly<Record<string, string | undefined>>
  body: string
}

/** Time, nonce, key id, key and service under these names; further credentials under their own. */
export type SigningValues = Readonly<Record<string, string | undefined>>

export function stringToSign(rules: Omit<SigningRules, 'digest'>, wire: SignedWire, values: SigningValues): string {
  const { parts, separator = '\n', trailing = false, empty = 'keep' } = rules
  const texts: string[] = []
  for (const part of parts) {
    const named = typeof part === 'object' && 'value' in part
    const text = textOf(named ? part.value : part, rules, wire, values)
    if (text !== '' || empty === 'keep') texts.push(named ? `${part.name}${part.joiner ?? '='}${text}` : text)
  }
  return texts.join(separator) + (trailing ? separator : '')
}

type Bare = Exclude<SignedPart, { value: unknown }>

function textOf(part: Bare, rules: Pick<SigningRules, 'bodyHash'>, wire: SignedWire, values: SigningValues): string {
  if (typeof part === 'object') {
    if ('constant' in part) return part.constant
    if ('credential' in part) return values[part.credential] ?? ''
    if ('header' in part) return (wire.headers[part.header.toLowerCase()] ?? '').trim()
    return canonicalQuery(wire.query, part)
  }
  if (part === 'method') return wire.method.toUpperCase()
  if (part === 'host' || part === 'path' || part === 'body') return wire[part]
  if (part === 'query') return canonicalQuery(wire.query)
  if (part === 'bodyHash') return hashBody(rules, wire.body)
  return values[part] ?? ''
}

/** Sorting is by UTF-16 code units, as in Java; of percent-encoded text, that is by bytes. */
export function canonicalQuery(search: string, { query = 'by-name', text = 'encoded' }: Partial<QueryPart> = {}): string {
  if (query === 'as-sent' && text === 'encoded') return search
  const pairs = queryPairs(search, text)
  if (query === 'by-name') pairs.sort(([name, value], [other, otherValue]) => compare(name, other) || compare(value, otherValue))
  const texts = pairs.map(([name, value]) => `${name}=${value}`)
  return (query === 'by-pair' ? texts.sort() : texts).join('&')
}

/** The pairs of a query string as they are meant, or as they are written. */
export function queryPairs(search: string, text: 'encoded' | 'plain'): [string, string][] {
  if (text === 'plain') return [...new URLSearchParams(search)]
  return search.split('&').flatMap((pair): [string, string][] => {
    const end = pair.includes('=') ? pair.indexOf('=') : pair.length
    return pair === '' ? [] : [[pair.slice(0, end), pair.slice(end + 1)]]
  })
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

export function hashBody(rules: Pick<SigningRules, 'bodyHash'>, body: string): string {
  const { hash, encoding, empty = 'hash' } = bodyHashOf(rules)
  return body === '' && empty === 'blank' ? '' : encode(hashOf(hash, body), encoding)
}

export interface Digest {
  of(text: string): string
  /** Whether a signature is the key's own for this text. */
  fits(text: string, signature: string): boolean
}

/** The form's digest with a key, both as text in UTF-8; an SM2 key is read at once, and what isn't one throws. */
export function createDigest(rules: Pick<SigningRules, 'digest' | 'encoding'>, key: string): Digest {
  const { digest, encoding = 'base64' } = rules
  if ('sm2' in digest) {
    const pair = readSm2PrivateKey(key)
    return {
      of: (text) => encode(signSm2(Buffer.from(text), pair, digest.sm2, digest.userId), encoding),
      fits: sm2Verifier(digest, encoding, pair.publicKey),
    }
  }
  const of = (text: string) =>
    encode('hmac' in digest ? hmacUnder(key, digest.hmac).update(text).digest() : hashOf(digest.hash, text), encoding)
  return { of, fits: (text, signature) => isSameText(of(text), signature) }
}

/** Of somebody else's signatures: as {@link createDigest}, but with SM2 their public key is enough. */
export function createVerifier(rules: Pick<SigningRules, 'digest' | 'encoding'>, key: string): Digest['fits'] {
  const { digest, encoding = 'base64' } = rules
  return 'sm2' in digest ? sm2Verifier(digest, encoding, readSm2PublicKey(key)) : createDigest(rules, key).fits
}

function sm2Verifier(form: Extract<DigestForm, { sm2: unknown }>, encoding: DigestEncoding, key: Sm2PublicKey): Digest['fits'] {
  return (text, signature) => {
    const bytes = decode(signature, encoding)
    return encode(bytes, encoding) === signature && verifySm2(Buffer.from(text), bytes, key, form.sm2, form.userId)
  }
}

function hashOf(algorithm: HashAlgorithm, text: string): Buffer {
  return createHash(algorithm).update(text).digest()
}

function encode(bytes: Buffer, encoding: DigestEncoding): string {
  return encoding === 'HEX' ? bytes.toString('hex').toUpperCase() : bytes.toString(encoding)
}

function decode(text: string, encoding: DigestEncoding): Buffer {
  return Buffer.from(text, encoding === 'HEX' ? 'hex' : encoding)
}
