import { crc32, deflateSync } from 'node:zlib'
import t from 'tap'
import { createWorkshop } from '../../../plugins/workshop/workshop.ts'

const LINES = ['仅供本人办理业务使用']

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

function header(width: number, height: number, interlaced = 0): Buffer {
  const data = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, interlaced])
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  return chunk('IHDR', data)
}

/** A PNG with transparency, which is unpacked to be drawn; its pixels are so many bytes, whatever its header says. */
function png(bytes: number, ...headers: Buffer[]): Buffer {
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([signature, ...headers, chunk('IDAT', deflateSync(Buffer.alloc(bytes))), chunk('IEND', Buffer.alloc(0))])
}

t.test('a picture that would burst is told before it is unpacked', async (t) => {
  const shop = createWorkshop({ niceness: 0 })
  t.teardown(() => shop.close())
  const stamp = (image: Buffer) => {
    const place = shop.enter('a', 'HUB_DOCUMENT_BUSY')
    return place.print({ type: 'stamp', image, lines: LINES }).finally(place.leave)
  }
  for (const interlaced of [0, 1]) t.match((await stamp(png(8 * 33, header(8, 8, interlaced)))).subarray(0, 5).toString(), '%PDF-')
  const because = (words: RegExp) => ({ cause: { message: words } })
  await t.rejects(stamp(png(16 * 1024 * 1024, header(8, 8))), because(/more pixels than it says/))
  await t.rejects(
    stamp(png(8 * 33, header(8, 8), header(20_000, 20_000))),
    because(/too large/),
    'the second header would be the one that counts',
  )
  await t.rejects(
    stamp(png(8 * 33, header(6000, 6000))),
    because(/too large/),
    'as many pixels as are taken of others, but four bytes each',
  )
})
