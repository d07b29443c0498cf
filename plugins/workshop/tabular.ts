import { stringify } from 'csv-stringify/sync'
import type { Row } from '../../core/answer/reading.ts'
import type { CodeValue, FieldNotes, Fields, FileNote, UntilValue } from '../../core/contract/fields.ts'

/** What stands in a table for people. */
export type Cell = string | number | null

/** Rows as CSV (RFC 4180, UTF-8 with BOM so that spreadsheet programs read the Chinese), titles in the first line. */
export function toCsv(fields: Fields, columns: readonly string[], rows: readonly Row[]): string {
  return `\uFEFF${csvLines([titlesOf(fields, columns), ...cellsOf(fields, columns, rows)])}`
}

export function titlesOf(fields: Fields, columns: readonly string[]): string[] {
  return columns.map((name) => fields[name]?.notes.title ?? name)
}

export function cellsOf(fields: Fields, columns: readonly string[], rows: readonly Row[]): Cell[][] {
  const notes = columns.map((name) => notesOf(fields, name))
  return rows.map((row) => columns.map((name, at) => cellOf(notes[at] as FieldNotes, row[name])))
}

export function csvLines(rows: readonly Cell[][]): string {
  return stringify(
    rows.map((row) => row.map(defuse)),
    { record_delimiter: 'windows' },
  )
}

/** An XLSX workbook of one sheet; numbers stay numbers. It takes its time (10,000 rows a second): not for the thread that answers calls. */
export async function xlsxOf(head: readonly string[], rows: readonly Cell[][], title: string): Promise<Buffer> {
  // Eighty files that a hub need not read to start.
  const { default: writeXlsx } = await import('write-excel-file/node')
  const body = rows.map((row) =>
    row.map((value) => (typeof value === 'number' ? { value, type: Number } : value === null ? null : { value, type: String })),
  )
  return writeXlsx([head.map((value) => ({ value, fontWeight: 'bold' as const })), ...body], { sheet: title.slice(0, 31) }).toBuffer()
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

function lineOf(columns: Fields, item: Row): string {
  return Object.entries(columns)
    .flatMap(([name, { notes }]) => {
      const cell = cellOf(notes, item[name])
      return cell === null ? [] : [`${notes.title} ${cell}`]
    })
    .join('，')
}

/** A text that a spreadsheet program would run as a formula is shown as text. */
function defuse(cell: Cell): Cell {
  return typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
}
