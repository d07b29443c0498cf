import { bgForm } from '../../core/dialects/bg-hmac.ts'
import { timeOf } from '../../core/dialects/signing-form.ts'
import { createDigest, stringToSign } from '../../core/dialects/signing-string.ts'

export interface SignedParts {
  method: string
  /** Without the query string. */
  path: string
  query?: Iterable<readonly [string, string]>
  accessKey: string
  secretKey: string
  /** RFC 1123, GMT: `new Date().toUTCString()`. */
  date: string
}

const form = bgForm()

/** How far a request's time may be from the receiver's. */
export const MAX_SKEW_MS = timeOf(form).skewSeconds * 1000

/** → `X-BG-HMAC-SIGNATURE` (standards.md §1.4): Base64(HMAC-SHA256(secret, METHOD\nPATH\nsorted query\nkey\ndate\n)). */
export function signatureOf({ method, path, query, accessKey, secretKey, date }: SignedParts): string {
  const search = new URLSearchParams([...(query ?? [])].map(([name, value]): [string, string] => [name, value]))
  const wire = { method, host: '', path, query: search.toString(), headers: {}, body: '' }
  return createDigest(form, secretKey).of(stringToSign(form, wire, { keyId: accessKey, time: date }))
}

/** → the four headers of a signed request. */
export function signedHeaders(parts: Omit<SignedParts, 'date'>, at: number = Date.now()): Record<string, string> {
  const date = new Date(at).toUTCString()
  return {
    'x-bg-hmac-access-key': parts.accessKey,
    'x-bg-hmac-algorithm': 'hmac-sha256',
    'x-bg-hmac-signature': signatureOf({ ...parts, date }),
    'x-bg-date-time': date,
  }
}
