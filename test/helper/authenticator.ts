import { createHmac } from 'node:crypto'

/** What an authenticator app does, from RFC 4226 §5.3 and RFC 6238 §4.2, with no code of the hub's. */
export function codeOf(secret: Buffer | string, step: number, digits = 6): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', typeof secret === 'string' ? base32(secret) : secret)
    .update(counter)
    .digest()
  const truncated = hash.readUInt32BE((hash.at(-1) ?? 0) & 0xf) & 0x7fff_ffff
  return String(truncated % 10 ** digits).padStart(digits, '0')
}

export const stepNow = (): number => Math.floor(Date.now() / 30_000)

/** RFC 4648 §6, without padding. */
function base32(text: string): Buffer {
  const bits = [...text].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}
