import Type, { type TSchema } from 'typebox'
import { ID_PATTERN } from '../base/ids.ts'
import { divisions } from './divisions.ts'
import type { CodeList, Unit } from './fields.ts'

/** Facts about the asker that the hub has verified itself; an input declared so never comes from the request. */
export type VerifiedFact =
  | 'person.name'
  | 'person.idType'
  | 'person.idNumber'
  | 'enterprise.name'
  | 'enterprise.uscc'
  /** Id of the asker's own account at the connector's agency, as bound (`accounts`). */
  | 'account.externalId'

export type InputType =
  | 'text'
  | 'integer'
  | 'money'
  | 'choice'
  | 'period'
  | 'date'
  | 'time'
  | 'flag'
  | 'list'
  | 'address'
  | 'file'
  | 'near'
  | 'verified'

/** Choices that the agency knows: another service of the connector lists them. Inputs of the same name are passed on to it. */
export interface ChoiceSource {
  /** Id of the service. */
  from: string
  /** Its fields that hold what is chosen, and what that is called. */
  value: string
  name?: string
  /** Its flag that says whether it can be chosen now; it lists the others for people to see. */
  open?: string
}

/** How many days after today (in Beijing) a day may lie, both ends included; 0 is today. */
export interface DaysAhead {
  readonly from: number
  readonly to: number
}

/** An address in a division of the city (GB/T 2260). */
export interface AddressValue {
  division: string
  detail: string
}

/** A file as the agency is given it: its content in base64. */
export interface FileValue {
  content: string
  name: string
}

/** What may be attached. */
export interface FileRule {
  readonly mediaTypes: readonly string[]
  readonly maxBytes: number
}

export interface InputNotes {
  readonly type: InputType
  readonly title: string
  /** Upstream parameter; a period has two: start and end; so has an address, the second for its division. */
  readonly codes: readonly string[]
  readonly required: boolean
  /** Required where each of these inputs, choices, has one of the codes. */
  readonly requiredWhen?: Readonly<Record<string, readonly string[]>> | undefined
  readonly list?: CodeList | undefined
  readonly from?: ChoiceSource | undefined
  /** What each value of a list is. */
  readonly item?: InputNotes | undefined
  /** A list as one text, with this between its values. Default: an array. */
  readonly join?: string | undefined
  /** How the agency is told yes and no. Default `1` and `0`. */
  readonly words?: { readonly yes: unknown; readonly no: unknown } | undefined
  readonly file?: FileRule | undefined
  /** The output field that a period or a filter narrows, checked again on the rows that come back. */
  readonly field?: string | undefined
  /** Further columns that a period narrows. */
  readonly also?: readonly string[] | undefined
  /** Of a choice of what is asked for: the fields that each code shows; a code without shows all. */
  readonly shows?: Readonly<Record<string, readonly string[]>> | undefined
  readonly fact?: VerifiedFact | undefined
  /** Unit in which the agency is told an amount; callers always give yuan. */
  readonly unit?: Unit | undefined
  /** How the agency is told a day or a time; see {@link UpstreamDeclaration.dateFormat}. */
  readonly pattern?: string | undefined
  /** Of a place: the fields or columns that hold where each one is, in degrees; `field` is that of the distance. */
  readonly near?: { readonly longitude: string; readonly latitude: string } | undefined
  /** Of a paper's number: another input, its kind, and the kinds whose number is an id number (GB 11643). */
  readonly paper?: { readonly kind: string; readonly cards: readonly string[] } | undefined
  /** Of a day for which something is booked. */
  readonly ahead?: DaysAhead | undefined
}

/** Whether an input must be given beside these others. */
export function isRequired(
  { required, requiredWhen }: Pick<InputNotes, 'required' | 'requiredWhen'>,
  given: Readonly<Record<string, unknown>>,
): boolean {
  return (
    required || (requiredWhen !== undefined && Object.entries(requiredWhen).every(([name, codes]) => codes.includes(String(given[name]))))
  )
}

/** A person's words for a value that was asked for. */
export function wordsFor(notes: InputNotes, value: unknown): string {
  switch (notes.type) {
    case 'period': {
      const { from, to } = value as Period
      return `${from ?? '最早'} 至 ${to ?? '今日'}`
    }
    case 'flag':
      return value ? '是' : '否'
    case 'list':
      return (value as unknown[]).map((each) => (notes.item ? wordsFor(notes.item, each) : String(each))).join('、')
    case 'address': {
      const { division, detail } = value as AddressValue
      return `${notes.list?.values[division] ?? division}${detail}`
    }
    default:
      return notes.list?.values[String(value)] ?? String(value)
  }
}

/** `Ref`: the output field that it narrows. */
export interface Input<T, Ref extends string = never> {
  readonly schema: TSchema
  readonly notes: InputNotes
  /** Never set: carry the types of value and field to the service. */
  readonly value?: T
  readonly ref?: Ref
}

export interface InputOptions<Ref extends string> {
  /** Upstream parameter; without it the input is applied by the hub alone. */
  code?: string
  required?: boolean
  requiredWhen?: InputNotes['requiredWhen']
  /** Output field whose rows must equal the given value. */
  field?: Ref
}

/** `format`: numbers with a check digit, brought to their normal form (plugins/web/formats.ts). */
interface TextRule {
  pattern?: string
  maxLength?: number
  format?: 'bank-account' | 'bank-code' | 'id-number' | 'uscc'
  examples?: readonly string[]
}

/** `examples`: what the interface document shows. */
type ChoiceOptions<Ref extends string> = InputOptions<Ref> & Pick<InputNotes, 'shows'> & Pick<TextRule, 'examples'>

/** Both ends inclusive; either may be open (`..`). */
export interface Period {
  from: string | null
  to: string | null
}

const DAY = '\\d{4}-\\d{2}-\\d{2}'
export const PERIOD_PATTERN = `^(${DAY}|\\.\\.)[/,](${DAY}|\\.\\.)$`

const DECIMALS = '(\\.\\d{1,8})?'
const PLACE_PATTERN = `^-?(180|(1[0-7]\\d|\\d{1,2})${DECIMALS}),-?(90|[0-8]?\\d${DECIMALS})$`

function build<T, Ref extends string = never>(
  type: InputType,
  title: string,
  schema: Record<string, unknown>,
  options: InputOptions<string> & Partial<InputNotes>,
): Input<T, NoInfer<Ref>> {
  const { code, codes = code ? [code] : [], required = false, ...notes } = options
  return { schema: Type.Unsafe({ ...schema, title }), notes: { ...notes, type, title, codes, required } }
}

/** The kinds of request inputs. The first argument is the Chinese title. */
export const input = {
  text: <const Ref extends string = never>(title: string, options: InputOptions<Ref> & TextRule = {}) => {
    const { maxLength = 64, pattern, format, examples, ...rest } = options
    const rule = { ...(pattern ? { pattern } : {}), ...(format ? { format } : {}), ...(examples ? { examples } : {}) }
    return build<string, Ref>('text', title, { type: 'string', minLength: 1, maxLength, ...rule }, rest)
  },
  /** A mobile number, in any spelling; the agency is told its eleven digits. */
  phone: <const Ref extends string = never>(title: string, options: InputOptions<Ref> = {}) =>
    build<string, Ref>('text', title, { type: 'string', minLength: 1, maxLength: 64, format: 'phone', examples: ['13900000000'] }, options),
  /** A number with brackets, 豫（2021）许昌市不动产权第0000001号, in any width of them; the agency is told full ones, as registers write. */
  documentNumber: <const Ref extends string = never>(title: string, options: InputOptions<Ref> = {}) =>
    build<string, Ref>('text', title, { type: 'string', minLength: 1, maxLength: 64, format: 'document-number' }, options),
  /** The number of a paper of somebody who comes along; an id number where the input `kind` says so. */
  paperNumber: (title: string, options: InputOptions<never> & { kind: string; cards: readonly string[] }) => {
    const { kind, cards, ...rest } = options
    const schema = { type: 'string', minLength: 1, maxLength: 64, format: 'paper-number', examples: ['411024201404010002'] }
    return build<string>('text', title, schema, { ...rest, paper: { kind, cards } })
  },
  integer: <const Ref extends string = never>(title: string, options: InputOptions<Ref> & { minimum?: number; maximum?: number } = {}) => {
    const { minimum = 0, maximum = 9999, ...rest } = options
    return build<number, Ref>('integer', title, { type: 'integer', minimum, maximum }, rest)
  },
  /** Yuan, at most two decimals, above zero. */
  money: <const Ref extends string = never>(title: string, options: InputOptions<Ref> & { unit?: Unit } = {}) =>
    build<number, Ref>('money', title, { type: 'number', exclusiveMinimum: 0, maximum: 1e12, format: 'yuan' }, options),
  /** A code of the list, or one of what a service of the agency lists at the time of the call. */
  choice: <const Ref extends string = never>(title: string, choices: CodeList | ChoiceSource, options: ChoiceOptions<Ref> = {}) => {
    const { examples, ...rest } = options
    const said = examples ? { examples } : {}
    if ('from' in choices) {
      const schema = { type: 'string', minLength: 1, maxLength: 64, description: `取值见服务 ${choices.from} 的 ${choices.value}`, ...said }
      return build<string, Ref>('choice', title, schema, { ...rest, from: choices })
    }
    const { values } = choices
    const named = { enum: Object.keys(values), 'x-enumNames': Object.values(values), description: describe(choices) }
    return build<string, Ref>('choice', title, { type: 'string', ...named, ...said }, { ...rest, list: choices })
  },
  /** ISO 8601 interval of days, `2026-01-01/2026-06-30`; an open end is `..`. */
  period: <const Ref extends string>(
    title: string,
    options: { codes?: readonly [string, string]; field: Ref; also?: readonly Ref[]; required?: boolean; pattern?: string },
  ) => build<Period, Ref>('period', title, { type: 'string', pattern: PERIOD_PATTERN, examples: ['2026-01-01/2026-06-30'] }, options),
  /** A day, `2026-06-30`; `ahead` for one that something is booked for. */
  date: <const Ref extends string = never>(title: string, options: InputOptions<Ref> & { pattern?: string; ahead?: DaysAhead } = {}) => {
    const { ahead } = options
    const description = ahead ? { description: `今天起第 ${ahead.from} 至 ${ahead.to} 天，0 为今天` } : {}
    return build<string, Ref>('date', title, { type: 'string', format: 'date', examples: ['2026-06-30'], ...description }, options)
  },
  /** A time of day in Beijing, `09:30`. */
  time: <const Ref extends string = never>(title: string, options: InputOptions<Ref> & { pattern?: string } = {}) =>
    build<string, Ref>('time', title, { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: ['09:30'] }, options),
  flag: <const Ref extends string = never>(title: string, options: InputOptions<Ref> & { yes?: unknown; no?: unknown } = {}) => {
    const { yes = '1', no = '0', ...rest } = options
    return build<boolean, Ref>('flag', title, { type: 'boolean' }, { ...rest, words: { yes, no } })
  },
  /** Several values of one kind, each different: an array in a body, the parameter repeated in a query string. */
  list: <T, const Ref extends string = never>(
    title: string,
    item: Input<T, string>,
    options: InputOptions<Ref> & { min?: number; max?: number; join?: string } = {},
  ) => {
    const { min = 1, max = 20, ...rest } = options
    return build<T[], Ref>(
      'list',
      title,
      { type: 'array', items: item.schema, minItems: min, maxItems: max, uniqueItems: true },
      { ...rest, item: item.notes },
    )
  },
  /**
   * `{ division, detail }`. With two codes the agency takes the division's code and the detail apart; with one, a
   * text that begins with the division's name.
   */
  address: (title: string, options: { codes: readonly [detail: string, division?: string]; required?: boolean; divisions?: CodeList }) => {
    const { codes, divisions: list = divisions, ...rest } = options
    const properties = {
      division: { type: 'string', enum: Object.keys(list.values), title: '行政区划', description: describe(list) },
      detail: { type: 'string', minLength: 1, maxLength: 200, title: '详细地址' },
    }
    const schema = { type: 'object', properties, required: ['division', 'detail'], additionalProperties: false }
    return build<AddressValue>('address', title, schema, { ...rest, codes: codes.filter((code) => code !== undefined), list })
  },
  /**
   * An attachment, by the id that its upload was given (docs/files.md). The agency gets its content in base64 under the first
   * code and its name under the second.
   */
  file: (
    title: string,
    options: FileRule & Pick<InputOptions<never>, 'required' | 'requiredWhen'> & { codes: readonly [content: string, name?: string] },
  ) => {
    const { mediaTypes, maxBytes, codes, ...rest } = options
    const description = `上传后得到的文件编号；${mediaTypes.join('、')}，不超过 ${Math.floor(maxBytes / 1024)} KB`
    const notes = { ...rest, codes: codes.filter((code) => code !== undefined), file: { mediaTypes, maxBytes } }
    return build<string>('file', title, { type: 'string', pattern: ID_PATTERN, description }, notes)
  },
  /**
   * Where somebody is, `113.8526,34.0357` (longitude first). The hub fills in each one's distance in metres and puts the
   * nearest first; the agency is not told. All three are fields, or columns of one list.
   */
  near: <const Ref extends string>(title: string, { distance, ...near }: { longitude: Ref; latitude: Ref; distance: Ref }) => {
    const description = '经度,纬度；只用于按距离排序，不发给对方系统'
    const schema = { type: 'string', pattern: PLACE_PATTERN, examples: ['113.8526,34.0357'], description }
    return build<string, Ref>('near', title, schema, { near, field: distance })
  },
  /** Taken from the verified person or the mandate; listed in the catalogue, refused in a request. */
  verified: (title: string, fact: VerifiedFact, options: { code?: string } = {}) =>
    build<string>('verified', title, {}, { ...options, fact }),
}

export type Inputs = Readonly<Record<string, Input<unknown, string>>>
export type InputOf<I> = { [K in keyof I]?: I[K] extends Input<infer T, string> ? T : never }

function describe(list: CodeList): string {
  return Object.entries(list.values)
    .map(([code, name]) => `${code} ${name}`)
    .join('，')
}
