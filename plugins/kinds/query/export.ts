import type { Readable } from 'node:stream'
import type { Row } from '../../../core/answer/reading.ts'
import type { Selection } from '../../../core/answer/selection.ts'
import { unreadableIn } from '../../../core/answer/unreadable.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { type Fields, field } from '../../../core/contract/fields.ts'
import { SPANS, summedFields } from '../../../core/contract/summary.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { type Cell, cellsOf, type Sheet, sheetOf } from '../../workshop/tabular.ts'
import type { Place } from '../../workshop/workshop.ts'
import { marksIn } from './marks.ts'
import { summarise } from './summarise.ts'

const ROWS_A_PIECE = 250
/** A further column, no field's name, for what stands empty because it could not be read. */
const UNREADABLE = '(unreadable)'
/** Another, for the moments that people should see. */
const MARKED = '(marks)'

/** What of the rows goes into a file, and in which form. */
export interface Order {
  type: 'csv' | 'xlsx'
  /** null for every field. */
  columns: readonly string[] | null
  /** The list inside the records whose rows a CSV has instead of theirs. */
  list?: string | undefined
  /** Sums, which are a sheet of their own, or the CSV. */
  summary?: Selection['summary']
}

/** A table of the file with its rows, a piece at a time. */
interface Table extends Sheet {
  pieces(): Iterable<Cell[][]>
}

/** Rows as a file; all of them, since a page of a file helps nobody. The lists inside them are sheets of their own, or with `list` the CSV. */
export function exported(
  place: Place,
  service: CompiledService,
  rows: readonly Row[],
  { type, columns, list, summary }: Order,
): Promise<Readable> {
  const { contract, fieldNames } = service
  const chosen = columns ?? fieldNames
  const lists = chosen.filter((name) => contract.fields[name]?.notes.columns)
  const sums = summary ? [summaryTable(service, rows, summary)] : []
  const own = () => (list === undefined ? recordTable(service, rows, chosen) : listTable(service, rows, list))
  const tables =
    type === 'csv'
      ? [sums[0] ?? own()]
      : [recordTable(service, rows, chosen), ...lists.map((name) => listTable(service, rows, name)), ...sums]
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
function recordTable({ contract }: CompiledService, rows: readonly Row[], chosen: readonly string[]): Table {
  const { fields, name } = contract
  const isMarked = isMarkedAt(contract, '')
  const isGap = (path: string) => chosen.includes(path.replace(/\[.*/, ''))
  const isWhole = rows.every((row) => !unreadableIn(row).some(isGap))
  const names = [...chosen, ...(isMarked ? [MARKED] : []), ...(isWhole ? [] : [UNREADABLE])]
  const flat = Object.fromEntries(
    Object.entries(fields).map(([name, own]) => [name, own.notes.columns ? field.text(own.notes.title) : own]),
  )
  const all = { ...flat, [MARKED]: field.text('提示'), [UNREADABLE]: field.text('无法识别的内容') }
  const lists = chosen.filter((name) => fields[name]?.notes.columns)
  const counted = (row: Row): Row => ({
    ...row,
    ...Object.fromEntries(lists.map((list) => [list, Array.isArray(row[list]) ? `${row[list].length} 条` : null])),
    ...(isMarked ? { [MARKED]: wordsAt(contract, row).get('') ?? null } : {}),
    ...(isWhole ? {} : { [UNREADABLE]: nameUnreadable(fields, unreadableIn(row).filter(isGap)) }),
  })
  return { ...sheetOf(name, all, names), pieces: () => inPieces(rows, (piece) => cellsOf(all, names, piece.map(counted))) }
}

/** The rows of a list; of several records, each with the number of its own. */
function listTable({ contract, rows: kind }: CompiledService, rows: readonly Row[], list: string): Table {
  const { title = list, columns: own = {} } = contract.fields[list]?.notes ?? {}
  const isMarked = isMarkedAt(contract, list)
  const columns = isMarked ? { ...own, [MARKED]: field.text('提示') } : own
  const names = Object.keys(columns)
  const sheet = sheetOf(title, columns, names)
  const itemsOf = (row: Row) => {
    const items = Array.isArray(row[list]) ? (row[list] as Row[]) : []
    if (!isMarked) return items
    const words = wordsAt(contract, row)
    return items.map((item, index) => ({ ...item, [MARKED]: words.get(`${list}[${index}]`) ?? null }))
  }
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

/** Whether the declaration marks records (`list` empty), or items of the list. */
function isMarkedAt({ marks = {} }: CompiledService['contract'], list: string): boolean {
  return Object.values(marks).some(({ when }) => (when.field.includes('.') ? when.field.startsWith(`${list}.`) : list === ''))
}

/** What is to be seen, by its place in the row. */
function wordsAt(contract: CompiledService['contract'], row: Row): Map<string, string> {
  const byPlace = Map.groupBy(marksIn(contract, row), ({ at }) => at)
  return new Map([...byPlace].map(([at, marks]) => [at, marks.map(({ title }) => title).join('；')]))
}

/** One line a period, with the sums of what is added up. */
function summaryTable({ contract }: CompiledService, rows: readonly Row[], { span, by }: NonNullable<Selection['summary']>): Table {
  const fields: Fields = {
    // No names of fields, so that no sum takes their place.
    '(of)': field.text('汇总的内容'),
    '(period)': field.text(SPANS[span]),
    ...(by === undefined ? {} : { '(group)': field.text('分类') }),
    '(count)': field.integer('条数'),
    ...summedFields(contract),
  }
  const names = Object.keys(fields)
  const lines = summarise(contract, rows, span, by).map(({ of, period, group, count, sums }): Row => {
    return { '(of)': of, '(period)': period, '(group)': group && (group.name ?? `代码 ${group.code}`), '(count)': count, ...sums }
  })
  return { ...sheetOf('汇总', fields, names), pieces: () => inPieces(lines, (piece) => cellsOf(fields, names, piece)) }
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
