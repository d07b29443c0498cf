import Type, { type TSchema } from 'typebox'
import type { MaskName } from './masks.ts'

/** A coded value as callers read it; a code that no list knows has no name. */
export interface CodeValue {
  code: string
  name: string | null
}

/** A code list as data, with the standard it was read from. Codes outside a `closed` list cannot be read. */
export interface CodeList {
  readonly source: string
  readonly closed: boolean
  readonly values: Readonly<Record<string, string>>
}

/** The end of a validity: a day, or `null` for one without end; `name` is what people read. */
export interface UntilValue {
  until: string | null
  name: string
}

/** How agencies say that something is valid without end; so does any day of the year 9999. */
export const OPEN_ENDS: readonly string[] = ['长期', '长期有效', '永久', '永久有效', '永续', '无期限', '无固定期限', '不限']

/** A voucher or attachment: what it is and where the hub hands it out, never where the agency keeps it. */
export interface FileNote {
  id: string
  name: string
  mediaType: string | null
  /** Path at the hub, for a few minutes; null where the agency has no number for the file or the service doesn't say how it is fetched. */
  href: string | null
}

/** In what an agency counts amounts: 元, 万元, 分. */
export type Unit = 'yuan' | '10k-yuan' | 'fen'

export type FieldType =
  | 'text'
  | 'money'
  | 'number'
  | 'integer'
  | 'flag'
  | 'date'
  | 'month'
  | 'datetime'
  | 'until'
  | 'code'
  | 'list'
  | 'files'

/** What the hub knows of a field beside its JSON schema. */
export interface FieldNotes {
  readonly type: FieldType
  readonly title: string
  /** Upstream keys, tried in order and in any case; the field's own name is tried last. */
  readonly codes: readonly string[]
  readonly required: boolean
  /** See {@link FieldOptions.essential}. */
  readonly essential?: boolean | undefined
  readonly mask?: MaskName | undefined
  /** See {@link FieldOptions.reveal}. */
  readonly reveal?: true | 'members' | undefined
  /**
   * The field names the record's owner: an answer that names somebody else is withheld. With `party`, one of
   * the record's party fields, in the row or its lists, must name the asker.
   */
  readonly subject?: 'person' | 'enterprise' | 'party' | undefined
  /** Unit of the upstream's amounts; callers always read yuan. */
  readonly unit?: Unit | undefined
  /** 四舍五入 to fen, of an amount that the agency itself would round. Without it all decimals are kept. */
  readonly rounding?: 'half-up' | undefined
  /** The agency may write a month where callers read a day: it stands for its first. */
  readonly monthAsFirstDay?: boolean | undefined
  /** The one form in which the agency writes this day, month or time; see date-pattern.ts. Default: the forms that agencies are seen to use. */
  readonly pattern?: string | undefined
  /** Characters of the longest text that is a value; default 10,000. */
  readonly longest?: number | undefined
  /** Further words and days of this agency for a validity without end. */
  readonly words?: readonly string[] | undefined
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

/** A list, with its columns for inputs that narrow it. */
export interface ListField<C> extends Field<RowOf<C>[] | null> {
  readonly columns?: C
}

export interface FieldOptions {
  /** Upstream key, or several in order of preference. */
  code?: string | readonly string[]
  /** How the value is shortened on its way out. */
  mask?: MaskName
  /** Shown whole to whom it belongs, on demand (`?reveal=true`): a name only where it is the asker's (`members`: of the enterprise's own people, too), a party's only where the party is. */
  reveal?: true | 'members'
  /** Without it the answer is refused (502) and the field named. Absent optional fields are `null` and listed in `meta.absent`. */
  required?: boolean
  /** What the service is asked for: it may be missing, but where it cannot be read the answer is refused. Others are then null and listed in `meta.unreadable`. */
  essential?: boolean
  /** Whose number this is; see {@link FieldNotes.subject}. */
  subject?: 'person' | 'enterprise' | 'party'
  example?: unknown
}

export interface DateOptions extends FieldOptions {
  /** The agency may write a month: it stands for its first day. */
  monthAsFirstDay?: boolean
  /** `dd/MM/yyyy`: the agency writes it so and in no other way. */
  pattern?: string
}

function build<T>(type: FieldType, title: string, schema: Record<string, unknown>, options: FieldOptions & Partial<FieldNotes>): Field<T> {
  const { code = [], required = false, ...notes } = options
  const jsonType = schema['type'] as string
  return {
    schema: Type.Unsafe({ ...schema, title, type: required ? jsonType : [jsonType, 'null'] }),
    notes: { ...notes, type, title, required, codes: typeof code === 'string' ? [code] : code },
  }
}

const codeProperties = { code: { type: 'string' }, name: { type: ['string', 'null'] } }
const untilProperties = { until: { type: ['string', 'null'], format: 'date' }, name: { type: 'string' } }
const fileProperties = {
  id: { type: 'string' },
  name: { type: 'string' },
  mediaType: { type: ['string', 'null'] },
  href: { type: ['string', 'null'] },
}

/**
 * The kinds of output fields. The first argument is the Chinese title that catalogue, OpenAPI and
 * exports show. A money amount is a number of yuan, with the decimals
 * that the agency sent; a date `YYYY-MM-DD`; a month
 * `YYYY-MM`; a datetime RFC 3339 with +08:00; the end of a validity `{ until, name }`, where `until` is a date, or
 * `null` for 长期.
 *
 * @example
 * balance: field.money('账户余额', { code: 'grzhye', required: true })
 */
export const field = {
  /** `longest`: characters of the longest text that is a value (10,000). */
  text: (title: string, options: FieldOptions & { longest?: number } = {}) =>
    build<string | null>('text', title, { type: 'string' }, options),
  money: (title: string, options: FieldOptions & { unit?: Unit; rounding?: 'half-up' } = {}) =>
    build<number | null>('money', title, { type: 'number' }, options),
  number: (title: string, options: FieldOptions = {}) => build<number | null>('number', title, { type: 'number' }, options),
  integer: (title: string, options: FieldOptions = {}) => build<number | null>('integer', title, { type: 'integer' }, options),
  flag: (title: string, options: FieldOptions = {}) => build<boolean | null>('flag', title, { type: 'boolean' }, options),
  date: (title: string, options: DateOptions = {}) => build<string | null>('date', title, { type: 'string', format: 'date' }, options),
  month: (title: string, options: FieldOptions & { pattern?: string } = {}) =>
    build<string | null>('month', title, { type: 'string', pattern: '^\\d{4}-\\d{2}$' }, options),
  datetime: (title: string, options: DateOptions = {}) =>
    build<string | null>('datetime', title, { type: 'string', format: 'date-time' }, options),
  until: (title: string, options: FieldOptions & { pattern?: string; words?: readonly string[] } = {}) =>
    build<UntilValue | null>('until', title, { type: 'object', properties: untilProperties, required: ['until', 'name'] }, options),
  code: (title: string, list: CodeList, options: FieldOptions = {}) =>
    build<CodeValue | null>(
      'code',
      title,
      { type: 'object', properties: codeProperties, required: ['code', 'name'] },
      { ...options, list },
    ),
  list: <C extends Record<string, Field<unknown>>>(title: string, columns: C, options: FieldOptions = {}): ListField<C> =>
    build<RowOf<C>[] | null>('list', title, { type: 'array', items: rowSchema(columns) }, { ...options, columns }),
  files: (title: string, options: FieldOptions = {}) =>
    build<FileNote[] | null>(
      'files',
      title,
      { type: 'array', items: { type: 'object', properties: fileProperties, required: ['id', 'name', 'mediaType', 'href'] } },
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
