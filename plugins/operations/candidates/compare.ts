import { isDeepStrictEqual } from 'node:util'
import type { Row } from '../../../core/answer/reading.ts'
import type { Fields } from '../../../core/contract/fields.ts'

/** How a field of the candidate's answer differs: it says nothing where the running version does, or the other way round. */
export const differences = { missing: '缺少', added: '多出', type: '类型不同', value: '值不同' } as const
export type Difference = keyof typeof differences

/** `rows`: whether as many came. By field (`list.column`) what became of it in this answer; no value of anybody. */
export interface Compared {
  rows: boolean
  fields: ReadonlyMap<string, Difference | 'equal'>
}

/**
 * Two answers to the same question, both after masking, row by row, in whatever order they come: no service declares one. Names are
 * those that the two versions declare, so that nothing an agency sends becomes one. Files are left out: their addresses are made anew
 * for each answer.
 */
export function compareAnswers(running: Fields, candidate: Fields, ours: readonly Row[], theirs: readonly Row[]): Compared {
  const found = new Map<string, Difference | 'equal'>()
  const rows = compareLists({ ...candidate, ...running }, '', ours, theirs, found)
  return { rows, fields: found }
}

/** → whether there are as many. */
function compareLists(
  fields: Fields,
  list: string,
  ours: readonly Row[],
  theirs: readonly Row[],
  found: Map<string, Difference | 'equal'>,
): boolean {
  const [left, right] = paired(fields, ours, theirs)
  for (const [name, { notes }] of Object.entries(fields)) {
    if (notes.type === 'files') continue
    const path = `${list}${name}`
    for (let at = 0; at < Math.min(left.length, right.length); at++) {
      const [a, b] = [left[at]?.[name] ?? null, right[at]?.[name] ?? null]
      if (notes.columns && Array.isArray(a) && Array.isArray(b)) {
        note(found, path, compareLists(notes.columns, `${name}.`, a as Row[], b as Row[], found) ? 'equal' : 'value')
      } else note(found, path, differenceOf(a, b))
    }
  }
  return ours.length === theirs.length
}

/** Both lists with their equal rows beside each other, and then the others as they came. */
function paired(fields: Fields, ours: readonly Row[], theirs: readonly Row[]): [Row[], Row[]] {
  const free = Map.groupBy(theirs, (row) => textOf(fields, row))
  const pairs = ours.map((row) => [row, free.get(textOf(fields, row))?.shift()] as const)
  const equal = pairs.flatMap(([row, other]) => (other ? [[row, other] as const] : []))
  const taken = new Set(equal.map(([, other]) => other))
  return [
    [...equal.map(([row]) => row), ...pairs.flatMap(([row, other]) => (other ? [] : [row]))],
    [...taken, ...theirs.filter((row) => !taken.has(row))],
  ]
}

/** All that is compared of a row; lists in it without their order. */
function textOf(fields: Fields, row: Row): string {
  const values = Object.entries(fields).map(([name, { notes }]) => {
    if (notes.type === 'files') return null
    const value = row[name] ?? null
    const { columns } = notes
    return columns && Array.isArray(value) ? (value as Row[]).map((item) => textOf(columns, item)).sort() : value
  })
  return JSON.stringify(values)
}

/** The first difference in an answer is the one that counts. */
function note(found: Map<string, Difference | 'equal'>, path: string, difference: Difference | 'equal'): void {
  if ((found.get(path) ?? 'equal') === 'equal') found.set(path, difference)
}

function differenceOf(a: unknown, b: unknown): Difference | 'equal' {
  if (isDeepStrictEqual(a, b)) return 'equal'
  if (b === null) return 'missing'
  if (a === null) return 'added'
  return shapeOf(a) === shapeOf(b) ? 'value' : 'type'
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  return typeof value === 'object' && value !== null ? Object.keys(value).sort().join() : typeof value
}
