import Type, { type TSchema } from 'typebox'
import { HubError } from '../base/errors.ts'
import { halfWidth } from '../base/half-width.ts'
import { ID_PATTERN } from '../base/ids.ts'
import type { Field, Fields } from '../contract/fields.ts'
import { type InputNotes, PERIOD_PATTERN, type Period } from '../contract/inputs.ts'
import { masks } from '../contract/masks.ts'
import type { ServiceContract } from '../contract/types.ts'
import type { Row } from './reading.ts'
import { unreadableIn } from './unreadable.ts'
import { readDay } from './values.ts'

/**
 * What a caller may ask of rows beyond the declared inputs: filters by field, order, columns, pages
 * and format. All of it derives from the fields. A masked field can be neither filtered nor sorted
 * by: that would let its hidden part be guessed.
 */
export type Format = 'json' | 'csv' | 'xlsx' | 'pdf'

/** The formats of a service's answers; a PDF only where it says so, or is a document anyway. */
export function formatsOf({ kind, document }: ServiceContract): readonly Format[] {
  return kind === 'document' || document ? ['json', 'csv', 'xlsx', 'pdf'] : ['json', 'csv', 'xlsx']
}

export interface Selection {
  keep: (row: Row) => boolean
  sort: ((a: Row, b: Row) => number) | null
  columns: readonly string[] | null
  /** Whether the asker's own is shown whole. */
  reveal?: boolean
  page: number
  pageSize: number
}

const RANGED = new Set(['money', 'number', 'integer', 'date', 'month', 'datetime', 'until'])
const EXACT = new Set(['text', 'code', 'flag', ...RANGED])
const DEFAULT_PAGE_SIZE = 20
const LARGEST_PAGE = 500

/** More rows than this are no answer for a person; the caller is asked to narrow the question. */
export const MAX_ROWS = 10_000

const PERIOD = new RegExp(PERIOD_PATTERN)

const WHOLE = `导出 CSV 或 XLSX 时取全部记录；超过 ${MAX_ROWS} 条须先缩小查询范围`

const dependantSchema = Type.Unsafe({
  type: 'string',
  pattern: ID_PATTERN,
  title: '家庭成员',
  description: '家庭成员的用户编号；须持有监护人授权，或其本人的同意。不填为查询本人',
})

/** Which of the user's accounts at the agency is meant. */
export const bindingSchema = Type.Unsafe<string>({
  type: 'string',
  pattern: ID_PATTERN,
  title: '绑定编号',
  description: '在该单位绑定了多个账户时，指定“我的账户”中的一个',
})

/** JSON schema of the query string of a query or list service; `account`: one that asks about an account of the user's. */
export function querySchema(contract: ServiceContract, many: boolean, account = false): TSchema {
  const names = Object.keys(contract.fields)
  const { through = false, rows = LARGEST_PAGE } = contract.upstream?.paging?.through ? contract.upstream.paging : {}
  const largest = Math.min(rows, LARGEST_PAGE)
  const properties: Record<string, TSchema> = {
    ...(many && !through ? filterProperties(contract) : {}),
    ...inputProperties(contract),
    ...(contract.dependants ? { dependant: dependantSchema } : {}),
    ...(account ? { binding: bindingSchema } : {}),
    ...(revealed(contract.fields).length > 0 ? { reveal: revealSchema } : {}),
    fields: Type.Unsafe({ type: 'string', title: '返回的字段', description: `逗号分隔：${names.join(',')}`, maxLength: 2000 }),
    format: Type.Unsafe({ type: 'string', enum: formatsOf(contract), title: '返回格式', ...(through ? { description: WHOLE } : {}) }),
  }
  if (many) {
    const sortable = through ? [] : Object.entries(contract.fields).flatMap(([name, field]) => (isOpen(field) ? [name, `-${name}`] : []))
    // Rows that consist of lists alone can't be put in order by a field.
    if (sortable.length > 0)
      properties['sort'] = Type.Unsafe({ type: 'string', enum: sortable, title: '排序', description: '字段名；前加 - 为从大到小' })
    properties['page'] = Type.Unsafe({ type: 'integer', minimum: 1, maximum: 100_000, default: 1, title: '页码' })
    properties['pageSize'] = Type.Unsafe({
      type: 'integer',
      minimum: 1,
      maximum: largest,
      default: Math.min(DEFAULT_PAGE_SIZE, largest),
      title: '每页条数',
    })
  }
  return Type.Unsafe({
    type: 'object',
    properties,
    required: requiredInputs(contract),
    ...requiredWhen(contract),
    additionalProperties: false,
  })
}

const revealSchema = Type.Unsafe({
  type: 'boolean',
  title: '查看本人信息的全文',
  description: '须有 10 分钟以内的人脸核验；他人的信息仍然遮盖',
})

/** Fields, and columns as `list.column`, that their owner can see whole. */
export function revealed(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, { notes }]) => [
    ...(notes.mask && notes.reveal ? [name] : []),
    ...revealed(notes.columns ?? {}).map((column) => `${name}.${column}`),
  ])
}

/** JSON schemas of the inputs that a request may carry; verified ones are not among them. */
export function inputProperties(contract: ServiceContract): Record<string, TSchema> {
  return Object.fromEntries(
    Object.entries(contract.inputs).flatMap(([name, { schema, notes }]) => {
      if (notes.fact) return []
      const words = whenWords(notes, contract)
      const { description } = schema as { description?: string }
      return [[name, words === '' ? schema : Type.Unsafe({ ...schema, description: [description, words].filter(Boolean).join('；') })]]
    }),
  )
}

function whenWords({ requiredWhen = {} }: InputNotes, { inputs }: ServiceContract): string {
  const wordsOf = (name: string, codes: readonly string[]) => codes.map((code) => inputs[name]?.notes.list?.values[code] ?? code).join('、')
  const words = Object.entries(requiredWhen).map(([name, codes]) => `${inputs[name]?.notes.title}为${wordsOf(name, codes)}`)
  return words.length === 0 ? '' : `${words.join('，且')}时必填`
}

export function requiredInputs(contract: ServiceContract): string[] {
  return Object.entries(contract.inputs).flatMap(([name, { notes }]) => (notes.required && !notes.fact ? [name] : []))
}

/** Keyword of the hub's own beside `required` (plugins/validation.ts): input → the choices with which it is required. */
export const REQUIRED_WHEN = 'x-requiredWhen'

export function requiredWhen({ inputs }: ServiceContract): object {
  const found = Object.entries(inputs).flatMap(([name, { notes }]) => (notes.requiredWhen ? [[name, notes.requiredWhen]] : []))
  return found.length > 0 ? { [REQUIRED_WHEN]: Object.fromEntries(found) } : {}
}

function filterProperties({ fields }: ServiceContract): Record<string, TSchema> {
  const properties: Record<string, TSchema> = {}
  for (const [name, field] of Object.entries(fields)) {
    if (!isOpen(field)) continue
    const { title, type } = field.notes
    const schema = filterSchema(field)
    properties[name] = Type.Unsafe({ ...schema, title: `${title}（等于）` })
    if (!RANGED.has(type)) continue
    properties[`${name}.from`] = Type.Unsafe({ ...schema, title: `${title}（不小于）` })
    properties[`${name}.to`] = Type.Unsafe({ ...schema, title: `${title}（不大于）` })
  }
  return properties
}

function filterSchema(field: Field<unknown>): object {
  switch (field.notes.type) {
    case 'code':
      return { type: 'string', maxLength: 64 }
    case 'until':
      return { type: 'string', format: 'date' }
    default:
      return { ...field.schema, type: jsonType(field) }
  }
}

/** The JSON type of a value that is there. */
function jsonType({ schema }: Field<unknown>): unknown {
  return [(schema as { type?: unknown }).type].flat()[0]
}

function isOpen({ notes }: Field<unknown>): boolean {
  return !notes.mask && EXACT.has(notes.type)
}

/** Reads a validated query into the declared inputs, for the agency, and the selection, for the hub. */
export function readQuery(
  contract: ServiceContract,
  query: Readonly<Record<string, unknown>>,
): { input: Record<string, unknown>; selection: Selection } {
  const input: Record<string, unknown> = {}
  const tests: ((row: Row) => boolean)[] = []
  let scope: readonly string[] | null = null
  for (const name in query) {
    const declared = contract.inputs[name]
    const value = query[name]
    if (declared) {
      input[name] = declared.notes.type === 'period' ? readPeriod(String(value), name) : value
      const { field, also = [], shows } = declared.notes
      for (const target of field ? [field, ...also] : []) tests.push(inputTest(declared.notes, target, input[name], contract.fields))
      const shown = shows?.[String(value)]
      if (shown) scope = scope ? scope.filter((each) => shown.includes(each)) : shown
    } else {
      const [, field = '', end] = /^([^.]+)(?:\.(from|to))?$/.exec(name) ?? []
      if (contract.fields[field]) tests.push(orUnreadable(field, filterTest(field, end, value)))
    }
  }
  const columns = typeof query['fields'] === 'string' ? readColumns(query['fields'], contract.fields) : null
  return {
    input,
    selection: {
      keep: tests.length === 0 ? () => true : (row) => tests.every((test) => test(row)),
      sort: typeof query['sort'] === 'string' ? comparison(query['sort']) : null,
      columns: columns && scope ? columns.filter((name) => scope?.includes(name)) : (columns ?? scope),
      reveal: query['reveal'] === true,
      page: (query['page'] as number | undefined) ?? 1,
      pageSize: (query['pageSize'] as number | undefined) ?? DEFAULT_PAGE_SIZE,
    },
  }
}

function readPeriod(text: string, name: string): Period {
  const [, from = '..', to = '..'] = PERIOD.exec(text) ?? []
  const valid = (day: string) => day === '..' || readDay(day) === day
  if (!valid(from) || !valid(to)) throw invalid(name, '须是真实存在的日期')
  if (from !== '..' && to !== '..' && from > to) throw invalid(name, '开始日期不能晚于结束日期')
  return { from: from === '..' ? null : from, to: to === '..' ? null : to }
}

function readColumns(text: string, fields: Fields): string[] {
  const columns = [...new Set(text.split(','))]
  // By its place: the caller's own words are not sent back.
  const unknown = columns.flatMap((column, index) => (Object.hasOwn(fields, column) ? [] : [index + 1]))
  if (unknown.length > 0) throw invalid('fields', `第 ${unknown.slice(0, 20).join('、')} 项不是这项服务的字段`)
  return columns
}

/**
 * The agency was already asked for the narrowed rows; checking them again costs nothing and keeps an
 * agency that ignores a parameter from answering more than was asked. `list.column` narrows a list inside the row.
 */
function inputTest(notes: InputNotes, target: string, value: unknown, fields: Fields): (row: Row) => boolean {
  const [field = '', column] = target.split('.')
  const test = valueTest(notes, value)
  const { columns, mask } = fields[field]?.notes ?? {}
  // Somebody names his account by what he has been shown of it, which tells nothing more.
  const isShown = (given: unknown) => mask !== undefined && test(masks[mask](String(given)))
  if (!column || !columns) return (row) => row[field] === null || test(row[field]) || isShown(row[field])
  return (row) => {
    const items = row[field]
    if (Array.isArray(items)) row[field] = items.filter((item: Row) => test(item[column]))
    return true
  }
}

function valueTest(notes: InputNotes, value: unknown): (actual: unknown) => boolean {
  if (notes.type === 'period') return periodTest(value as Period)
  // A day also finds the times that lie on it.
  if (notes.type === 'date') return periodTest({ from: value as string, to: value as string })
  if (notes.type === 'list') return (actual) => (value as unknown[]).some((each) => equals(actual, each))
  return (actual) => equals(actual, value)
}

/** Compares days with days, months with months: `2026-01` lies in any period that touches it. */
function periodTest({ from, to }: Period): (actual: unknown) => boolean {
  return (value) => {
    const actual = plain(value)
    if (typeof actual !== 'string') return actual === null
    const length = Math.min(actual.length, 10)
    const day = actual.slice(0, length)
    return (from === null || day >= from.slice(0, length)) && (to === null || day <= to.slice(0, length))
  }
}

/** Of a value that could not be read nobody can say that it was not asked for, so its row stays, named as such. */
function orUnreadable(field: string, test: (row: Row) => boolean): (row: Row) => boolean {
  return (row) => test(row) || unreadableIn(row).includes(field)
}

function filterTest(field: string, end: string | undefined, value: unknown): (row: Row) => boolean {
  if (end === undefined) return (row) => equals(row[field], value)
  return (row) => {
    const actual = plain(row[field])
    if (actual === null || actual === undefined) return false
    return end === 'from' ? (actual as string) >= (value as string) : (actual as string) <= (value as string)
  }
}

function equals(actual: unknown, value: unknown): boolean {
  if (typeof actual === 'object' && actual !== null && 'code' in actual)
    return actual.code === value || (actual as { name?: unknown }).name === value
  const held = plain(actual)
  return held === value || (typeof held === 'string' && typeof value === 'string' && halfWidth(held) === halfWidth(value))
}

/** What a value is compared by: a code, the day on which a validity ends; one without end lies behind every day. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('code' in value) return value.code
  return 'until' in value ? (value.until ?? WITHOUT_END) : value
}

const WITHOUT_END = '9999-12-31'

function comparison(sort: string): (a: Row, b: Row) => number {
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

function invalid(name: string, detail: string): HubError {
  return new HubError('HUB_VALIDATION', { errors: [{ pointer: `/query/${name}`, detail }] })
}
