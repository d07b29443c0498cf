import type { KeyObject } from 'node:crypto'
import { verifyRsa } from '../rsa.ts'

type Pairs = Readonly<Record<string, string>>

/** What a form's signature covers: `key=value` in the order of the keys, joined by `&`, values as they are (standards §5.2). */
export function pairsText(pairs: Pairs): string {
  return Object.keys(pairs)
    .sort()
    .map((name) => `${name}=${pairs[name]}`)
    .join('&')
}

/** The text that a request of the v3 interface signs; `url` is path and query. */
export function requestText(authorization: string, method: string, url: string, body: string): string {
  return `${authorization}\n${method}\n${url}\n${body}\n`
}

/**
 * → whether a notice is Alipay's own. Only RSA2 counts, before anything is verified: the kind of signature is named by whoever
 * sends the notice, and the weaker RSA uses SHA-1. The signature does not cover its own two members.
 */
export function isOwnNotice(key: KeyObject, { sign = '', sign_type = '', ...pairs }: Pairs): boolean {
  return sign_type === 'RSA2' && sign !== '' && verifyRsa(key, pairsText(pairs), sign)
}

/** → whether an answer of the v3 interface is Alipay's own: `timestamp\nnonce\nbody\n`. */
export function isOwnAnswer(key: KeyObject, headers: Readonly<Record<string, string | string[] | undefined>>, body: Buffer): boolean {
  const [timestamp, nonce, signature] = ['alipay-timestamp', 'alipay-nonce', 'alipay-signature'].map((name) => headers[name])
  if (typeof timestamp !== 'string' || typeof nonce !== 'string' || typeof signature !== 'string') return false
  return verifyRsa(key, Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')]), signature)
}
