import type { Field, FieldNotes, Fields } from '../declaration/fields.ts'
import { isObject, type SourceRow } from '../upstream/envelope.ts'
import { UpstreamError } from '../upstream/error.ts'
import { masks } from './masks.ts'
import { type Reader, readerOf } from './values.ts'

export type Row = Record<string, unknown>

export interface RowMapper {
  /** Upstream row → typed row, unmasked. Throws an {@link UpstreamError} that names the field. */
  read(source: SourceRow): Row
  /** Shortens, in place, what the declaration masks. */
  mask(row: Row): Row
  /** Names of fields that the upstream row doesn't speak of at all. */
  absent(source: SourceRow): string[]
}

interface Column {
  name: string
  /** What the agency is expected to call it. */
  key: string
  others: readonly string[]
  folded: readonly string[]
  required: boolean
  read: Reader
}

/** Compiles fields into a mapper once, so that a call costs no more than its values. */
export function compileMapper(fields: Fields): RowMapper {
  const columns = Object.entries(fields).map(([name, field]) => compileColumn(name, field))
  const masked = Object.entries(fields).flatMap(([name, field]) => compileMask(name, field))

  function pickValue(column: Column, source: SourceRow, folded: () => ReadonlyMap<string, unknown>): unknown {
    const expected = source[column.key]
    return expected === undefined ? pickOther(column, source, folded) : expected
  }

  function pickOther(column: Column, source: SourceRow, folded: () => ReadonlyMap<string, unknown>): unknown {
    for (const key of column.others) {
      const value = source[key]
      if (value !== undefined) return value
    }
    const index = folded()
    for (const key of column.folded) {
      const value = index.get(key)
      if (value !== undefined) return value
    }
    return undefined
  }

  return {
    read(source) {
      const row: Row = {}
      const folded = foldOnce(source)
      for (const column of columns) {
        const raw = pickValue(column, source, folded)
        const value = raw === undefined || raw === null ? null : column.read(raw)
        if (value === undefined || (value === null && column.required)) throw unreadable(column.name)
        row[column.name] = value
      }
      return row
    },
    mask(row) {
      for (const apply of masked) apply(row)
      return row
    },
    absent(source) {
      const folded = foldOnce(source)
      return columns.filter((column) => pickValue(column, source, folded) === undefined).map(({ name }) => name)
    },
  }
}

function compileColumn(name: string, { notes }: Field<unknown>): Column {
  const [key = name, ...others] = new Set([...notes.codes, name])
  return {
    name,
    key,
    others,
    folded: [...new Set([key, ...others].map(fold))],
    required: notes.required,
    read: notes.type === 'list' ? listReader(name, notes) : readerOf(notes),
  }
}

function listReader(name: string, notes: FieldNotes): Reader {
  const mapper = compileMapper(notes.columns ?? {})
  return (value) => {
    if (value === '') return null
    const items = typeof value === 'string' && value.trim().startsWith('[') ? parseList(value) : value
    if (!Array.isArray(items)) return undefined
    return items.map((item) => {
      if (!isObject(item)) throw unreadable(name)
      return mapper.read(item)
    })
  }
}

/** A list that an agency wrote as JSON into a string. */
function parseList(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function compileMask(name: string, { notes }: Field<unknown>): ((row: Row) => void)[] {
  if (notes.mask) {
    const mask = masks[notes.mask]
    return [
      (row) => {
        if (typeof row[name] === 'string') row[name] = mask(row[name])
      },
    ]
  }
  if (!notes.columns) return []
  const inner = compileMapper(notes.columns)
  return [
    (row) => {
      if (Array.isArray(row[name])) for (const item of row[name]) inner.mask(item as Row)
    },
  ]
}

/** Keys compared without case and underscores: `CREATE_TIME`, `createTime` and `createtime` are one. */
function fold(key: string): string {
  return key.toLowerCase().replaceAll('_', '')
}

/** The folded keys of a row, made only when an exact key was missed. */
function foldOnce(source: SourceRow): () => ReadonlyMap<string, unknown> {
  let index: Map<string, unknown> | null = null
  return () => {
    index ??= new Map(Object.entries(source).map(([key, value]) => [fold(key), value]))
    return index
  }
}

function unreadable(field: string): UpstreamError {
  return new UpstreamError(
    'HUB_UPSTREAM_INVALID',
    { delivery: 'unknown', status: 200 },
    { field, detail: `对方系统返回的“${field}”无法识别，请稍后再试。` },
  )
}
