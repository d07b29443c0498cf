import { deflateSync } from 'node:zlib'
import Pdf from 'pdfkit'
import t from 'tap'
import { textOfPdf } from '../../../conformance/pdf-text.ts'
import { stampPdf } from '../../../plugins/workshop/stamp-pdf.ts'
import { createWorkshop } from '../../../plugins/workshop/workshop.ts'
import { pdfOf } from '../../helper/file-bytes.ts'

const LINES = ['仅供本人办理业务使用', '贾* 2026-11-27 10:00']

function paper(sizes: [number, number][]): Promise<Buffer> {
  const doc = new Pdf({ autoFirstPage: false })
  const parts: Buffer[] = []
  doc.on('data', (part: Buffer) => parts.push(part))
  for (const [index, size] of sizes.entries()) doc.addPage({ size, margin: 10 }).text(`page ${index}`)
  doc.end()
  return new Promise((resolve) => doc.on('end', () => resolve(Buffer.concat(parts))))
}

/** With one more part that holds this, whatever it is called. */
const withPart = (pdf: Buffer, data: Buffer, head = `<</Length ${data.length}/Filter/#46lateDecode>>`) =>
  Buffer.concat([pdf, Buffer.from(`\n99 0 obj\n${head}\nstream\n`), data, Buffer.from('\nendstream\nendobj\n')])

t.test('every page of a PDF is marked, and what it says stays text', async (t) => {
  const shop = createWorkshop({ niceness: 0 })
  t.teardown(() => shop.close())
  const place = shop.enter('a', 'HUB_DOCUMENT_BUSY')
  const pdf = await paper([300, 310, 320, 330, 340].map((width) => [width, 400]))
  const stamped = await place.print({ type: 'stamp-pdf', pdf, lines: LINES }).finally(place.leave)
  t.equal(stamped.subarray(0, 5).toString(), '%PDF-')
  t.match(textOfPdf(stamped), /仅供本人办理业务使用\n贾\* 2026-11-27 10:00/)
  const text = stamped.toString('latin1')
  t.equal(text.match(/\/Type \/Page\b/g)?.length, 5)
  t.ok((text.match(/\/EmbeddedPdfPage-\d+ \d+ 0 R/g)?.length ?? 0) >= 5, 'each page has its marks')
  t.equal(text.match(/\/Subtype \/Form/g)?.length, 3, 'so many shapes are drawn, the others share')
})

t.test('what cannot be marked is told, and a bomb before it bursts', async (t) => {
  const good = await paper([[300, 400]])
  const [bomb, twice] = [deflateSync(Buffer.alloc(65 * 1024 * 1024)), deflateSync(deflateSync(Buffer.alloc(1000)))]
  await t.rejects(stampPdf(pdfOf(5000), LINES), 'what is none')
  await t.rejects(stampPdf(good.subarray(0, good.length / 2), LINES), 'one that breaks off')
  await t.rejects(stampPdf(withPart(good, bomb), LINES), { message: /unpacks to too much/ })
  await t.rejects(stampPdf(withPart(good, twice), LINES), { message: /packed twice/ })
  const hex = Buffer.from(`${bomb.toString('hex')}>`)
  const objects = (filters: string) => `<</Type/ObjStm/N 1/First 4/Length ${hex.length}/Filter[${filters}/FlateDecode]>>`
  for (const filters of ['/ASCIIHexDecode', '/ASCII#48exDecode'])
    await t.rejects(stampPdf(withPart(good, hex, objects(filters)), LINES), { message: /packed otherwise/ }, 'objects in other clothes')
  const drawn = withPart(good, hex, `<</Length ${hex.length}/Filter[/ASCIIHexDecode/FlateDecode]>>`)
  t.ok((await stampPdf(drawn, LINES)).length > 0, 'what is no object is not unpacked')
  await t.rejects(stampPdf(await paper(Array.from({ length: 301 }, () => [100, 100])), LINES), { message: /no page or too many/ })
})
