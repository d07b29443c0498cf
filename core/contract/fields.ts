import Type, { type TSchema } from 'typebox'
import type { MaskName } from './masks.ts'

/** A coded value as callers read it. */
export interface CodeValue {
  code: string
  name: string
}

/** A code list as data, with the standard it was read from. Codes outside a `closed` list are an upstream error. */
export interface CodeList {
  readonly source: string
  readonly closed: boolean
  readonly values: Readonly<Record<string, string>>
}

/** A voucher or attachment: what it is, never where the agency keeps it. */
export interface FileNote {
  id: string
  name: string
  mediaType: string | null
}

export type FieldType = 'text' | 'money' | 'number' | 'integer' | 'flag' | 'date' | 'month' | 'datetime' | 'code' | 'list' | 'files'

/** What the hub knows of a field beside its JSON schema. */
export interface FieldNotes {
  readonly type: FieldType
  readonly title: string
  /** Upstream keys, tried in order and in any case; the field's own name is tried last. */
  readonly codes: readonly string[]
  readonly required: boolean
  readonly mask?: MaskName | undefined
  /**
   * The field names the record's owner: an answer that names somebody else is withheld. With `party`, one of
   * the record's party fields, in the row or its lists, must name the asker.
   */
  readonly subject?: 'person' | 'enterprise' | 'party' | undefined
  /** Unit of the upstream's amounts; callers always read yuan. */
  readonly unit?: 'yuan' | '10k-yuan' | undefined
  /** The agency may write a month where callers read a day: it stands for its first. */
  readonly monthAsFirstDay?: boolean | undefined
  readonly list?: CodeList | undefined
  readonly columns?: Readonly<Record<string, Field<unknown>>> | undefined
  /** Value in sandbox answers, in the upstream's own form. */
  readonly example?: unknown
}

export interface Field<T> {
  readonly schema: TSchema
  readonly notes: FieldNotes
  /** Never set: carries the type of the value to handlers. */
  readonly value?: T
}

export interface FieldOptions {
  /** Upstream key, or several in order of preference. */
  code?: string | readonly string[]
  /** How the value is shortened on its way out. */
  mask?: MaskName
  /** Without it the answer is refused (502) and the field named. Absent optional fields are `null` and listed in `meta.absent`. */
  required?: boolean
  /** Whose number this is; see {@link FieldNotes.subject}. */
  subject?: 'person' | 'enterprise' | 'party'
  example?: unknown
}

function build<T>(type: FieldType, title: string, schema: Record<string, unknown>, options: FieldOptions & Partial<FieldNotes>): Field<T> {
  const { code = [], required = false, ...notes } = options
  const jsonType = schema['type'] as string
  return {
    schema: Type.Unsafe({ ...schema, title, type: required ? jsonType : [jsonType, 'null'] }),
    notes: { ...notes, type, title, required, codes: typeof code === 'string' ? [code] : code },
  }
}

const codeProperties = { code: { type: 'string' }, name: { type: 'string' } }
const fileProperties = { id: { type: 'string' }, name: { type: 'string' }, mediaType: { type: ['string', 'null'] } }

/**
 * The kinds of output fields. The first argument is the Chinese title that catalogue, OpenAPI and
 * exports show. A money amount is a number of yuan with two decimals; a date `YYYY-MM-DD`; a month
 * `YYYY-MM`; a datetime RFC 3339 with +08:00.
 *
 * @example
 * balance: field.money('账户余额', { code: 'grzhye', required: true })
 */
export const field = {
  text: (title: string, options: FieldOptions = {}) => build<string | null>('text', title, { type: 'string' }, options),
  money: (title: string, options: FieldOptions & { unit?: 'yuan' | '10k-yuan' } = {}) =>
    build<number | null>('money', title, { type: 'number' }, options),
  number: (title: string, options: FieldOptions = {}) => build<number | null>('number', title, { type: 'number' }, options),
  integer: (title: string, options: FieldOptions = {}) => build<number | null>('integer', title, { type: 'integer' }, options),
  flag: (title: string, options: FieldOptions = {}) => build<boolean | null>('flag', title, { type: 'boolean' }, options),
  date: (title: string, options: FieldOptions & { monthAsFirstDay?: boolean } = {}) =>
    build<string | null>('date', title, { type: 'string', format: 'date' }, options),
  month: (title: string, options: FieldOptions = {}) =>
    build<string | null>('month', title, { type: 'string', pattern: '^\\d{4}-\\d{2}$' }, options),
  datetime: (title: string, options: FieldOptions & { monthAsFirstDay?: boolean } = {}) =>
    build<string | null>('datetime', title, { type: 'string', format: 'date-time' }, options),
  code: (title: string, list: CodeList, options: FieldOptions = {}) =>
    build<CodeValue | null>(
      'code',
      title,
      { type: 'object', properties: codeProperties, required: ['code', 'name'] },
      { ...options, list },
    ),
  list: <C extends Record<string, Field<unknown>>>(title: string, columns: C, options: FieldOptions = {}) =>
    build<RowOf<C>[] | null>('list', title, { type: 'array', items: rowSchema(columns) }, { ...options, columns }),
  files: (title: string, options: FieldOptions = {}) =>
    build<FileNote[] | null>(
      'files',
      title,
      { type: 'array', items: { type: 'object', properties: fileProperties, required: ['id', 'name', 'mediaType'] } },
      options,
    ),
}

export type Fields = Readonly<Record<string, Field<unknown>>>
export type RowOf<F> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never }

/** JSON schema of one row. */
export function rowSchema(fields: Fields): TSchema {
  const properties = Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema]))
  return Type.Unsafe({ type: 'object', properties, required: Object.keys(properties), additionalProperties: false })
}

/** A code list from a standard. `closed` refuses codes that it does not name; agencies often extend open ones. */
export function codeList(source: string, values: Record<string, string>, options: { closed?: boolean } = {}): CodeList {
  return { source, values, closed: options.closed ?? false }
}
