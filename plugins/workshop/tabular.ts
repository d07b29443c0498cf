import { stringify } from 'csv-stringify/sync'
import type { Row } from '../../core/answer/reading.ts'
import type { CodeValue, FieldNotes, Fields, FileNote, UntilValue } from '../../core/contract/fields.ts'

/** What stands in a table for people. */
export type Cell = string | number | null

/** One table of a file: its name, and what stands above its columns. */
export interface Sheet {
  name: string
  head: string[]
  /** Which columns are amounts: they are written with two decimals. */
  money: boolean[]
}

/** Rows as CSV (RFC 4180, UTF-8 with BOM so that spreadsheet programs read the Chinese), titles in the first line. */
export function toCsv(fields: Fields, columns: readonly string[], rows: readonly Row[]): string {
  const { head, money } = sheetOf('', fields, columns)
  return `\uFEFF${csvLines([head])}${csvLines(cellsOf(fields, columns, rows), money)}`
}

export function sheetOf(name: string, fields: Fields, columns: readonly string[]): Sheet {
  const notes = columns.map((column) => notesOf(fields, column))
  return { name, head: notes.map(({ title }) => title), money: notes.map(({ type }) => type === 'money') }
}

export function cellsOf(fields: Fields, columns: readonly string[], rows: readonly Row[]): Cell[][] {
  const notes = columns.map((name) => notesOf(fields, name))
  return rows.map((row) => columns.map((name, at) => cellOf(notes[at] as FieldNotes, row[name])))
}

export function csvLines(rows: readonly Cell[][], money: readonly boolean[] = []): string {
  if (rows.length === 0) return ''
  const written = rows.map((row) => row.map((cell, at) => (typeof cell === 'number' && money[at] ? amountText(cell) : harmless(cell))))
  return stringify(written, { record_delimiter: 'windows' })
}

/** With two decimals; what the agency sent with more is not rounded in silence. */
export function amountText(amount: number): string {
  const fixed = amount.toFixed(2)
  return Number(fixed) === amount ? fixed : String(amount)
}

/** An XLSX workbook; numbers stay numbers. It takes its time (10,000 rows a second): not for the thread that answers calls. */
export async function xlsxOf(sheets: readonly (Sheet & { rows: readonly Cell[][] })[]): Promise<Buffer> {
  // Eighty files that a hub need not read to start.
  const { default: writeXlsx } = await import('write-excel-file/node')
  const names = sheetNames(sheets.map(({ name }) => name))
  const data = sheets.map(({ head, money, rows }, at) => {
    const body = rows.map((row) => row.map((value, column) => xlsxCell(value, money[column] === true)))
    return { sheet: names[at] as string, data: [head.map((value) => ({ value, fontWeight: 'bold' as const })), ...body] }
  })
  return writeXlsx(data).toBuffer()
}

function xlsxCell(value: Cell, isMoney: boolean) {
  if (value === null) return null
  if (typeof value !== 'number') return { value, type: String }
  return { value, type: Number, ...(isMoney && amountText(value) !== String(value) ? { format: '0.00' } : {}) }
}

const LONGEST_NAME = 31

/** As spreadsheet programs want them: short, without their own signs, each once. */
function sheetNames(names: readonly string[]): string[] {
  const clean = names.map((name) => name.replace(/[[\]:*?/\\]/g, ' ').slice(0, LONGEST_NAME))
  return clean.map((name, at) => (clean.indexOf(name) === at ? name : `${name.slice(0, LONGEST_NAME - 4)} ${at + 1}`))
}

function notesOf(fields: Fields, name: string): FieldNotes {
  const field = fields[name]
  if (!field) throw new Error(`no field ${name}`)
  return field.notes
}

/** A value as people read it; null where there is none. */
export function cellOf(notes: FieldNotes, value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (notes.type === 'until') return (value as UntilValue).name
  if (notes.type === 'code') return (value as CodeValue).name ?? `代码 ${(value as CodeValue).code}`
  if (notes.type === 'files') return (value as FileNote[]).map(({ name }) => name).join('；')
  if (notes.type === 'flag') return value ? '是' : '否'
  if (notes.type === 'list') return (value as Row[]).map((item) => lineOf(notes.columns ?? {}, item)).join('；')
  return typeof value === 'number' ? value : String(value)
}

/** The same with its unit, for a page or a document; null where there is nothing to read. */
export function wordsOf(notes: FieldNotes, value: unknown): string | null {
  const cell = cellOf(notes, value)
  if (cell === null || cell === '') return null
  if (notes.type === 'datetime') return readableMoment(String(cell))
  return notes.type === 'money' && typeof cell === 'number' ? `${amountText(cell)} 元` : String(cell)
}

/** Beijing time; agencies write a bare day as its midnight. */
function readableMoment(moment: string): string {
  return moment.slice(0, 19).replace('T00:00:00', '').replace('T', ' ')
}

function lineOf(columns: Fields, item: Row): string {
  return Object.entries(columns)
    .flatMap(([name, { notes }]) => {
      const cell = cellOf(notes, item[name])
      return cell === null ? [] : [`${notes.title} ${cell}`]
    })
    .join('，')
}

/** A spreadsheet program shows so many digits of a number; of a longer one the rest is lost. */
const LONG_NUMBER = /^\d{12,}$/

/** A text that a spreadsheet program would run as a formula is shown as text, and so is a number that is a name. */
function harmless(cell: Cell): Cell {
  if (typeof cell !== 'string') return cell
  if (LONG_NUMBER.test(cell)) return `="${cell}"`
  return /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell
}
