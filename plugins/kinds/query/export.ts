import type { Readable } from 'node:stream'
import type { Row } from '../../../core/answer/reading.ts'
import { unreadableIn } from '../../../core/answer/unreadable.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { type Fields, field } from '../../../core/contract/fields.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { type Cell, cellsOf, type Sheet, sheetOf } from '../../workshop/tabular.ts'
import type { Place } from '../../workshop/workshop.ts'

const ROWS_A_PIECE = 250
/** A further column, no field's name, for what stands empty because it could not be read. */
const UNREADABLE = '(unreadable)'

/** What of the rows goes into a file, and in which form. */
export interface Order {
  type: 'csv' | 'xlsx'
  /** null for every field. */
  columns: readonly string[] | null
  /** The list inside the records whose rows a CSV has instead of theirs. */
  list?: string | undefined
}

/** A table of the file with its rows, a piece at a time. */
interface Table extends Sheet {
  pieces(): Iterable<Cell[][]>
}

/** Rows as a file; all of them, since a page of a file helps nobody. The lists inside them are sheets of their own, or with `list` the CSV. */
export function exported(place: Place, service: CompiledService, rows: readonly Row[], { type, columns, list }: Order): Promise<Readable> {
  const { contract, fieldNames } = service
  const chosen = columns ?? fieldNames
  const lists = chosen.filter((name) => contract.fields[name]?.notes.columns)
  const tables =
    type === 'csv' && list !== undefined
      ? [listTable(service, rows, list)]
      : [recordTable(service, rows, chosen), ...(type === 'xlsx' ? lists.map((name) => listTable(service, rows, name)) : [])]
  function* pieces() {
    for (const [sheet, table] of tables.entries()) for (const piece of table.pieces()) yield { sheet, rows: piece }
  }
  const sheets = tables.map(({ name, head, money }) => ({ name, head, money }))
  return place.make({ type, sheets }, pieces())
}

function* inPieces<T, R>(items: readonly T[], work: (items: readonly T[], from: number) => R): Generator<R> {
  for (let at = 0; at < items.length; at += ROWS_A_PIECE) yield work(items.slice(at, at + ROWS_A_PIECE), at)
}

/** The records themselves; of a list inside them, how long it is. */
function recordTable({ contract: { fields, name } }: CompiledService, rows: readonly Row[], chosen: readonly string[]): Table {
  const isGap = (path: string) => chosen.includes(path.replace(/\[.*/, ''))
  const isWhole = rows.every((row) => !unreadableIn(row).some(isGap))
  const names = [...chosen, ...(isWhole ? [] : [UNREADABLE])]
  const flat = Object.fromEntries(
    Object.entries(fields).map(([name, own]) => [name, own.notes.columns ? field.text(own.notes.title) : own]),
  )
  const all = isWhole ? flat : { ...flat, [UNREADABLE]: field.text('无法识别的内容') }
  const lists = chosen.filter((name) => fields[name]?.notes.columns)
  const counted = (row: Row): Row => ({
    ...row,
    ...Object.fromEntries(lists.map((list) => [list, Array.isArray(row[list]) ? `${row[list].length} 条` : null])),
    ...(isWhole ? {} : { [UNREADABLE]: nameUnreadable(fields, unreadableIn(row).filter(isGap)) }),
  })
  return { ...sheetOf(name, all, names), pieces: () => inPieces(rows, (piece) => cellsOf(all, names, piece.map(counted))) }
}

/** The rows of a list; of several records, each with the number of its own. */
function listTable({ contract: { fields }, rows: kind }: CompiledService, rows: readonly Row[], list: string): Table {
  const { title = list, columns = {} } = fields[list]?.notes ?? {}
  const names = Object.keys(columns)
  const sheet = sheetOf(title, columns, names)
  const itemsOf = (row: Row) => (Array.isArray(row[list]) ? (row[list] as Row[]) : [])
  if (kind === 'one') return { ...sheet, pieces: () => inPieces(rows.flatMap(itemsOf), (piece) => cellsOf(columns, names, piece)) }
  const numbered = rows.flatMap((row, index) => itemsOf(row).map((item) => ({ item, number: index + 1 })))
  const cells = (piece: typeof numbered) =>
    cellsOf(
      columns,
      names,
      piece.map(({ item }) => item),
    ).map((line, at) => [piece[at]?.number ?? null, ...line])
  return {
    name: title,
    head: ['记录序号', ...sheet.head],
    money: [false, ...sheet.money],
    pieces: () => inPieces(numbered, (piece) => cells([...piece])),
  }
}

/** What stands empty, for people: 缴存年月明细第 1 条的缴存年月. */
function nameUnreadable(fields: Fields, paths: readonly string[]): string {
  const nameOf = (path: string) => {
    const [, name = '', index, column = ''] = /^(\w+)(?:\[(\d+)\]\.(\w+))?$/.exec(path) ?? []
    const notes = fields[name]?.notes
    const item = index === undefined ? '' : `第 ${Number(index) + 1} 条的${notes?.columns?.[column]?.notes.title ?? column}`
    return `${notes?.title ?? name}${item}`
  }
  return paths.map(nameOf).join('；')
}

/** A document with a gap would say that there is nothing. */
export function assertReadable({ connector, contract }: CompiledService, rows: readonly Row[]): void {
  const [path] = rows.flatMap((row) => unreadableIn(row))
  if (path === undefined) return
  const detail = `对方系统返回的“${path}”无法识别，不能出具证明，请稍后再试。`
  throw new UpstreamError(
    'HUB_UPSTREAM_INVALID',
    { delivery: 'unknown', status: 200 },
    { agency: agencyOf(connector, contract), field: path, detail },
  )
}
