import type { Row } from '../../../core/answer/reading.ts'
import { noteUnreadable, unreadableIn } from '../../../core/answer/unreadable.ts'

/** The lists inside a record: narrowed and put in order, in place; what could not be read of them goes along. */

const PLACE = /^(\w+)\[(\d+)\]\.(\w+)$/

/** Keeps the items that pass, and those of which nobody can say whether they would. */
export function narrowList(row: Row, list: string, column: string, test: (item: Row) => boolean): void {
  const items = row[list]
  // Nearly every list was read well.
  if (unreadableIn(row).length === 0) {
    if (Array.isArray(items)) row[list] = (items as Row[]).filter(test)
    return
  }
  const unread = new Set(unreadableIn(row))
  rearrange(row, list, (items) => items.flatMap((item, at) => (test(item) || unread.has(`${list}[${at}].${column}`) ? [at] : [])))
}

export function sortList(row: Row, list: string, compare: (a: Row, b: Row) => number): void {
  rearrange(row, list, (items) => items.map((_, at) => at).sort((a, b) => compare(items[a] as Row, items[b] as Row)))
}

/** `choose`: which items stay, by where they stood, in their new order. */
function rearrange(row: Row, list: string, choose: (items: readonly Row[]) => number[]): void {
  const items = row[list]
  if (!Array.isArray(items)) return
  const chosen = choose(items as Row[])
  row[list] = chosen.map((at) => items[at] as Row)
  const unread = unreadableIn(row)
  if (unread.length === 0) return
  const places = new Map(chosen.map((from, to) => [from, to]))
  noteUnreadable(
    row,
    unread.flatMap((path) => {
      const [, name, at, column] = PLACE.exec(path) ?? []
      if (name !== list) return [path]
      const to = places.get(Number(at))
      return to === undefined ? [] : [`${list}[${to}].${column}`]
    }),
  )
}
