import type { Row } from '../../../core/answer/reading.ts'
import { halfWidth } from '../../../core/base/half-width.ts'
import type { Period } from '../../../core/contract/inputs.ts'

/** Values as filters and orders see them. */

export function equals(actual: unknown, value: unknown): boolean {
  if (typeof actual === 'object' && actual !== null && 'code' in actual)
    return actual.code === value || (actual as { name?: unknown }).name === value
  const held = plain(actual)
  return held === value || (typeof held === 'string' && typeof value === 'string' && halfWidth(held) === halfWidth(value))
}

/** What a value is compared by: a code, the day on which a validity ends; one without end lies behind every day. */
export function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('code' in value) return value.code
  return 'until' in value ? (value.until ?? WITHOUT_END) : value
}

const WITHOUT_END = '9999-12-31'

/** Compares days with days, months with months: `2026-01` lies in any period that touches it. */
export function periodTest({ from, to }: Period): (actual: unknown) => boolean {
  // The ends, as long as what is compared with them: from row to row that is the same.
  let [first, last] = [from, to]
  let cut = 10
  return (value) => {
    const actual = plain(value)
    if (typeof actual !== 'string') return actual === null
    const length = Math.min(actual.length, 10)
    if (length !== cut) {
      cut = length
      first = from?.slice(0, length) ?? null
      last = to?.slice(0, length) ?? null
    }
    const day = actual.length > 10 ? actual.slice(0, 10) : actual
    return (first === null || day >= first) && (last === null || day <= last)
  }
}

/** `end`: whether the value is the least, or the greatest; without it the one. */
export function filterTest(field: string, end: string | undefined, value: unknown): (row: Row) => boolean {
  if (end === undefined) return (row) => equals(row[field], value)
  return (row) => {
    const actual = plain(row[field])
    if (actual === null || actual === undefined) return false
    return end === 'from' ? (actual as string) >= (value as string) : (actual as string) <= (value as string)
  }
}

/** `name`, or `-name` for the greatest first. */
export function comparison(sort: string): (a: Row, b: Row) => number {
  const descending = sort.startsWith('-')
  const name = descending ? sort.slice(1) : sort
  return (a, b) => {
    const [left, right] = [plain(a[name]), plain(b[name])] as (string | number | null | undefined)[]
    if (left === right) return 0
    // Rows without a value come last either way.
    if (left === null || left === undefined) return 1
    if (right === null || right === undefined) return -1
    return (left < right ? -1 : 1) * (descending ? -1 : 1)
  }
}
