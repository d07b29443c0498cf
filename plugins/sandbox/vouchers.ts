import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import type { Fields } from '../../core/contract/fields.ts'
import type { SandboxRow } from '../../core/contract/types.ts'
import type { SandboxService } from '../kinds/simulation.ts'
import { valueIn } from './services.ts'

/** A file as an agency hands it out. */
export interface Voucher {
  readonly mediaType: string
  readonly body: Buffer
}

const require = createRequire(import.meta.url)
const FONT = join(dirname(require.resolve('@embedpdf/fonts-sc')), '../fonts/NotoSansHans-Regular.otf')

/** The file of that number, drawn from the record that names it: the two agree because they are one. */
export function findVoucher({ connector, contract }: SandboxService, rows: readonly SandboxRow[], number: string): Voucher | null {
  for (const row of rows) {
    const note = notesIn(contract.fields, row).find((candidate) => String(candidate['id'] ?? candidate['wjbh']) === number)
    if (!note) continue
    const facts = [['编号', number], ...factsOf(contract.fields, row)] as [string, string][]
    const mediaType = String(note['mediaType'] ?? note['wjlx'] ?? 'application/pdf')
    if (mediaType === 'image/png') return { mediaType, body: drawPng(facts) }
    return { mediaType: 'application/pdf', body: drawPdf(connector.agency, String(note['name'] ?? note['wjmc']), facts) }
  }
  return null
}

function notesIn(fields: Fields, row: SandboxRow): SandboxRow[] {
  return Object.entries(fields).flatMap(([name, { notes }]) => {
    const value = valueIn(row, name, notes)
    if (!Array.isArray(value)) return []
    if (notes.type === 'files') return value as SandboxRow[]
    const { columns } = notes
    return columns ? (value as SandboxRow[]).flatMap((item) => notesIn(columns, item)) : []
  })
}

/** What the record says, apart from its lists. */
function factsOf(fields: Fields, row: SandboxRow): [title: string, value: string][] {
  return Object.entries(fields).flatMap(([name, { notes }]): [string, string][] => {
    const value = valueIn(row, name, notes)
    if (value === undefined || value === null || typeof value === 'object') return []
    return [[notes.title, notes.list?.values[String(value)] ?? String(value)]]
  })
}

/** Small enough to be drawn while the agency answers. */
function drawPdf(agency: string, name: string, facts: readonly [string, string][]): Buffer {
  // Read when a file is first asked for.
  const Pdf = require('pdfkit') as typeof import('pdfkit')
  const doc = new Pdf({ size: 'A5', margin: 40, lang: 'zh-CN', info: { Title: name, Subject: agency, CreationDate: new Date(0) } })
  doc.registerFont('text', FONT).font('text').fontSize(14).text(`${agency}（沙箱样张）`).moveDown().fontSize(9)
  for (const [title, value] of facts) doc.text(`${title}：${value}`)
  doc.end()
  return doc.read() as Buffer
}

const SIDE = 64

/** A grey square with the record in its text chunk. */
function drawPng(facts: readonly [string, string][]): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(SIDE, 0)
  head.writeUInt32BE(SIDE, 4)
  head.set([8, 0, 0, 0, 0], 8)
  const pixels = Buffer.alloc(SIDE * (SIDE + 1), 0xcc)
  for (let row = 0; row < SIDE; row++) pixels[row * (SIDE + 1)] = 0
  const text = Buffer.from(`Comment\0\0\0zh\0\0${facts.map((fact) => fact.join('：')).join('\n')}`)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('iTXt', text),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([size, body, sum])
}
