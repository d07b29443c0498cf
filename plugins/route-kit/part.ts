import Type, { type Static, type TSchema, type TUnsafe } from 'typebox'
import { ID_PATTERN } from '../../core/base/ids.ts'

type Properties = Readonly<Record<string, TSchema>>

/** A schema with a default: what was left out is there once the request has been validated. */
type Defaulted<T> = TUnsafe<T> & { readonly default: T }

type Given<P extends Properties, R extends keyof P> =
  | R
  | { [K in keyof P]: P[K] extends { readonly default: unknown } ? K : never }[keyof P]

/** What a validated body, query or path holds. */
export type InputOf<P extends Properties, R extends keyof P = never> = {
  [K in Given<P, R>]: Static<P[K]>
} & { [K in Exclude<keyof P, Given<P, R>>]?: Static<P[K]> }

export type RowOf<P extends Properties> = { [K in keyof P]: Static<P[K]> }

const ANY_SPELLING = '全角、空格、小写字母和旧的写法（15 位身份证号、带 +86 的手机号）都可以'

/** A choice's schema → its codes with their words, for whoever shows what was chosen. */
export const choiceNames = new WeakMap<object, Readonly<Record<string, string>>>()

/** The parts of which the hub's own schemas are made, with the types of what passes them; the first argument is the Chinese title. */
export const part = {
  text: (title: string, options: object = {}) => Type.Unsafe<string>({ type: 'string', title, ...options }),
  maybe: (title: string, options: object = {}) => Type.Unsafe<string | null>({ type: ['string', 'null'], title, ...options }),
  flag: (title: string) => Type.Unsafe<boolean>({ type: 'boolean', title }),
  list: <S extends TSchema>(title: string, items: S, options: object = {}) =>
    Type.Unsafe<Static<S>[]>({ type: 'array', title, items, ...options }),
  /** A row of an answer. */
  row: <P extends Properties>(properties: P) => Type.Unsafe<RowOf<P>>({ type: 'object', properties }),
  maybeRow: <P extends Properties>(title: string, properties: P) =>
    Type.Unsafe<RowOf<P> | null>({ type: ['object', 'null'], title, properties }),
  /** A request's body or query: nothing else is accepted. */
  input: <P extends Properties, const R extends keyof P & string = never>(properties: P, required: readonly R[] = [], minProperties = 0) =>
    Type.Unsafe<InputOf<P, R>>({ type: 'object', properties, required, minProperties, additionalProperties: false }),
  /** An id of the hub's own, wherever a request names one. */
  id: (title: string, options: object = {}) => Type.Unsafe<string>({ type: 'string', title, pattern: ID_PATTERN, ...options }),
  /** As it stands on a paper; rare characters of private use belong to some, what nobody sees (controls, marks of direction) to none. */
  personName: (title = '姓名') =>
    Type.Unsafe<string>({ type: 'string', title, minLength: 2, maxLength: 50, pattern: '^(?=.*\\S)[^\\p{Cc}\\p{Cf}]*$' }),
  /** Taken in any spelling, and handed on in the normal one. */
  idNumber: (title = '身份证号') =>
    Type.Unsafe<string>({ type: 'string', title, format: 'id-number', maxLength: 64, description: ANY_SPELLING }),
  phone: (title = '手机号') => Type.Unsafe<string>({ type: 'string', title, format: 'phone', maxLength: 64, description: ANY_SPELLING }),
  uscc: (title = '统一社会信用代码') =>
    Type.Unsafe<string>({ type: 'string', title, format: 'uscc', maxLength: 64, description: ANY_SPELLING }),
  choice: <const N extends Readonly<Record<string, string>>>(title: string, names: N) => {
    const description = Object.entries(names)
      .map((pair) => pair.join(' '))
      .join('，')
    const schema = Type.Unsafe<keyof N & string>({ type: 'string', title, enum: Object.keys(names), description })
    choiceNames.set(schema, names)
    return schema
  },
  moment: (title: string) => Type.Unsafe<string>({ type: 'string', format: 'date-time', title }),
} as const

/** A number of pages or rows; what is left out is `preset`. */
export function counted(title: string, maximum: number, preset: number): Defaulted<number> {
  return Type.Unsafe<number>({ type: 'integer', minimum: 1, maximum, default: preset, title }) as Defaulted<number>
}

export const paging = { page: counted('页码', 100_000, 1), pageSize: counted('每页条数', 100, 20) }

/** The words that stand in the audit row beside an act. */
export const purpose = part.text('事由', { minLength: 2, maxLength: 200, pattern: '\\S' })
