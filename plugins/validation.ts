import { Ajv, type AnySchemaObject, type SchemaValidateFunction, type ValidateFunction } from 'ajv'
import type { DataValidationCxt } from 'ajv/dist/types/index.js'
import formats from 'ajv-formats'
import buildSerializer from 'fast-json-stringify'
import fp from 'fastify-plugin'
import { isRequired } from '../core/contract/inputs.ts'
import { REQUIRED_ANY, REQUIRED_WHEN } from './openapi/query-schema.ts'
import { amountFormats, textFormats } from './web/formats.ts'
import { utf8 } from './web/utf8.ts'

/**
 * Query strings are text, so their values are coerced, one value to a list of one where a list is wanted; a JSON body has types of its own and gets none
 * changed, and JSON is all that is taken in. Nothing is dropped in silence: what the schema doesn't
 * name is an error with its pointer. Numbers that say who somebody is come to handlers in their normal form, however they were typed.
 *
 * A schema is compiled when its route is first called: hundreds of routes would hold up the start for a second.
 */
export default fp(
  async (app) => {
    app.removeContentTypeParser('text/plain')
    app.setValidatorCompiler(({ schema, httpPart }) => validator(httpPart === 'body' ? body : query, schema as object))
    app.setSerializerCompiler(({ schema }) => {
      let serialize: ((value: unknown) => string) | null = null
      const write = (value: unknown) => {
        serialize ??= serializer(schema as object)
        return utf8(serialize(value))
      }
      // Fastify sends bytes as well as text, whatever the type says.
      return write as unknown as (value: unknown) => string
    })
  },
  { name: 'validation' },
)

const NORMAL = 'normal'
/** What the codes of an `enum` are called, in their order: whoever gives the name means the code. */
const NAMES = 'x-enumNames'
const query = checker({ coerceTypes: 'array' })
const body = checker({})

function checker(more: { coerceTypes?: 'array' }): Ajv {
  const ajv = new Ajv({ allErrors: true, useDefaults: true, removeAdditional: false, strict: false, verbose: true, ...more })
  formats.default(ajv, ['date', 'date-time'])
  for (const [name, { test }] of Object.entries(textFormats)) ajv.addFormat(name, test)
  for (const [name, { test }] of Object.entries(amountFormats)) ajv.addFormat(name, { type: 'number', validate: test })
  ajv.addKeyword({
    keyword: NORMAL,
    type: 'string',
    schemaType: 'string',
    modifying: true,
    errors: false,
    before: 'format',
    validate: writeNormal,
  })
  ajv.addKeyword({
    // Of no type, so that it stands among the rules that `enum` is one of.
    keyword: NAMES,
    schemaType: 'array',
    modifying: true,
    errors: false,
    before: 'enum',
    validate: writeCode,
  })
  // Among the rules of objects it is the last, so that names of choices are codes by then.
  ajv.addKeyword({ keyword: REQUIRED_WHEN, type: 'object', schemaType: 'object', validate: requireWhen })
  ajv.addKeyword({ keyword: REQUIRED_ANY, type: 'object', schemaType: 'array', validate: requireAny })
  return ajv
}

type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

function requireWhen(conditions: Conditions, given: Readonly<Record<string, unknown>>): boolean {
  const missing = Object.entries(conditions).filter(
    ([name, requiredWhen]) => given[name] === undefined && isRequired({ required: false, requiredWhen }, given),
  )
  const errors = missing.map(([missingProperty]) => ({ keyword: 'required', params: { missingProperty } }))
  ;(requireWhen as SchemaValidateFunction).errors = errors
  return errors.length === 0
}

function requireAny(names: readonly string[], given: Readonly<Record<string, unknown>>): boolean {
  if (names.some((name) => given[name] !== undefined)) return true
  ;(requireAny as SchemaValidateFunction).errors = names.map((missingProperty) => ({ keyword: REQUIRED_ANY, params: { missingProperty } }))
  return false
}

/** By the text of a schema: what several routes, or hubs of one process, ask for in the same words is compiled once. */
const checks = new Map([query, body].map((ajv) => [ajv, new Map<string, ValidateFunction>()]))

function checkOf(ajv: Ajv, schema: object): ValidateFunction {
  const text = withNormal(schema)
  const known = checks.get(ajv)?.get(text)
  if (known) return known
  const compiled = ajv.compile(JSON.parse(text))
  checks.get(ajv)?.set(text, compiled)
  return compiled
}

/** Reads a query string in place, as every route does; `errors` say what is wrong with it. */
export const queryValidator = (schema: object) => validator(query, schema)

function validator(ajv: Ajv, schema: object) {
  let check: ValidateFunction | null = null
  const validate = (value: unknown) => {
    check ??= checkOf(ajv, schema)
    const valid = check(value)
    validate.errors = check.errors ?? null
    return valid
  }
  validate.errors = null as NonNullable<ValidateFunction['errors']> | null
  return validate
}

/** The schema's text with the keyword beside every format that has a normal form; documents show the format alone. */
function withNormal(schema: object): string {
  const noted = (_key: string, value: unknown) => (isFormatted(value) ? { ...value, [NORMAL]: value.format } : value)
  return JSON.stringify(schema, noted)
}

function isFormatted(value: unknown): value is { format: string } {
  const format = (value as { format?: unknown } | null)?.format
  return typeof format === 'string' && Object.hasOwn(textFormats, format)
}

function writeNormal(format: string, text: string, _schema?: AnySchemaObject, place?: DataValidationCxt): true {
  if (place) place.parentData[place.parentDataProperty] = textFormats[format]?.normal(text) ?? text
  return true
}

function writeCode(names: readonly string[], text: unknown, schema?: AnySchemaObject, place?: DataValidationCxt): true {
  if (typeof text !== 'string') return true
  const codes = (schema?.['enum'] ?? []) as readonly string[]
  const at = codes.includes(text) ? -1 : names.indexOf(text.trim())
  // Where two are called the same, the name says nothing.
  if (place && at >= 0 && names.lastIndexOf(text.trim()) === at) place.parentData[place.parentDataProperty] = codes[at]
  return true
}

/** By the text of a schema, like the checks. */
const serializers = new Map<string, (value: unknown) => string>()

function serializer(schema: object): (value: unknown) => string {
  const text = JSON.stringify(schema)
  const known = serializers.get(text)
  if (known) return known
  const built = buildSerializer(schema)
  serializers.set(text, built)
  return built
}
