import type { Row } from './reading.ts'

/** What could not be read of a row, as paths from it (`details[0].month`): wherever filters and order move it, that goes along. */
const known = new WeakMap<Row, readonly string[]>()

export function noteUnreadable(row: Row, paths: readonly string[]): void {
  if (paths.length > 0 || known.has(row)) known.set(row, paths)
}

export function unreadableIn(row: Row | undefined): readonly string[] {
  return (row && known.get(row)) ?? []
}
