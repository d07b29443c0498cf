import type { Fields } from './fields.ts'

/** How far apart the periods of a summary are; `all` makes one of everything, `term` counts as the thing itself does (期次). */
export const SPANS = { all: '全部', term: '期次', year: '年', month: '月' } as const
export type Span = keyof typeof SPANS

/**
 * What is added up on demand (`?summary=month`): the records of a list, or the items of a list inside a record. Declared,
 * because only the author knows which amounts make a sum; balances don't.
 */
export interface Summary<F = Fields> {
  /** The list whose items are added up. Default: the records themselves. */
  list?: keyof F & string
  /** The field or column of type date, month or datetime that says which month and year an item belongs to. */
  at: string
  /** The integer that numbers the periods of the thing itself: 期次. */
  term?: string
  /** Amounts and numbers that are added up. */
  sums: readonly string[]
  /** Coded fields by which each period can be split (`summaryBy`). */
  groups?: readonly string[]
}

/** A moment that a person should see: told as a mark of the record, or of the item, that shows it. */
export interface Mark {
  /** Chinese words for citizens: 由正常转逾期. */
  title: string
  /** A field, or a `list.column`, that is more than a number; or whose value another list of the record names. */
  when: { field: string; above: number } | { field: string; in: string }
}

/** A service's contract, as far as it matters here. */
interface Summarised {
  readonly fields: Fields
  readonly summaries?: readonly Summary[]
}

/** The spans that a service can be asked for; none without a summary. */
export function spansOf({ summaries = [] }: Pick<Summarised, 'summaries'>): Span[] {
  if (summaries.length === 0) return []
  return (Object.keys(SPANS) as Span[]).filter((span) => span !== 'term' || summaries.some(({ term }) => term !== undefined))
}

/** Coded fields by which a service's summary can be split. */
export function groupsOf({ summaries = [] }: Pick<Summarised, 'summaries'>): string[] {
  return [...new Set(summaries.flatMap(({ groups = [] }) => groups))]
}

/** What the sums are called, by field, of all summaries of the service; of two lists with a column of the same name, as the first calls it. */
export function summedFields({ summaries = [], fields }: Summarised): Fields {
  const summed: Record<string, Fields[string]> = {}
  for (const { list, sums } of summaries) {
    const columns = list === undefined ? fields : (fields[list]?.notes.columns ?? {})
    for (const name of sums) if (columns[name]) summed[name] ??= columns[name]
  }
  return summed
}
