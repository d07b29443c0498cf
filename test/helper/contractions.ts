import type { Database } from '../../core/base/database.ts'
import { readSchema } from '../../plugins/store/schema.ts'

interface Shape {
  /** `table.column` → its type with its length, and whether a row can do without a value. */
  columns: Map<string, { type: string; length: number; optional: boolean }>
  /** `table(column,column)` of every unique index. */
  unique: Set<string>
}

/** What an embedded store looks like to the code that uses it. */
export async function shapeOf(database: Database): Promise<Shape> {
  const found = await readSchema(database)
  const columns = new Map(
    found.map(({ table, column, type, length, optional }) => [
      `${table}.${column}`,
      { type, length: length ?? Number.POSITIVE_INFINITY, optional },
    ]),
  )
  const unique = new Set<string>()
  for (const table of new Set(found.map(({ table }) => table))) {
    const indexes = (await database.raw('select * from pragma_index_list(?)', [table])) as { name: string; unique: number }[]
    for (const { name } of indexes.filter(({ unique }) => unique === 1)) {
      const parts = (await database.raw('select * from pragma_index_info(?)', [name])) as { name: string }[]
      unique.add(`${table}(${parts.map((part) => part.name).join(',')})`)
    }
  }
  return { columns, unique }
}

/** → what code that was written for `before` would miss, or stumble over, in `after`. */
export function contractions(before: Shape, after: Shape): string[] {
  const faults: string[] = []
  for (const [name, was] of before.columns) {
    const is = after.columns.get(name)
    if (!is) faults.push(`${name} is gone`)
    else if (is.type !== was.type || is.length < was.length) faults.push(`${name} takes less than it did`)
    else if (was.optional && !is.optional) faults.push(`${name} must have a value now`)
  }
  const tables = new Set([...before.columns.keys()].map((name) => name.split('.')[0]))
  for (const [name, { optional }] of after.columns)
    if (!before.columns.has(name) && tables.has(name.split('.')[0]) && !optional)
      faults.push(`${name} is new and must have a value, which the code before does not give it`)
  for (const index of before.unique) if (!after.unique.has(index)) faults.push(`the unique index ${index} is gone`)
  for (const index of after.unique) {
    const [table = '', list = ''] = index.replace(')', '').split('(')
    const isOld = list.split(',').every((column) => before.columns.has(`${table}.${column}`))
    if (!before.unique.has(index) && isOld) faults.push(`the unique index ${index} forbids what the code before may write`)
  }
  return faults
}
