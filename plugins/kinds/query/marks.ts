import type { Row } from '../../../core/answer/reading.ts'
import type { ServiceContract } from '../../../core/contract/types.ts'
import { plain } from './compare.ts'

/** A moment that a person should see, and where it stands. */
export interface MarkSeen {
  /** Path from the row: empty for the row itself, `schedule[3]` for an item of a list. */
  at: string
  /** Id in the declaration. */
  mark: string
  title: string
}

/** The declared marks of one row, in the order of the declaration. */
export function marksIn({ marks = {} }: Pick<ServiceContract, 'marks'>, row: Row): MarkSeen[] {
  return Object.entries(marks).flatMap(([mark, { title, when }]) => {
    const [field = '', column] = when.field.split('.')
    const isMarked = 'above' in when ? (value: unknown) => typeof value === 'number' && value > when.above : among(row, when.in)
    if (column === undefined) return isMarked(row[field]) ? [{ at: '', mark, title }] : []
    const items = Array.isArray(row[field]) ? (row[field] as Row[]) : []
    return items.flatMap((item, index) => (isMarked(item[column]) ? [{ at: `${field}[${index}]`, mark, title }] : []))
  })
}

function among(row: Row, path: string): (value: unknown) => boolean {
  const [list = '', column = ''] = path.split('.')
  const named = Array.isArray(row[list]) ? new Set((row[list] as Row[]).map((item) => plain(item[column]))) : new Set()
  return (value) => value !== null && value !== undefined && named.has(plain(value))
}
