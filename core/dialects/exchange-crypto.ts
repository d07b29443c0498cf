import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { hmacUnder } from '../base/hmac.ts'

/** The cryptography of 政务数据共享交换平台, as pure functions (docs of the protocol: standards §1.1, vectors §1.9). */

export type ExchangePart = 'sid' | 'rid' | 'rtime'

export interface SignatureForm {
  /** What the HMAC covers, without separators. */
  order: readonly [ExchangePart, ExchangePart, ExchangePart]
  /** `HEX` is hexadecimal in capitals. */
  digest: 'base64' | 'hex' | 'HEX'
  algorithm: 'sha256' | 'sm3'
}

export const defaultForm: SignatureForm = { order: ['sid', 'rid', 'rtime'], digest: 'base64', algorithm: 'sha256' }

/** HMAC over service id, requester id and request time, all UTF-8. `key` is the app key or the secret, as text. */
export function signature(parts: Readonly<Record<ExchangePart, string>>, key: string, form: SignatureForm = defaultForm): string {
  const [first, second, third] = form.order
  const hmac = hmacUnder(key, form.algorithm).update(parts[first] + parts[second] + parts[third])
  return form.digest === 'HEX' ? hmac.digest('hex').toUpperCase() : hmac.digest(form.digest)
}

/**
 * The AES-128 key that wraps secrets: Java's SHA1PRNG seeded with the app key, whose first output
 * comes to SHA1(SHA1(appKey)).
 */
export function secretKey(appKey: string): Buffer {
  return sha1(sha1(Buffer.from(appKey))).subarray(0, 16)
}

/** Opens a wrapped secret (base64, AES-128-ECB, PKCS#5). Throws when it doesn't yield printable ASCII. */
export function openSecret(sealed: string, appKey: string): string {
  const decipher = createDecipheriv('aes-128-ecb', secretKey(appKey), null)
  const secret = decipher.update(sealed, 'base64', 'latin1') + decipher.final('latin1')
  // A wrong key passes the padding check once in 256 times; its garbage must not become a secret.
  if (!/^[\x21-\x7e]+$/.test(secret)) throw new Error('not a secret')
  return secret
}

/** Wraps a secret as the platform does; for the sandbox. */
export function sealSecret(secret: string, appKey: string): string {
  const cipher = createCipheriv('aes-128-ecb', secretKey(appKey), null)
  return cipher.update(secret, 'utf8', 'base64') + cipher.final('base64')
}

function sha1(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest()
}
