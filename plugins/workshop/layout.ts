import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import Pdf from 'pdfkit'
import type { DocumentBody, DocumentTable, Fact } from './body.ts'
import type { QrMatrix } from './qr.ts'

/** All that a page shows; plain data. Times are epoch milliseconds. */
export interface PrintedDocument extends DocumentBody {
  /** Grouped for reading. */
  code: string
  verifyUrl: string
  qr: QrMatrix
  issuedAt: number
  /** Beijing time, for people. */
  issued: string
  expires: string
}

const FONT = join(dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')), '../fonts/NotoSansHans-Regular.otf')
const PAGE = { width: 595.28, height: 841.89, margin: 56, foot: 72 }
const INNER = PAGE.width - 2 * PAGE.margin
/** Where the QR code stands on the first page, in points. */
export const QR_BOX = { x: PAGE.width - PAGE.margin - 90, y: PAGE.margin, size: 90 }
const SIZE = 10
const PAD = 5
/** A cell of more lines is continued in the next row, so that each row fits a page. */
const MAX_LINES = 25
const FACT_WIDTHS = [130, INNER - 130]
const INK = { text: '#1a1a1a', faint: '#666666', line: '#b8b8b8', head: '#f0f0f0' }

/** Draws a document as PDF, A4, its text selectable. Takes some hundred milliseconds of CPU: not for the thread that answers calls. */
export function drawPdf(content: PrintedDocument): Promise<Buffer> {
  const at = new Date(content.issuedAt)
  const info = { Title: content.title, Subject: content.agency, CreationDate: at, ModDate: at }
  const doc = new Pdf({ size: 'A4', margin: PAGE.margin, bufferPages: true, lang: 'zh-CN', displayTitle: true, info })
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk))
    doc.on('end', () => resolve(Buffer.concat(chunks)))
    doc.on('error', reject)
  })
  doc.registerFont('text', FONT).font('text').fillColor(INK.text)
  drawHead(doc, content)
  drawFacts(doc, [...content.holder, ...content.conditions.map(([title, value]): Fact => [`查询条件：${title}`, value])])
  for (const [index, { facts, tables }] of content.records.entries()) {
    drawTitle(doc, content.records.length > 1 ? `记录 ${index + 1}` : '记录')
    drawFacts(doc, facts)
    for (const table of tables) drawTable(doc, table)
  }
  drawStatement(doc, content)
  drawFeet(doc, content)
  doc.end()
  return done
}

function drawHead(doc: PDFKit.PDFDocument, { title, agency, code, issued, expires, qr }: PrintedDocument): void {
  const width = INNER - QR_BOX.size - 20
  doc.fontSize(20).text(title, PAGE.margin, PAGE.margin, { width })
  doc.fontSize(12).text(agency, { width })
  doc.moveDown(0.5).fontSize(9).fillColor(INK.faint)
  for (const line of [`验证码 ${code}`, `出具时间 ${issued}`, `核验有效期至 ${expires}`]) doc.text(line, { width })
  drawQr(doc, qr)
  doc.fillColor(INK.text)
  doc.y = Math.max(doc.y, QR_BOX.y + QR_BOX.size) + 16
}

function drawQr(doc: PDFKit.PDFDocument, { size, modules }: QrMatrix): void {
  const step = QR_BOX.size / size
  for (const [index, module] of [...modules].entries())
    if (module === '1') doc.rect(QR_BOX.x + (index % size) * step, QR_BOX.y + Math.floor(index / size) * step, step, step)
  doc.fill('#000000')
}

function drawTitle(doc: PDFKit.PDFDocument, title: string): void {
  makeRoom(doc, 60)
  doc.fontSize(12).text(title, PAGE.margin, doc.y + 8, { width: INNER })
  doc.y += 4
}

function drawFacts(doc: PDFKit.PDFDocument, facts: readonly Fact[]): void {
  for (const fact of facts) drawRow(doc, fact, FACT_WIDTHS, [true, false])
}

function drawTable(doc: PDFKit.PDFDocument, { title, head, rows }: DocumentTable): void {
  drawTitle(doc, title)
  const widths = head.map(() => INNER / head.length)
  const shaded = head.map(() => true)
  const repeatHead = () => drawRow(doc, head, widths, shaded)
  repeatHead()
  for (const row of rows) drawRow(doc, row, widths, [], repeatHead)
  if (rows.length === 0) drawRow(doc, ['没有记录'], [INNER], [])
}

/** One row of cells, in as many parts as their length needs. */
function drawRow(
  doc: PDFKit.PDFDocument,
  cells: readonly string[],
  widths: readonly number[],
  shaded: readonly boolean[],
  onNewPage?: () => void,
): void {
  doc.fontSize(SIZE)
  const parts = cells.map((cell, index) => splitCell(printable(doc, cell.replace(/\s+/g, ' ')), widths[index] ?? INNER))
  const count = Math.max(...parts.map(({ length }) => length))
  for (let part = 0; part < count; part++) {
    const texts = parts.map((pieces) => pieces[part] ?? '')
    const height =
      2 * PAD + Math.max(...texts.map((text, index) => doc.heightOfString(text || ' ', { width: (widths[index] ?? 0) - 2 * PAD })))
    if (makeRoom(doc, height)) onNewPage?.()
    const top = doc.y
    let left = PAGE.margin
    for (const [index, text] of texts.entries()) {
      const width = widths[index] ?? 0
      doc.rect(left, top, width, height)
      if (shaded[index]) doc.fillAndStroke(INK.head, INK.line)
      else doc.stroke(INK.line)
      doc.fillColor(INK.text).text(text, left + PAD, top + PAD, { width: width - 2 * PAD })
      left += width
    }
    doc.y = top + height
  }
}

/** pdfkit keeps the font that it draws with to itself. */
interface Drawing {
  _font: { font: { hasGlyphForCodePoint(code: number): boolean } }
}

/** Stands for a character that the font lacks (rare ones of names), as printers have it: never a blank. */
const GETA_MARK = '〓'

function printable(doc: PDFKit.PDFDocument, text: string): string {
  const { font } = (doc as unknown as Drawing)._font
  return [...text].map((character) => (font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0) ? character : GETA_MARK)).join('')
}

function splitCell(text: string, width: number): string[] {
  const piece = Math.max(1, Math.floor((width - 2 * PAD) / SIZE)) * MAX_LINES
  const characters = [...text]
  const count = Math.max(1, Math.ceil(characters.length / piece))
  return Array.from({ length: count }, (_, index) => characters.slice(index * piece, (index + 1) * piece).join(''))
}

/** → whether a page was begun. */
function makeRoom(doc: PDFKit.PDFDocument, height: number): boolean {
  if (doc.y + height <= PAGE.height - PAGE.foot) return false
  doc.addPage()
  doc.y = PAGE.margin
  return true
}

function drawStatement(doc: PDFKit.PDFDocument, { agency, source, verifyUrl }: PrintedDocument): void {
  makeRoom(doc, 90)
  const lines = [
    `本证明由许昌市政务服务集成中枢代${agency}出具，数据由${source}提供，以其记录为准。`,
    '扫描首页二维码或访问下列地址，可核验本证明的真伪；核验结果所载的文件摘要（SHA-256）与本文件一致的，即未经改动。',
    verifyUrl,
  ]
  doc.y += 14
  doc.fontSize(9).fillColor(INK.faint)
  for (const line of lines) doc.text(line, PAGE.margin, doc.y, { width: INNER })
}

function drawFeet(doc: PDFKit.PDFDocument, { code }: PrintedDocument): void {
  const { count } = doc.bufferedPageRange()
  for (let page = 0; page < count; page++) {
    doc.switchToPage(page)
    // Text below the margin would begin a page.
    doc.page.margins.bottom = 0
    doc.fontSize(8).fillColor(INK.faint)
    doc.text(`验证码 ${code}`, PAGE.margin, PAGE.height - 48, { width: INNER, lineBreak: false })
    doc.text(`第 ${page + 1} 页，共 ${count} 页`, PAGE.margin, PAGE.height - 48, { width: INNER, align: 'right' })
  }
}
