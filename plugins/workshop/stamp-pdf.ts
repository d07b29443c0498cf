import { inflateSync } from 'node:zlib'
import { ParseSpeeds, PDFDocument, type PDFEmbeddedPage, type PDFPage } from '@cantoo/pdf-lib'
import { marksOn } from './stamp.ts'

/** A paper of an agency has a few; a book takes longer than anybody waits. */
const MOST_PAGES = 300
/** Pages of other shapes than so many share the marks of one, stretched. */
const MOST_SHAPES = 3
/** What one part of it may unpack to, and all together. */
const MOST_BYTES = 64 * 1024 * 1024
const MOST_BYTES_IN_ALL = 256 * 1024 * 1024

/**
 * A PDF with the lines over every page, under which what it says stays text. Throws for one that is signed or encrypted, broken, a
 * bomb, or a book: what is written into it would undo a signature.
 */
export async function stampPdf(pdf: Buffer, lines: readonly string[]): Promise<Buffer> {
  assertPdfUnpacks(pdf)
  const paper = await PDFDocument.load(pdf, { updateMetadata: false, throwOnInvalidObject: true, parseSpeed: ParseSpeeds.Fastest })
  const pages = paper.getPages()
  if (pages.length === 0 || pages.length > MOST_PAGES) throw new Error('a PDF with no page or too many')
  const marks = new Map<string, PDFEmbeddedPage>()
  for (const page of pages) await mark(paper, page, lines, marks)
  return Buffer.from(await paper.save({ useObjectStreams: false }))
}

async function mark(paper: PDFDocument, page: PDFPage, lines: readonly string[], known: Map<string, PDFEmbeddedPage>): Promise<void> {
  const { x, y, width, height } = page.getMediaBox()
  if (!(width > 0 && height > 0)) throw new Error('a page without a shape')
  const shape = `${Math.round(width)}x${Math.round(height)}`
  const [first] = known.values()
  let marks = known.get(shape) ?? (known.size < MOST_SHAPES ? undefined : first)
  if (!marks) {
    const [drawn] = await paper.embedPdf(await marksOn([width, height], lines))
    if (!drawn) throw new Error('no marks were drawn')
    known.set(shape, drawn)
    marks = drawn
  }
  page.drawPage(marks, { x, y, width, height })
}

/** Throws for what would burst when it is unpacked, whatever its parts say of themselves: each is tried, and what is packed twice is none. */
function assertPdfUnpacks(pdf: Buffer): void {
  let all = 0
  const named = namesIn(pdf)
  for (let at = pdf.indexOf(STREAM); at !== -1; at = pdf.indexOf(STREAM, at + 1)) {
    const data = pdf.subarray(startOf(pdf, at + STREAM.length))
    const whole = unpacked(data, Math.min(MOST_BYTES, MOST_BYTES_IN_ALL - all))
    all += whole.length
    const { objects, others } = namesIn(whole)
    named.objects ||= objects
    named.others ||= others
    if (unpacked(whole, MOST_BYTES).length > 0) throw new Error('a PDF with a part that is packed twice')
  }
  if (named.objects && named.others) throw new Error('a PDF whose objects may be packed otherwise')
}

/**
 * Reading a PDF unpacks the streams that hold its objects, by whatever filters they name, and only deflated ones are tried here. So a PDF
 * with such streams names no other filter. A name may be written with its characters as numbers.
 */
function namesIn(text: Buffer): { objects: boolean; others: boolean } {
  const plain = text.toString('latin1').replace(/#([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return { objects: /\/(?:ObjStm|XRef)\b/.test(plain), others: /\/(?:ASCIIHex|ASCII85|LZW|RunLength)Decode\b/.test(plain) }
}

const STREAM = 'stream'

/** Behind the end of the line. */
function startOf(pdf: Buffer, at: number): number {
  return at + (pdf[at] === 0x0d ? 1 : 0) + (pdf[at + (pdf[at] === 0x0d ? 1 : 0)] === 0x0a ? 1 : 0)
}

const NOTHING = Buffer.alloc(0)

/** → what was deflated; nothing where that is none. Throws where it is more than that. */
function unpacked(data: Buffer, most: number): Buffer {
  const [first = 0, second = 0] = data
  if ((first & 0x0f) !== 8 || ((first << 8) | second) % 31 !== 0) return NOTHING
  try {
    return inflateSync(data, { maxOutputLength: Math.max(1, most) })
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw new Error('a PDF that unpacks to too much', { cause: error })
    return NOTHING
  }
}
