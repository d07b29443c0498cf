import { createHmac, hash } from 'node:crypto'

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32

/**
 * HMAC-SHA256 (RFC 2104), the key as text or bytes. Two one-shot digests: `createHmac` has OpenSSL
 * look its algorithm up on every call, which costs several times what the hashing does, and every
 * call of the hub signs one.
 */
export function hmacSha256(key: string | Buffer, message: string, encoding: 'base64' | 'hex'): string {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key
  // A longer key is hashed first: rare enough to leave it to the library.
  if (bytes.length > BLOCK_BYTES) return createHmac('sha256', bytes).update(message).digest(encoding)
  const inner = Buffer.alloc(BLOCK_BYTES + Buffer.byteLength(message), 0x36)
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, 0x5c)
  for (let index = 0; index < bytes.length; index++) {
    inner[index] = (bytes[index] as number) ^ 0x36
    outer[index] = (bytes[index] as number) ^ 0x5c
  }
  inner.write(message, BLOCK_BYTES)
  outer.set(hash('sha256', inner, 'buffer'), BLOCK_BYTES)
  return hash('sha256', outer, encoding)
}
