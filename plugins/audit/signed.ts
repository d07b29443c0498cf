import { hash as digest } from 'node:crypto'
import type { EvidenceKey, PublicKey } from './evidence-key.ts'

/**
 * A text that somebody signed, as one line of JSON: `{"text":"…","key":"<id>","signature":"<base64>"}`. What is signed, and
 * what the next text's `previous` is the SHA-256 of, is exactly the value of `text`:
 *
 *     jq -j .text line.json | sha256sum
 *     jq -j .text line.json > text; jq -r .signature line.json | base64 -d > signature
 *     openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in text -sigfile signature
 */
export interface Signed {
  readonly text: string
  readonly key: string
  readonly signature: string
  /** SHA-256 of the text, lower-case hex. */
  readonly hash: string
}

export function signLine(key: EvidenceKey, value: object): { line: string; hash: string } {
  const text = JSON.stringify(value)
  return { line: JSON.stringify({ text, key: key.id, signature: key.sign(text) }), hash: hashOf(text) }
}

/** → null for what has not the form; says nothing about the signature. */
export function readLine(line: string): Signed | null {
  const value = parse(line)
  const { text, key, signature } = (value ?? {}) as Record<string, unknown>
  if (typeof text !== 'string' || typeof key !== 'string' || typeof signature !== 'string') return null
  return { text, key, signature, hash: hashOf(text) }
}

/** Whether one of these keys signed it. */
export function isGenuine({ text, key, signature }: Signed, keys: readonly PublicKey[]): boolean {
  return keys.some((each) => each.id === key && each.verify(text, signature))
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function hashOf(text: string): string {
  return digest('sha256', text, 'hex')
}
