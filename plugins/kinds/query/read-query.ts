import type { Row } from '../../../core/answer/reading.ts'
import { DEFAULT_PAGE_SIZE, type Selection } from '../../../core/answer/selection.ts'
import { unreadableIn } from '../../../core/answer/unreadable.ts'
import { readDay } from '../../../core/answer/values.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { Fields } from '../../../core/contract/fields.ts'
import { type InputNotes, PERIOD_PATTERN, type Period } from '../../../core/contract/inputs.ts'
import { masks } from '../../../core/contract/masks.ts'
import type { Span } from '../../../core/contract/summary.ts'
import type { ServiceContract } from '../../../core/contract/types.ts'
import { comparison, equals, filterTest, periodTest } from './compare.ts'
import { narrowList, sortList } from './inside.ts'
import { nearest } from './nearest.ts'

const PERIOD = new RegExp(PERIOD_PATTERN)

/** Reads a validated query into the declared inputs, for the agency, and the selection, for the hub. */
export function readQuery(
  contract: ServiceContract,
  query: Readonly<Record<string, unknown>>,
): { input: Record<string, unknown>; selection: Selection } {
  const input: Record<string, unknown> = {}
  const tests: ((row: Row) => boolean)[] = []
  let scope: readonly string[] | null = null
  let order: string | null = null
  for (const name in query) {
    const declared = contract.inputs[name]
    const value = query[name]
    if (declared) {
      input[name] = declared.notes.type === 'period' ? readPeriod(String(value), name) : value
      const { field, also = [], shows, near } = declared.notes
      if (near) {
        tests.push(nearest(declared.notes, String(value)))
        order = field?.includes('.') ? order : (field ?? null)
        continue
      }
      for (const target of field ? [field, ...also] : []) tests.push(inputTest(declared.notes, target, input[name], contract.fields))
      const shown = shows?.[String(value)]
      if (shown) scope = scope ? scope.filter((each) => shown.includes(each)) : shown
    } else {
      const test = filterOf(contract.fields, name, value)
      if (test) tests.push(test)
    }
  }
  // What stays of a list is put in order, not what goes.
  for (const name in query) if (name.startsWith('sort.')) tests.push(listOrder(name.slice('sort.'.length), String(query[name])))
  const sorted = typeof query['sort'] === 'string' ? query['sort'] : order
  const columns = typeof query['fields'] === 'string' ? readColumns(query['fields'], contract.fields) : null
  return {
    input,
    selection: {
      keep: tests.length === 0 ? () => true : (row) => tests.every((test) => test(row)),
      sort: sorted === null ? null : comparison(sorted),
      columns: columns && scope ? columns.filter((name) => scope?.includes(name)) : (columns ?? scope),
      reveal: query['reveal'] === true,
      summary: readSummary(query),
      page: (query['page'] as number | undefined) ?? 1,
      pageSize: (query['pageSize'] as number | undefined) ?? DEFAULT_PAGE_SIZE,
    },
  }
}

/** A filter by a field, or by a column of a list inside the record, which it narrows. */
function filterOf(fields: Fields, name: string, value: unknown): ((row: Row) => boolean) | null {
  const [field = '', ...rest] = name.split('.')
  const notes = fields[field]?.notes
  if (!notes) return null
  if (!notes.columns) return orUnreadable(field, filterTest(field, rest[0], value))
  const [column = '', end] = rest
  const test = filterTest(column, end, value)
  return (row) => {
    narrowList(row, field, column, test)
    return true
  }
}

function listOrder(list: string, sort: string): (row: Row) => boolean {
  const compare = comparison(sort)
  return (row) => {
    sortList(row, list, compare)
    return true
  }
}

function readPeriod(text: string, name: string): Period {
  const [, from = '..', to = '..'] = PERIOD.exec(text) ?? []
  const valid = (day: string) => day === '..' || readDay(day) === day
  if (!valid(from) || !valid(to)) throw invalid(name, '须是真实存在的日期')
  if (from !== '..' && to !== '..' && from > to) throw invalid(name, '开始日期不能晚于结束日期')
  return { from: from === '..' ? null : from, to: to === '..' ? null : to }
}

function readSummary({ summary, summaryBy }: Readonly<Record<string, unknown>>): Selection['summary'] {
  if (summary === undefined && summaryBy !== undefined) throw invalid('summaryBy', '须与 summary 一起用')
  return summary === undefined ? undefined : { span: summary as Span, ...(summaryBy === undefined ? {} : { by: String(summaryBy) }) }
}

function readColumns(text: string, fields: Fields): string[] {
  const columns = [...new Set(text.split(','))]
  // By its place: the caller's own words are not sent back.
  const unknown = columns.flatMap((column, index) => (Object.hasOwn(fields, column) ? [] : [index + 1]))
  if (unknown.length > 0) throw invalid('fields', `第 ${unknown.slice(0, 20).join('、')} 项不是这项服务的字段`)
  return columns
}

/**
 * The agency was already asked for the narrowed rows; checking them again costs nothing and keeps an
 * agency that ignores a parameter from answering more than was asked. `list.column` narrows a list inside the row.
 */
function inputTest(notes: InputNotes, target: string, value: unknown, fields: Fields): (row: Row) => boolean {
  const [field = '', column] = target.split('.')
  const test = valueTest(notes, value)
  const { columns, mask } = fields[field]?.notes ?? {}
  // Somebody names his account by what he has been shown of it, which tells nothing more.
  const isShown = (given: unknown) => mask !== undefined && test(masks[mask](String(given)))
  if (!column || !columns) return (row) => row[field] === null || test(row[field]) || isShown(row[field])
  return (row) => {
    narrowList(row, field, column, (item) => test(item[column]))
    return true
  }
}

function valueTest(notes: InputNotes, value: unknown): (actual: unknown) => boolean {
  if (notes.type === 'period') return periodTest(value as Period)
  // A day also finds the times that lie on it.
  if (notes.type === 'date') return periodTest({ from: value as string, to: value as string })
  if (notes.type === 'list') return (actual) => (value as unknown[]).some((each) => equals(actual, each))
  return (actual) => equals(actual, value)
}

/** Of a value that could not be read nobody can say that it was not asked for, so its row stays, named as such. */
function orUnreadable(field: string, test: (row: Row) => boolean): (row: Row) => boolean {
  return (row) => test(row) || unreadableIn(row).includes(field)
}

function invalid(name: string, detail: string): HubError {
  return new HubError('HUB_VALIDATION', { errors: [{ pointer: `/query/${name}`, detail }] })
}
