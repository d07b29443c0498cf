import type { Fields } from './fields.ts'

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
