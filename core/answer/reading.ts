import { foldKey } from '../base/keys.ts'
import type { Field, FieldNotes, Fields } from '../contract/fields.ts'
import { isObject, type SourceRow } from '../upstream/envelope.ts'
import { UpstreamError } from '../upstream/error.ts'
import { parseJson } from '../upstream/json.ts'
import { type Findings, type Reader, readerOf } from './values.ts'

export type Row = Record<string, unknown>

interface Column {
  name: string
  /** What the agency is expected to call it, and what else it may be called. */
  key: string
  others: readonly string[]
  folded: readonly string[]
  required: boolean
  /** What stands there must be read, or the answer is none. */
  essential: boolean
  /** Names whose row it is. */
  owner: boolean
  read: Reader
}

export interface RowReader {
  /**
   * Upstream row → typed row; what could not be read is null and noted. Throws an {@link UpstreamError} where that is a
   * required or essential field, the row's owner, or all there is.
   */
  read(source: SourceRow, findings?: Findings): Row
  /** Names of fields that the upstream row doesn't speak of at all. */
  absent(source: SourceRow): string[]
}

type FoldedRow = () => ReadonlyMap<string, unknown>

/** Compiles fields into a reader once, so that a call costs no more than its values. `essential`: names of further such fields. */
export function compileReader(fields: Fields, essential: readonly string[] = []): RowReader {
  const columns = Object.entries(fields).map(([name, field]) => compileColumn(name, field, essential))
  const readColumns = compileRead(columns)
  const owners = columns.filter(({ owner }) => owner).map(({ name }) => name)
  return {
    read(source, findings = { unreadable: [], unknownCodes: [] }) {
      const row = readColumns(source, findings)
      if (findings.unreadable.length > 0) judge(row, findings.unreadable, owners)
      return row
    },
    absent(source) {
      const folded = foldOnce(source)
      const isAbsent = (column: Column) => source[column.key] === undefined && otherwise(column, source, folded) === undefined
      return columns.filter(isAbsent).map(({ name }) => name)
    },
  }
}

/** A row of which nothing could be read is no answer, and one whose owner could not be read is nobody's. */
function judge(row: Row, unread: readonly string[], owners: readonly string[]): void {
  if (Object.values(row).every((value) => value === null)) throw unreadable(unread[0] ?? '')
  if (owners.some((name) => unread.includes(name)))
    throw new UpstreamError('HUB_UPSTREAM_WRONG_SUBJECT', { delivery: 'unknown', status: 200 })
}

type ReadColumns = (source: SourceRow, findings: Findings) => Row

/**
 * One function written out for these columns, as Ajv and find-my-way write theirs: V8 foresees its keys and
 * lays the row out at once, which a loop over columns takes nearly three times as long for. Names and keys
 * go in as JSON strings, so that a declaration stays data whatever it says.
 */
function compileRead(columns: readonly Column[]): ReadColumns {
  const steps = columns.map(({ name, key, required, essential }, n) => {
    const text = JSON.stringify(name)
    const refuse = `throw unreadable(${text})`
    return `
    let v${n} = source[${JSON.stringify(key)}]
    if (v${n} === undefined) v${n} = otherwise(columns[${n}], source, folded ??= foldOnce(source))
    v${n} = v${n} === undefined || v${n} === null ? null : read${n}(v${n}, findings, ${text})
    ${required ? `if (v${n} === undefined || v${n} === null) ${refuse}` : `if (v${n} === undefined) ${essential ? refuse : `v${n} = lose(findings, ${text})`}`}`
  })
  const body = `
  const [${columns.map((_, n) => `read${n}`).join(', ')}] = columns.map(({ read }) => read)
  return function read(source, findings) {
    let folded${steps.join('')}
    return { ${columns.map(({ name }, n) => `${JSON.stringify(name)}: v${n}`).join(', ')} }
  }`
  const compile = new Function('columns', 'otherwise', 'foldOnce', 'unreadable', 'lose', body)
  return compile(columns, otherwise, foldOnce, unreadable, lose)
}

function lose({ unreadable }: Findings, name: string): null {
  unreadable.push(name)
  return null
}

function compileColumn(name: string, { notes }: Field<unknown>, essential: readonly string[] = []): Column {
  const [key = name, ...others] = new Set([...notes.codes, name])
  return {
    name,
    key,
    others,
    folded: [...new Set([key, ...others].map(foldKey))],
    required: notes.required,
    essential: notes.essential === true || essential.includes(name),
    owner: notes.subject === 'person' || notes.subject === 'enterprise',
    read: notes.type === 'list' ? listReader(notes) : readerOf(notes),
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

function listReader(notes: FieldNotes): Reader {
  const readItem = compileRead(Object.entries(notes.columns ?? {}).map(([name, field]) => compileColumn(name, field)))
  return (value, findings = { unreadable: [], unknownCodes: [] }, name = '') => {
    if (value === '' || value === 'null') return null
    const items = typeof value === 'string' && value.trim().startsWith('[') ? parseList(value) : value
    if (!Array.isArray(items) || !items.every(isObject)) return undefined
    return items.map((item, index) => {
      const { unreadable, unknownCodes } = findings
      const [unread, unknown] = [unreadable.length, unknownCodes.length]
      const row = readItem(item, findings)
      for (let at = unread; at < unreadable.length; at++) unreadable[at] = `${name}[${index}].${unreadable[at]}`
      for (let at = unknown; at < unknownCodes.length; at++) unknownCodes[at] = `${name}.${unknownCodes[at]}`
      return row
    })
  }
}

/** A list that an agency wrote as JSON into a string. */
function parseList(text: string): unknown {
  try {
    return parseJson(text)
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
