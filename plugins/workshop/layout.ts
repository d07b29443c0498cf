import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import Pdf from 'pdfkit'
import { type DocumentBody, type DocumentTable, type Fact, ISSUER } from './body.ts'
import { createPen, type Pen } from './pen.ts'
import type { QrMatrix } from './qr.ts'
import { drawSeal, SEAL_SIZE, type Seal } from './seal.ts'
import { addSignatureField, type SignatureNote } from './signature-field.ts'

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
  /** Files of fonts that stand in for what the hub's own lacks, in their order. */
  fonts?: readonly string[]
  seal?: Seal | null
  /** With it the file has room for a signature. */
  signature?: SignatureNote | null
}

type Doc = InstanceType<typeof Pdf>
type Element = PDFKit.PDFStructureElement

/** One document that is being drawn. */
interface Sheet {
  doc: Doc
  pen: Pen
  root: Element
  content: PrintedDocument
}

const FOLDER = join(dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')), '../fonts')
const PAGE = { width: 595.28, height: 841.89, margin: 56, foot: 72 }
const INNER = PAGE.width - 2 * PAGE.margin
/** Where the QR code stands on the first page, in points. */
export const QR_BOX = { x: PAGE.width - PAGE.margin - 80, y: PAGE.margin, size: 80 }
const SIZE = 10.5
const PAD = 5
/** A cell of more lines is continued in the next row, so that each row fits a page. */
const MAX_LINES = 25
const TITLE_WIDTH = 106
const LONG_TITLE_WIDTH = 160
const PAIR_WIDTHS = [TITLE_WIDTH, INNER / 2 - TITLE_WIDTH, TITLE_WIDTH, INNER / 2 - TITLE_WIDTH]
const INK = { faint: '#595959', line: '#a8a8a8', head: '#f3f3f3', frame: '#e2d8c4' }
const SIGNED_AT = 430
const BODY = { size: 12, width: INNER, lineGap: 8, indent: 24 }

/**
 * Draws a certificate as PDF/A-2b, A4, tagged, its text selectable. Takes some hundred milliseconds of CPU: not for the thread that
 * answers calls.
 */
export function drawPdf(content: PrintedDocument): Promise<Buffer> {
  const at = new Date(content.issuedAt)
  // No ModDate: pdfkit leaves it out of the XMP metadata, which say the same in PDF/A (ISO 19005-2, 6.6.3).
  const info = {
    Title: forMetadata(content.title),
    Author: forMetadata(content.agency),
    Subject: forMetadata(content.agency),
    CreationDate: at,
  }
  const form = { size: 'A4', margin: PAGE.margin, bufferPages: true, pdfVersion: '1.7', subset: 'PDF/A-2b', tagged: true } as const
  const doc = new Pdf({ ...form, lang: 'zh-CN', displayTitle: true, info })
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk))
    doc.on('end', () => resolve(Buffer.concat(chunks)))
    doc.on('error', reject)
  })
  const root = doc.struct('Document')
  doc.addStructure(root)
  const sheet = { doc, pen: createPen(doc, registerFonts(doc, content.fonts ?? [])), root, content }
  drawHead(sheet)
  drawOpening(sheet)
  drawFacts(
    sheet,
    content.conditions.map(([title, value]): Fact => [`查询条件：${title}`, value]),
  )
  for (const [index, { facts, tables }] of content.records.entries()) {
    if (content.records.length > 1) drawTitle(sheet, `记录 ${index + 1}`)
    drawFacts(sheet, facts)
    for (const table of tables) drawTable(sheet, table)
  }
  drawEnd(sheet)
  drawFeet(sheet)
  doc.end()
  return done
}

const WIDE: Readonly<Record<string, string>> = { '&': '＆', '<': '＜', '>': '＞' }

/** pdfkit writes it into XML as it is. */
function forMetadata(text: string): string {
  return text.replace(/[&<>]/g, (mark) => WIDE[mark] ?? mark)
}

function registerFonts(doc: Doc, others: readonly string[]): string[] {
  doc.registerFont('text', join(FOLDER, 'NotoSansHans-Regular.otf')).registerFont('bold', join(FOLDER, 'NotoSansHans-Bold.otf'))
  for (const [index, file] of others.entries()) doc.registerFont(`other-${index}`, file)
  return ['text', ...others.map((_, index) => `other-${index}`)]
}

function drawHead({ doc, pen, root, content: { title, code, issued, expires, qr } }: Sheet): void {
  const width = INNER - 2 * (QR_BOX.size + 12)
  pen.tag(root, 'H1', () =>
    pen.write(title, PAGE.margin + QR_BOX.size + 12, PAGE.margin + 22, { size: 22, width, align: 'center', font: 'bold' }),
  )
  pen.tag(root, 'Figure', () => drawQr(doc, qr), '二维码：核验这份证明的网页')
  const below = Math.max(doc.y + 10, QR_BOX.y + QR_BOX.size + 8)
  // What ends the day it was issued ends at a time of it.
  const end = expires.slice(0, expires.startsWith(issued.slice(0, 10)) ? 16 : 10)
  const line = `验证码 ${code}　核验有效期至 ${end}`
  pen.tag(root, 'P', () => pen.write(line, PAGE.margin, below, { size: 9, width: INNER, align: 'right', colour: INK.faint }))
  pen.ornament(() =>
    doc
      .lineWidth(0.8)
      .moveTo(PAGE.margin, doc.y + 4)
      .lineTo(PAGE.width - PAGE.margin, doc.y + 4)
      .stroke(INK.line),
  )
  doc.y += 22
}

function drawQr(doc: Doc, { size, modules }: QrMatrix): void {
  const step = QR_BOX.size / size
  for (const [index, module] of [...modules].entries())
    if (module === '1') doc.rect(QR_BOX.x + (index % size) * step, QR_BOX.y + Math.floor(index / size) * step, step, step)
  doc.fill('#000000')
}

/** The sentence that certifies: whom, what, by whose records, as of when. */
function drawOpening({ doc, pen, root, content }: Sheet): void {
  const { title, source, holder, issued } = content
  const [[, name] = ['', ''], [numberTitle, number] = ['', '']] = holder
  const whose = holder.length === 0 ? '' : `${name}${number === '' ? '' : `（${numberTitle} ${number}）`}的`
  const what = title.replace(/证明(书)?$/, '') || '有关'
  const words = `兹证明：经查${source}的业务记录，截至 ${dayOf(issued)}，${whose}${what}情况如下。`
  pen.tag(root, 'P', () => pen.write(words, PAGE.margin, doc.y, BODY))
  doc.y += 6
}

function drawTitle({ doc, pen, root }: Sheet, title: string): void {
  makeRoom(doc, 60)
  pen.tag(root, 'H2', () => pen.write(title, PAGE.margin, doc.y + 10, { size: 12, width: INNER, font: 'bold' }))
  doc.y += 4
}

/** As a form has them: two short ones beside each other, a long one for itself. */
function drawFacts(sheet: Sheet, facts: readonly Fact[]): void {
  if (facts.length === 0) return
  const { doc, root } = sheet
  const table = doc.struct('Table')
  root.add(table)
  const isShort = (fact: Fact | undefined) => fact !== undefined && fits(fact[0], TITLE_WIDTH) && fits(fact[1], INNER / 2 - TITLE_WIDTH)
  for (let index = 0; index < facts.length; index++) {
    const [fact, next] = [facts[index] as Fact, facts[index + 1]]
    if (next && isShort(fact) && isShort(next)) {
      drawRow(sheet, table, [...fact, ...next], PAIR_WIDTHS, [true, false, true, false])
      index++
    } else {
      const width = fits(fact[0], TITLE_WIDTH) ? TITLE_WIDTH : LONG_TITLE_WIDTH
      drawRow(sheet, table, fact, [width, INNER - width], [true, false])
    }
  }
  table.end()
}

/** Whether a text surely needs one line: no character is wider than its size. */
function fits(text: string, width: number): boolean {
  return [...text].length * SIZE <= width - 2 * PAD
}

function drawTable(sheet: Sheet, { title, head, rows }: DocumentTable): void {
  drawTitle(sheet, title)
  const table = sheet.doc.struct('Table')
  sheet.root.add(table)
  const widths = head.map(() => INNER / head.length)
  const shaded = head.map(() => true)
  const repeatHead = () => drawRow(sheet, table, head, widths, shaded)
  repeatHead()
  for (const row of rows) drawRow(sheet, table, row, widths, [], repeatHead)
  if (rows.length === 0) drawRow(sheet, table, ['没有记录'], [INNER], [])
  table.end()
}

/** One row of cells, in as many parts as their length needs. */
function drawRow(
  { doc, pen }: Sheet,
  table: Element,
  cells: readonly string[],
  widths: readonly number[],
  shaded: readonly boolean[],
  onNewPage?: () => void,
): void {
  const parts = cells.map((cell, index) => splitCell(cell.replace(/\s+/g, ' '), widths[index] ?? INNER))
  const count = Math.max(...parts.map(({ length }) => length))
  const style = (index: number) => ({ size: SIZE, width: (widths[index] ?? 0) - 2 * PAD, lineGap: 1.5 })
  for (let part = 0; part < count; part++) {
    const texts = parts.map((pieces) => pieces[part] ?? '')
    const height = 2 * PAD + Math.max(...texts.map((text, index) => pen.height(text, style(index))))
    if (makeRoom(doc, height)) onNewPage?.()
    const top = doc.y
    const row = doc.struct('TR')
    table.add(row)
    let left = PAGE.margin
    for (const [index, text] of texts.entries()) {
      const width = widths[index] ?? 0
      pen.ornament(() => {
        doc.lineWidth(0.7).rect(left, top, width, height)
        if (shaded[index]) doc.fillAndStroke(INK.head, INK.line)
        else doc.stroke(INK.line)
      })
      pen.tag(row, shaded[index] ? 'TH' : 'TD', () => pen.write(text, left + PAD, top + PAD + 1.5, style(index)))
      left += width
    }
    doc.y = top + height
  }
}

function splitCell(text: string, width: number): string[] {
  const piece = Math.max(1, Math.floor((width - 2 * PAD) / SIZE)) * MAX_LINES
  const characters = [...text]
  const count = Math.max(1, Math.ceil(characters.length / piece))
  return Array.from({ length: count }, (_, index) => characters.slice(index * piece, (index + 1) * piece).join(''))
}

/** → whether a page was begun. */
function makeRoom(doc: Doc, height: number): boolean {
  if (doc.y + height <= PAGE.height - PAGE.foot) return false
  doc.addPage()
  doc.y = PAGE.margin
  return true
}

/** 特此证明, agency and day under the seal, and at the foot of the last page how it is verified. */
function drawEnd(sheet: Sheet): void {
  const { doc, pen, root, content } = sheet
  const { agency, source, verifyUrl, issued, seal, signature } = content
  makeRoom(doc, 172)
  const below = doc.y + 8
  // A short certificate is signed where the eye looks for it, not at once below its table.
  const top = Math.max(below, doc.bufferedPageRange().count === 1 ? SIGNED_AT : 0)
  pen.tag(root, 'P', () => pen.write('特此证明。', PAGE.margin, below + 4, BODY))
  const width = 240
  const left = PAGE.width - PAGE.margin - width
  const corner = { x: left + (width - SEAL_SIZE) / 2, y: top }
  pen.tag(root, 'P', () => pen.write(agency, left, top + 40, { size: 12, width, align: 'center' }))
  pen.tag(root, 'P', () => pen.write(dayOf(issued), left, top + 62, { size: 12, width, align: 'center' }))
  if (seal) pen.tag(root, 'Figure', () => drawSeal(doc, pen, seal, agency, corner.x, corner.y), `${agency}的印章`)
  if (signature) addSignatureField(doc, signature, seal ? [corner.x, corner.y, corner.x + SEAL_SIZE, corner.y + SEAL_SIZE] : undefined)

  const lines = [
    agency === ISSUER
      ? `本证明由${ISSUER}依据其调用记录和存证出具。`
      : `本证明由${ISSUER}代${agency}出具，数据由${source}提供，以其记录为准。`,
    '扫描首页二维码或访问下列地址，可核验本证明的真伪；核验结果所载的文件摘要（SHA-256）与本文件一致的，即未经改动。',
    ...(signature ? ['本文件带有数字签名，改动会使签名失效；纸质件不带签名，请以核验结果为准。'] : []),
    `出具时间 ${issued}　核验地址 ${verifyUrl}`,
  ]
  const small = { size: 8.5, width: INNER, colour: INK.faint, lineGap: 2 }
  const needed = lines.reduce((sum, line) => sum + pen.height(line, small), 0)
  doc.y = Math.max(top + SEAL_SIZE + 2, PAGE.height - PAGE.foot - needed - 4)
  for (const line of lines) pen.tag(root, 'P', () => pen.write(line, PAGE.margin, doc.y, small))
}

function drawFeet({ doc, pen, content: { code } }: Sheet): void {
  const { count } = doc.bufferedPageRange()
  for (let page = 0; page < count; page++) {
    doc.switchToPage(page)
    // Text below the margin would begin a page.
    doc.page.margins.bottom = 0
    const style = { size: 8, width: INNER, colour: INK.faint, lineBreak: false }
    pen.ornament(() => {
      doc
        .lineWidth(1.2)
        .rect(28, 28, PAGE.width - 56, PAGE.height - 56)
        .stroke(INK.frame)
      pen.write(`验证码 ${code}`, PAGE.margin, PAGE.height - 50, style)
      pen.write(`第 ${page + 1} 页，共 ${count} 页`, PAGE.margin, PAGE.height - 50, { ...style, align: 'right' })
    })
  }
}

/** `2026年11月27日` of `2026-11-27 …`. */
function dayOf(readable: string): string {
  const [year, month, day] = readable.slice(0, 10).split('-').map(Number)
  return `${year}年${month}月${day}日`
}
