import { addUp } from '../../../core/answer/amounts.ts'
import type { Row } from '../../../core/answer/reading.ts'
import { unreadableIn } from '../../../core/answer/unreadable.ts'
import type { CodeValue } from '../../../core/contract/fields.ts'
import type { Span } from '../../../core/contract/summary.ts'
import type { ServiceContract } from '../../../core/contract/types.ts'
import { plain } from './compare.ts'

/** One line of a summary. */
export interface SummaryLine {
  /** The list inside the record; null for the records themselves. */
  list: string | null
  /** Chinese words for what was added up. */
  of: string
  /** `2026`, `2026-03`, `7`; null for everything, and for what names none. */
  period: string | null
  group: CodeValue | null
  count: number
  /** By field; null where one of the amounts could not be read: the sum would be another. */
  sums: Record<string, number | null>
}

interface Item {
  row: Row
  isUnreadable(column: string): boolean
}

/** Everything that a service declares a summary of, in the order of periods. `by`: the coded field that splits each. */
export function summarise(contract: ServiceContract, rows: readonly Row[], span: Span, by?: string): SummaryLine[] {
  return (contract.summaries ?? []).flatMap(({ list, at, term, sums, groups = [] }) => {
    const column = span === 'term' ? term : at
    if (column === undefined || (by !== undefined && !groups.includes(by))) return []
    const of = list === undefined ? contract.name : (contract.fields[list]?.notes.title ?? list)
    const items = rows.flatMap((row) => itemsOf(row, list))
    const lines = [...Map.groupBy(items, ({ row }) => JSON.stringify([periodOf(row[column], span), by ? plain(row[by]) : null])).values()]
    return lines
      .map((group) => ({ ...lineOf(group, sums), list: list ?? null, of, ...placeOf(group[0] as Item, column, span, by) }))
      .sort((a, b) => order(a, b))
  })
}

function itemsOf(row: Row, list: string | undefined): Item[] {
  const unread = new Set(unreadableIn(row))
  if (list === undefined) return [{ row, isUnreadable: (column) => unread.has(column) }]
  const items = Array.isArray(row[list]) ? (row[list] as Row[]) : []
  return items.map((item, index) => ({ row: item, isUnreadable: (column) => unread.has(`${list}[${index}].${column}`) }))
}

function placeOf({ row }: Item, column: string, span: Span, by: string | undefined): Pick<SummaryLine, 'period' | 'group'> {
  return { period: periodOf(row[column], span), group: by === undefined ? null : ((row[by] ?? null) as CodeValue | null) }
}

function lineOf(items: readonly Item[], sums: readonly string[]): Pick<SummaryLine, 'count' | 'sums'> {
  const sumOf = (name: string) =>
    items.some(({ isUnreadable }) => isUnreadable(name))
      ? null
      : addUp(items.flatMap(({ row }) => (typeof row[name] === 'number' ? [row[name]] : [])))
  return { count: items.length, sums: Object.fromEntries(sums.map((name) => [name, sumOf(name)])) }
}

function periodOf(value: unknown, span: Span): string | null {
  if (span === 'all' || value === null || value === undefined) return null
  return span === 'term' ? String(value) : String(value).slice(0, span === 'year' ? 4 : 7)
}

/** By period, numbers by their size, what names none last; in a period by code. */
function order(a: SummaryLine, b: SummaryLine): number {
  if (a.period !== b.period) {
    if (a.period === null) return 1
    if (b.period === null) return -1
    return a.period.localeCompare(b.period, 'en', { numeric: true })
  }
  return String(a.group?.code ?? '').localeCompare(String(b.group?.code ?? ''), 'en')
}
