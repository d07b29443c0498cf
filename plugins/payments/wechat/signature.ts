import type { KeyObject } from 'node:crypto'
import { verifyRsa } from '../rsa.ts'

/** Further off than this, what is signed is not believed (standards §5.1). */
export const MAX_SKEW_MS = 300_000

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** Authorization of a request: `METHOD\nURL\ntimestamp\nnonce\nbody\n` is what it covers. `url` is path and query. */
export function requestText(method: string, url: string, timestamp: string, nonce: string, body: string): string {
  return `${method}\n${url}\n${timestamp}\n${nonce}\n${body}\n`
}

/**
 * → why an answer or a notice is not WeChat Pay's own, or null. It signs the bytes that it sent: `timestamp\nnonce\nbody\n`. Its
 * probes (`WECHATPAY/SIGNTEST/…`) are wrong signatures, and refused like any.
 */
export function mistrust(keys: ReadonlyMap<string, KeyObject>, headers: Headers, body: Buffer, now: number): string | null {
  const header = (name: string) => {
    const value = headers[`wechatpay-${name}`]
    return typeof value === 'string' ? value : ''
  }
  const [timestamp, nonce, serial, signature] = [header('timestamp'), header('nonce'), header('serial'), header('signature')]
  if (!timestamp || !nonce || !serial || !signature) return 'unsigned'
  const type = header('signature-type')
  if (type !== '' && type !== 'WECHATPAY2-SHA256-RSA2048') return 'another kind of signature'
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1000) >= MAX_SKEW_MS) return 'another time'
  const key = keys.get(serial.toUpperCase())
  if (!key) return 'an unknown key'
  const text = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')])
  return verifyRsa(key, text, signature) ? null : 'a wrong signature'
}
