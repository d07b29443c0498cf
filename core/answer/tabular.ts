import { stringify } from 'csv-stringify/sync'
import writeXlsx from 'write-excel-file/node'
import type { CodeValue, FieldNotes, Fields, FileNote, UntilValue } from '../contract/fields.ts'
import type { Row } from './reading.ts'

type Cell = string | number | null

/** Rows as CSV (RFC 4180, UTF-8 with BOM so that spreadsheet programs read the Chinese), titles in the first line. */
export function toCsv(fields: Fields, columns: readonly string[], rows: readonly Row[]): string {
  const head = columns.map((name) => fields[name]?.notes.title ?? name)
  const body = rows.map((row) => columns.map((name) => defuse(cellOf(notesOf(fields, name), row[name]))))
  return `\uFEFF${stringify([head, ...body], { record_delimiter: 'windows' })}`
}

/** Rows as an XLSX workbook of one sheet; numbers stay numbers. */
export function toXlsx(fields: Fields, columns: readonly string[], rows: readonly Row[], title: string): Promise<Buffer> {
  const head = columns.map((name) => ({ value: fields[name]?.notes.title ?? name, fontWeight: 'bold' as const }))
  const body = rows.map((row) =>
    columns.map((name) => {
      const value = cellOf(notesOf(fields, name), row[name])
      return typeof value === 'number' ? { value, type: Number } : value === null ? null : { value, type: String }
    }),
  )
  return writeXlsx([head, ...body], { sheet: title.slice(0, 31) }).toBuffer()
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
