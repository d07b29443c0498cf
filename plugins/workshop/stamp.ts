import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { imageSize } from 'image-size'
import Pdf from 'pdfkit'
import { assertUnpacks } from './png.ts'

const FONT = join(dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')), '../fonts/NotoSansHans-Regular.otf')
/** A decoded picture is held whole. */
const MOST_PIXELS = 40_000_000
/** The longer side of the page, in points: A4's. */
const LONGEST = 842
const TILT = -30
const INK = { color: '#7a7a7a', opacity: 0.35 }

/**
 * A PNG or JPEG on a page of its own shape, with the lines all over it: whom it was handed to, for what and when. Throws for
 * what is no picture or too large a one.
 */
export async function stampImage(image: Buffer, lines: readonly string[]): Promise<Buffer> {
  const { width, height } = imageSize(image)
  if (!(width > 0 && height > 0 && width * height <= MOST_PIXELS)) throw new Error('a picture that is too large to be stamped')
  await assertUnpacks(image)
  const scale = LONGEST / Math.max(width, height)
  const size: [number, number] = [width * scale, height * scale]
  return drawn(size, lines, (doc) => doc.image(image, 0, 0, { width: size[0], height: size[1] }))
}

/** A page of that size with nothing but the lines: to be laid over another. */
export function marksOn(size: readonly [width: number, height: number], lines: readonly string[]): Promise<Buffer> {
  return drawn([...size], lines)
}

function drawn(
  size: [number, number],
  lines: readonly string[],
  below: (doc: PDFKit.PDFDocument) => unknown = () => undefined,
): Promise<Buffer> {
  const doc = new Pdf({ size, margin: 0, lang: 'zh-CN', info: { Title: lines.join(' ') } })
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk))
    doc.on('end', () => resolve(Buffer.concat(chunks)))
    doc.on('error', reject)
  })
  below(doc)
  const letters = Math.max(6, Math.min(...size) / 24)
  const text = lines.join('\n')
  doc.registerFont('text', FONT).font('text').fontSize(letters).fillColor(INK.color, INK.opacity)
  const step = { x: letters * 16, y: letters * (lines.length + 5) }
  for (let y = 0; y < size[1] + step.y; y += step.y)
    for (let x = -step.x / 2; x < size[0]; x += step.x)
      doc
        .save()
        .rotate(TILT, { origin: [x, y] })
        .text(text, x, y, { lineBreak: false, width: step.x })
        .restore()
  doc.end()
  return done
}
