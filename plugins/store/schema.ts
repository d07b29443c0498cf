import type { Database } from '../../core/base/database.ts'

export interface Column {
  table: string
  column: string
  /** `integer` covers every whole number. */
  type: 'integer' | 'text'
  /** In characters; null where there is no limit to speak of. */
  length: number | null
  primary: boolean
  /** Whether a row can do without a value of its own. */
  optional: boolean
  references: { table: string; column: string } | null
}

/** Every column of the hub's tables in a migrated store. */
export async function readSchema(database: Database): Promise<Column[]> {
  const columns = database.engine === 'mysql' ? await ofMysql(database) : await ofSqlite(database)
  return columns.filter(({ table }) => !/^(knex_|sqlite_)/.test(table))
}

/** Tables so that whatever a table refers to stands before it. */
export function inOrder(columns: readonly Column[]): string[] {
  const waiting = new Set(columns.map(({ table }) => table))
  const order: string[] = []
  while (waiting.size > 0) {
    const free = [...waiting].filter((table) =>
      columns.every((column) => column.table !== table || !column.references || !waiting.has(column.references.table)),
    )
    if (free.length === 0) throw new Error(`tables refer to each other: ${[...waiting].join(', ')}`)
    for (const table of free) waiting.delete(table)
    order.push(...free)
  }
  return order
}

async function ofMysql(database: Database): Promise<Column[]> {
  const [rows] = (await database.raw(
    `select table_name t, column_name c, data_type d, character_maximum_length l, column_key k, is_nullable n, column_default f, extra e
     from information_schema.columns where table_schema = database() order by table_name, ordinal_position`,
  )) as [(Record<'t' | 'c' | 'd' | 'k' | 'n' | 'e', string> & { l: number | null; f: unknown })[]]
  const [keys] = (await database.raw(
    `select table_name t, column_name c, referenced_table_name rt, referenced_column_name rc
     from information_schema.key_column_usage where table_schema = database() and referenced_table_name is not null`,
  )) as [Record<'t' | 'c' | 'rt' | 'rc', string>[]]
  return rows.map(({ t, c, d, l, k, n, f, e }) => {
    const key = keys.find((found) => found.t === t && found.c === c)
    return {
      table: t,
      column: c,
      type: d.includes('int') ? 'integer' : 'text',
      length: l,
      primary: k === 'PRI',
      optional: n === 'YES' || f !== null || e.includes('auto_increment'),
      references: key ? { table: key.rt, column: key.rc } : null,
    }
  })
}

async function ofSqlite(database: Database): Promise<Column[]> {
  const tables: string[] = await database('sqlite_master').where({ type: 'table' }).orderBy('name').pluck('name')
  const found: Column[] = []
  for (const table of tables) {
    const columns = (await database.raw('select * from pragma_table_info(?)', [table])) as SqliteColumn[]
    const keys = (await database.raw('select * from pragma_foreign_key_list(?)', [table])) as Record<'from' | 'table' | 'to', string>[]
    for (const { name, type, notnull, dflt_value, pk } of columns) {
      const key = keys.find(({ from }) => from === name)
      const length = /\((\d+)\)/.exec(type)?.[1]
      const integer = /int/i.test(type)
      found.push({
        table,
        column: name,
        type: integer ? 'integer' : 'text',
        length: length === undefined ? null : Number(length),
        primary: pk > 0,
        optional: (notnull === 0 && pk === 0) || dflt_value !== null || (integer && pk > 0),
        references: key ? { table: key.table, column: key.to } : null,
      })
    }
  }
  return found
}

interface SqliteColumn {
  name: string
  type: string
  notnull: number
  dflt_value: string | null
  pk: number
}
