import Type, { type TSchema } from 'typebox'
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

export type InputType = 'text' | 'integer' | 'money' | 'choice' | 'period' | 'verified'

export interface InputNotes {
  readonly type: InputType
  readonly title: string
  /** Upstream parameter; a period has two: start and end. */
  readonly codes: readonly string[]
  readonly required: boolean
  readonly list?: CodeList | undefined
  /** The output field that a period or a filter narrows, checked again on the rows that come back. */
  readonly field?: string | undefined
  readonly fact?: VerifiedFact | undefined
  /** Unit in which the agency is told an amount; callers always give yuan. */
  readonly unit?: Unit | undefined
  /** How the agency is told a day; see {@link UpstreamDeclaration.dateFormat}. */
  readonly pattern?: string | undefined
}

export interface Input<T> {
  readonly schema: TSchema
  readonly notes: InputNotes
  readonly value?: T
}

export interface InputOptions {
  /** Upstream parameter; without it the input is applied by the hub alone. */
  code?: string
  required?: boolean
  /** Output field whose rows must equal the given value. */
  field?: string
}

/** Both ends inclusive; either may be open (`..`). */
export interface Period {
  from: string | null
  to: string | null
}

const DAY = '\\d{4}-\\d{2}-\\d{2}'
export const PERIOD_PATTERN = `^(${DAY}|\\.\\.)[/,](${DAY}|\\.\\.)$`

function build<T>(type: InputType, title: string, schema: Record<string, unknown>, options: InputOptions & Partial<InputNotes>): Input<T> {
  const { code, codes = code ? [code] : [], required = false, ...notes } = options
  return { schema: Type.Unsafe({ ...schema, title }), notes: { ...notes, type, title, codes, required } }
}

/** The kinds of request inputs. The first argument is the Chinese title. */
export const input = {
  text: (title: string, options: InputOptions & { pattern?: string; maxLength?: number } = {}) => {
    const { pattern, maxLength = 64, ...rest } = options
    return build<string>('text', title, { type: 'string', minLength: 1, maxLength, ...(pattern ? { pattern } : {}) }, rest)
  },
  integer: (title: string, options: InputOptions & { minimum?: number; maximum?: number } = {}) => {
    const { minimum = 0, maximum = 9999, ...rest } = options
    return build<number>('integer', title, { type: 'integer', minimum, maximum }, rest)
  },
  /** Yuan, at most two decimals, above zero. */
  money: (title: string, options: InputOptions & { unit?: Unit } = {}) =>
    build<number>('money', title, { type: 'number', exclusiveMinimum: 0, maximum: 1e12 }, options),
  /** A code of the list. */
  choice: (title: string, list: CodeList, options: InputOptions = {}) =>
    build<string>('choice', title, { type: 'string', enum: Object.keys(list.values), description: describe(list) }, { ...options, list }),
  /** ISO 8601 interval of days, `2026-01-01/2026-06-30`; an open end is `..`. */
  period: (title: string, options: { codes?: readonly [string, string]; field: string; required?: boolean; pattern?: string }) =>
    build<Period>('period', title, { type: 'string', pattern: PERIOD_PATTERN, examples: ['2026-01-01/2026-06-30'] }, options),
  /** Taken from the verified person or the mandate; listed in the catalogue, refused in a request. */
  verified: (title: string, fact: VerifiedFact, options: { code?: string } = {}) =>
    build<string>('verified', title, {}, { ...options, fact }),
}

export type Inputs = Readonly<Record<string, Input<unknown>>>
export type InputOf<I> = { [K in keyof I]?: I[K] extends Input<infer T> ? T : never }

function describe(list: CodeList): string {
  return Object.entries(list.values)
    .map(([code, name]) => `${code} ${name}`)
    .join('，')
}
