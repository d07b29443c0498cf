import { crc32, inflateSync } from 'node:zlib'
import t from 'tap'
import { qrOf } from '../../../plugins/workshop/qr.ts'
import { qrImage } from '../../../plugins/workshop/qr-image.ts'

const PIXELS = 8
const QUIET = 4

/** Chunks of a PNG, each with its checksum right. */
function chunksOf(image: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  for (let at = 8; at < image.length; ) {
    const length = image.readUInt32BE(at)
    const [type, data] = [image.toString('latin1', at + 4, at + 8), image.subarray(at + 8, at + 8 + length)]
    if (crc32(image.subarray(at + 4, at + 8 + length)) !== image.readUInt32BE(at + 8 + length)) throw new Error(`checksum of ${type}`)
    found.set(type, data)
    at += length + 12
  }
  return found
}

t.test('the picture of a code is the code, with white around it', async (t) => {
  const text = 'x'.repeat(48)
  const { size, modules } = qrOf(text)
  const chunks = chunksOf(qrImage(text))
  t.same([...chunks.keys()], ['IHDR', 'IDAT', 'IEND'])
  const side = chunks.get('IHDR')?.readUInt32BE(0) ?? 0
  t.equal(side, (size + 2 * QUIET) * PIXELS)
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0))
  const stride = 1 + side / 8
  t.equal(rows.length, stride * side)
  const isDark = (x: number, y: number) => ((rows[y * stride + 1 + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) === 0
  const read: string[] = []
  for (let row = -QUIET; row < size + QUIET; row++)
    for (let column = -QUIET; column < size + QUIET; column++) {
      const [x, y] = [(column + QUIET) * PIXELS, (row + QUIET) * PIXELS]
      // All of a module is of one colour.
      const corners = [isDark(x, y), isDark(x + PIXELS - 1, y + PIXELS - 1)]
      if (corners[0] !== corners[1]) throw new Error(`module ${row}, ${column}`)
      const inside = row >= 0 && row < size && column >= 0 && column < size
      if (inside) read.push(corners[0] ? '1' : '0')
      else if (corners[0]) throw new Error('dark where there is nothing')
    }
  t.equal(read.join(''), modules)
})
