import { crc32, deflateSync } from 'node:zlib'
import { type QrMatrix, qrOf } from './qr.ts'

/** White modules around the code, as ISO/IEC 18004 asks for, and pixels a module. */
const QUIET = 4
const PIXELS = 8

/** The QR code of a text as a PNG in black and white. */
export function qrImage(text: string): Buffer {
  return pngOf(qrOf(text))
}

function pngOf({ size, modules }: QrMatrix): Buffer {
  const side = (size + 2 * QUIET) * PIXELS
  const stride = 1 + Math.ceil(side / 8)
  const rows = Buffer.alloc(stride * side, 0xff)
  for (let y = 0; y < side; y++) {
    // No filter.
    rows[y * stride] = 0
    for (let x = 0; x < side; x++) {
      const [row, column] = [Math.floor(y / PIXELS) - QUIET, Math.floor(x / PIXELS) - QUIET]
      const isDark = row >= 0 && row < size && column >= 0 && column < size && modules[row * size + column] === '1'
      const at = y * stride + 1 + (x >> 3)
      if (isDark) rows[at] = (rows[at] ?? 0) & ~(0x80 >> (x & 7))
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  // One bit of grey a pixel.
  header.set([1, 0, 0, 0, 0], 8)
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
