import { Readable } from 'node:stream'
import { createInflate } from 'node:zlib'

/** A picture with transparency is unpacked whole to be drawn, and copied. */
const MOST_BYTES = 128 * 1024 * 1024
const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
/** Samples of a pixel by colour type (PNG specification §11.2.1). */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** Throws for a PNG whose pixels are more than its header says, or than can be held: what is packed to burst is told before it does. */
export async function assertUnpacks(image: Buffer): Promise<void> {
  if (!image.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return
  const headers: Buffer[] = []
  const packed: Buffer[] = []
  for (let at = SIGNATURE.length; at + 8 <= image.length; ) {
    const length = image.readUInt32BE(at)
    const type = image.toString('latin1', at + 4, at + 8)
    const data = image.subarray(at + 8, at + 8 + length)
    if (type === 'IHDR') headers.push(data)
    if (type === 'IDAT') packed.push(data)
    at += length + 12
  }
  const [header] = headers
  const most = header && headers.length === 1 ? bytesOf(header) : 0
  if (most === 0 || most > MOST_BYTES) throw new Error('a picture that is too large to be stamped')
  let bytes = 0
  for await (const part of Readable.from(packed).pipe(createInflate())) {
    bytes += (part as Buffer).length
    if (bytes > most) throw new Error('a picture with more pixels than it says')
  }
}

/** What its rows take at most, each with a byte for its filter; 0 for what is no header. */
function bytesOf(header: Buffer): number {
  if (header.length !== 13) return 0
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const bits = (header[8] ?? 0) * (SAMPLES[header[9] ?? -1] ?? 0)
  const rows = (wide: number, high: number) => (wide === 0 ? 0 : high * (1 + Math.ceil((wide * bits) / 8)))
  // Interlaced in seven passes, of which each has rows of its own.
  return header[12] === 0 ? rows(width, height) : rows(width, height) + 2 * 7 * (width + height)
}
