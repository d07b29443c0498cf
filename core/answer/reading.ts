import { foldKey } from '../base/keys.ts'
import type { Field, FieldNotes, Fields } from '../contract/fields.ts'
import { isObject, type SourceRow } from '../upstream/envelope.ts'
import { UpstreamError } from '../upstream/error.ts'
import { type Reader, readerOf } from './values.ts'

export type Row = Record<string, unknown>

interface Column {
  name: string
  /** What the agency is expected to call it, and what else it may be called. */
  key: string
  others: readonly string[]
  folded: readonly string[]
  required: boolean
  read: Reader
}

export interface RowReader {
  /** Upstream row → typed row. Throws an {@link UpstreamError} that names the field. */
  read(source: SourceRow): Row
  /** Names of fields that the upstream row doesn't speak of at all. */
  absent(source: SourceRow): string[]
}

type FoldedRow = () => ReadonlyMap<string, unknown>

/** Compiles fields into a reader once, so that a call costs no more than its values. */
export function compileReader(fields: Fields): RowReader {
  const columns = Object.entries(fields).map(([name, field]) => compileColumn(name, field))
  return {
    read: compileRead(columns),
    absent(source) {
      const folded = foldOnce(source)
      const isAbsent = (column: Column) => source[column.key] === undefined && otherwise(column, source, folded) === undefined
      return columns.filter(isAbsent).map(({ name }) => name)
    },
  }
}

/**
 * One function written out for these columns, as Ajv and find-my-way write theirs: V8 foresees its keys and
 * lays the row out at once, which a loop over columns takes nearly three times as long for. Names and keys
 * go in as JSON strings, so that a declaration stays data whatever it says.
 */
function compileRead(columns: readonly Column[]): (source: SourceRow) => Row {
  const steps = columns.map(
    ({ name, key, required }, n) => `
    let v${n} = source[${JSON.stringify(key)}]
    if (v${n} === undefined) v${n} = otherwise(columns[${n}], source, folded ??= foldOnce(source))
    v${n} = v${n} === undefined || v${n} === null ? null : read${n}(v${n})
    if (v${n} === undefined${required ? ` || v${n} === null` : ''}) throw unreadable(${JSON.stringify(name)})`,
  )
  const body = `
  const [${columns.map((_, n) => `read${n}`).join(', ')}] = columns.map(({ read }) => read)
  return function read(source) {
    let folded${steps.join('')}
    return { ${columns.map(({ name }, n) => `${JSON.stringify(name)}: v${n}`).join(', ')} }
  }`
  return new Function('columns', 'otherwise', 'foldOnce', 'unreadable', body)(columns, otherwise, foldOnce, unreadable)
}

function compileColumn(name: string, { notes }: Field<unknown>): Column {
  const [key = name, ...others] = new Set([...notes.codes, name])
  return {
    name,
    key,
    others,
    folded: [...new Set([key, ...others].map(foldKey))],
    required: notes.required,
    read: notes.type === 'list' ? listReader(name, notes) : readerOf(notes),
  }
}

/** A value under another key than the expected one, if there is one. */
function otherwise({ others, folded }: Column, source: SourceRow, index: FoldedRow): unknown {
  for (const key of others) if (source[key] !== undefined) return source[key]
  for (const key of folded) {
    const value = index().get(key)
    if (value !== undefined) return value
  }
  return undefined
}

function listReader(name: string, notes: FieldNotes): Reader {
  const { read } = compileReader(notes.columns ?? {})
  return (value) => {
    if (value === '') return null
    const items = typeof value === 'string' && value.trim().startsWith('[') ? parseList(value) : value
    if (!Array.isArray(items)) return undefined
    return items.map((item) => {
      if (!isObject(item)) throw unreadable(name)
      return read(item)
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

/** The folded keys of a row, made only when an exact key was missed. */
function foldOnce(source: SourceRow): FoldedRow {
  let index: Map<string, unknown> | null = null
  return () => {
    index ??= new Map(Object.entries(source).map(([key, value]) => [foldKey(key), value]))
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
