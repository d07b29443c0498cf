/** The little of DER (X.690) that SM2 keys, signatures and ciphertexts need. Reading is strict: definite, shortest lengths, nothing left over. */

export const INTEGER = 0x02
export const BIT_STRING = 0x03
export const OCTET_STRING = 0x04
export const SEQUENCE = 0x30

export interface Element {
  tag: number
  value: Buffer
}

/** The elements of a sequence that fills `bytes`. Throws on anything else. */
export function readSequence(bytes: Buffer): Element[] {
  const [outer, ...rest] = readElements(bytes)
  if (outer?.tag !== SEQUENCE || rest.length > 0) throw malformed()
  return readElements(outer.value)
}

/** A non-negative integer as `size` bytes. */
export function readUnsigned({ tag, value }: Element, size: number): Buffer {
  const [first = 0x80, second = 0x80] = value
  if (tag !== INTEGER || first >= 0x80 || (first === 0 && value.length > 1 && second < 0x80)) throw malformed()
  const digits = first === 0 ? value.subarray(1) : value
  if (digits.length > size) throw malformed()
  return Buffer.concat([Buffer.alloc(size - digits.length), digits])
}

export function readOctets({ tag, value }: Element): Buffer {
  if (tag !== OCTET_STRING) throw malformed()
  return value
}

export function writeSequence(...elements: Buffer[]): Buffer {
  return write(SEQUENCE, Buffer.concat(elements))
}

export function writeUnsigned(digits: Buffer): Buffer {
  let start = 0
  while (start < digits.length - 1 && digits[start] === 0) start++
  const shortest = digits.subarray(start)
  return write(INTEGER, (shortest[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), shortest]) : shortest)
}

export function writeOctets(value: Buffer): Buffer {
  return write(OCTET_STRING, value)
}

export function readElements(bytes: Buffer): Element[] {
  const elements: Element[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at++] as number
    const head = bytes[at++]
    if (head === undefined || head === 0x80 || head > 0x84) throw malformed()
    const count = head < 0x80 ? 0 : head - 0x80
    if (at + count > bytes.length) throw malformed()
    const length = count === 0 ? head : bytes.readUIntBE(at, count)
    if (count > 0 && (length < 0x80 || bytes[at] === 0)) throw malformed()
    at += count
    if (at + length > bytes.length) throw malformed()
    elements.push({ tag, value: bytes.subarray(at, at + length) })
    at += length
  }
  return elements
}

function write(tag: number, value: Buffer): Buffer {
  if (value.length < 0x80) return Buffer.concat([Buffer.from([tag, value.length]), value])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(value.length)
  const digits = length.subarray(length.findIndex((byte) => byte !== 0))
  return Buffer.concat([Buffer.from([tag, 0x80 + digits.length]), digits, value])
}

function malformed(): Error {
  return new Error('malformed DER')
}
