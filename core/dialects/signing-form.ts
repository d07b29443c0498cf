import type { CredentialNotes } from '../upstream/dialect.ts'
import type { DirectOptions } from './direct.ts'

/**
 * What a request's values are called in a string to sign: `path` is the whole path as sent, `host` includes the
 * port, `query` is sorted by name and percent-encoded as sent, `body` is the text as sent (empty with GET),
 * `service` is the service's id at the agency, `key` is the secret itself (for plain digests).
 */
export type SignedValue = 'method' | 'host' | 'path' | 'query' | 'body' | 'bodyHash' | 'time' | 'nonce' | 'service' | 'keyId' | 'key'

/**
 * The query string in another form. `by-name` sorts by name, then value; `by-pair` sorts the texts `name=value`,
 * which puts `a1=` before `a=`; `plain` takes names and values as they are meant rather than percent-encoded, so
 * that a value with an `&` in it cannot be told from two parameters.
 */
export interface QueryPart {
  query: 'by-name' | 'by-pair' | 'as-sent'
  /** Default `encoded`. */
  text?: 'encoded' | 'plain'
}

/** `C`: names of the form's further credentials. A header is one that the request carries, written in any case. */
type BarePart<C extends string> = SignedValue | QueryPart | { constant: string } | { credential: C } | { header: string }

/** One part of a string to sign, bare or as `name=value`. */
export type SignedPart<C extends string = string> = BarePart<C> | { name: string; value: BarePart<C> /** Default `=`. */; joiner?: string }

/** `s`, `ms`: since 1970; `rfc1123`: `Tue, 14 Nov 2023 22:13:20 GMT`; `beijing`: `YYYYMMDDHHmmss` in Beijing. */
export type TimeFormat = 's' | 'ms' | 'rfc1123' | 'beijing'
export type NonceFormat = 'uuid' | { /** Random bytes, written in hexadecimal. */ hexBytes: number }
/** `HEX` is hexadecimal in capitals. */
export type DigestEncoding = 'hex' | 'HEX' | 'base64' | 'base64url'
export type HashAlgorithm = 'sha256' | 'sha1' | 'md5' | 'sm3'

/** A keyed digest; a plain one, whose string to sign holds the `key`; or a signature with an SM2 private key. */
export type DigestForm =
  | { hmac: 'sha256' | 'sha1' | 'sm3' }
  | { hash: HashAlgorithm }
  | { sm2: 'rs' | 'der' /** Default `1234567812345678`. */; userId?: string }

/** Name → template in which `{value}` stands for a value. With GET, what belongs in the body travels in the query string. */
export interface Placement {
  headers?: Readonly<Record<string, string>>
  query?: Readonly<Record<string, string>>
  body?: Readonly<Record<string, string>>
}

/** What a template may hold. */
export type PlacedValue = 'keyId' | 'time' | 'nonce' | 'service' | 'bodyHash' | 'signature'

type Holes<T extends string> = T extends `${string}{${infer Hole}}${infer Rest}` ? Hole | Holes<Rest> : never
/** The same placement where every `{…}` in it is known; otherwise the type of a template says which are. */
export type SoundPlacement<P, C extends string> = {
  [Where in keyof P]: {
    [Name in keyof P[Where]]: P[Where][Name] extends infer T extends string
      ? [Exclude<Holes<T>, PlacedValue | C>] extends [never]
        ? T
        : `{${PlacedValue | C}}`
      : never
  }
}

/** How a request is signed, as data. */
export interface SigningForm<C extends string = string, P = Placement> extends DirectOptions {
  /** The string to sign, in order. */
  parts: readonly SignedPart<C>[]
  /** Between the parts. Default a line feed. */
  separator?: string
  /** Whether the separator also follows the last part. Default no. */
  trailing?: boolean
  /** Whether an empty part keeps its place or is left out with its separator. Default `keep`. */
  empty?: 'keep' | 'skip'
  digest: DigestForm
  /** How the signature is written. Default `base64`. */
  encoding?: DigestEncoding
  /** Where values travel. */
  place: P
  /** Default milliseconds, within 300 s of the agency's clock. */
  time?: { format: TimeFormat; skewSeconds: number }
  /** Default `uuid`. */
  nonce?: NonceFormat
  /** Default SHA-256 in hexadecimal. `empty`: what stands for no body; default `hash`, the hash of nothing. */
  bodyHash?: { hash: HashAlgorithm; encoding: DigestEncoding; empty?: 'hash' | 'blank' }
  /** What the agency calls the hub. Default `appId` 应用编号. */
  keyId?: { name: string; title: string; secret?: boolean }
  /** What the agency calls the key. Default `appSecret` 应用密钥; with SM2 `privateKey` 签名私钥. */
  key?: { name: string; title: string }
  /** Further credentials, for parts and templates to name. */
  credentials?: Readonly<Record<C, CredentialNotes>>
  /**
   * Why the agency leaves something open: it signs neither time nor nonce, so that a request that is overheard can be sent
   * again for ever, or it wants one of them, or the body's hash, unsigned.
   */
  weakness?: string
}

/** What of a form the string to sign and its digest depend on. */
export type SigningRules = Omit<SigningForm, keyof DirectOptions | 'place' | 'weakness'>

export const timeOf = ({ time = { format: 'ms', skewSeconds: 300 } }: Pick<SigningForm, 'time'>) => time
export const bodyHashOf = ({ bodyHash = { hash: 'sha256', encoding: 'hex' } }: Pick<SigningForm, 'bodyHash'>) => bodyHash
export const keyIdOf = ({ keyId = { name: 'appId', title: '应用编号' } }: Pick<SigningForm, 'keyId'>) => keyId

export function keyOf({ key, digest }: Pick<SigningForm, 'key' | 'digest'>): { name: string; title: string } {
  return key ?? ('sm2' in digest ? { name: 'privateKey', title: '签名私钥' } : { name: 'appSecret', title: '应用密钥' })
}

/** The parts without their names. */
export function barePartsOf({ parts }: Pick<SigningForm, 'parts'>): BarePart<string>[] {
  return parts.map((part) => (typeof part === 'object' && 'value' in part ? part.value : part))
}

/** Every header or parameter that the form adds, with its template. */
export function placesOf({ place }: Pick<SigningForm, 'place'>): { where: keyof Placement; name: string; template: string }[] {
  return (['headers', 'query', 'body'] as const).flatMap((where) =>
    Object.entries(place[where] ?? {}).map(([name, template]) => ({ where, name, template })),
  )
}

/** The credentials that the form needs, by name. */
export function credentialsOf(form: SigningForm): Record<string, CredentialNotes> {
  const { name, title, secret = false } = keyIdOf(form)
  const named = barePartsOf(form).includes('keyId') || placesOf(form).some(({ template }) => template.includes('{keyId}'))
  const key = keyOf(form)
  return { ...(named ? { [name]: { title, secret } } : {}), ...form.credentials, [key.name]: { title: key.title, secret: true } }
}
