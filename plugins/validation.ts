import { Ajv, type AnySchemaObject } from 'ajv'
import type { DataValidationCxt } from 'ajv/dist/types/index.js'
import formats from 'ajv-formats'
import fp from 'fastify-plugin'
import { numberFormats } from '../core/base/checksums.ts'

/**
 * Query strings are text, so their values are coerced, one value to a list of one where a list is wanted; a JSON body has types of its own and gets none
 * changed, and JSON is all that is taken in. Nothing is dropped in silence: what the schema doesn't
 * name is an error with its pointer. Numbers that say who somebody is come to handlers in their normal form, however they were typed.
 */
export default fp(
  async (app) => {
    const options = { allErrors: true, useDefaults: true, removeAdditional: false, strict: false } as const
    const query = new Ajv({ ...options, coerceTypes: 'array' })
    const body = new Ajv(options)
    for (const ajv of [query, body]) {
      formats.default(ajv, ['date', 'date-time'])
      for (const [name, { test }] of Object.entries(numberFormats)) ajv.addFormat(name, test)
      ajv.addKeyword({
        keyword: NORMAL,
        type: 'string',
        schemaType: 'string',
        modifying: true,
        errors: false,
        before: 'format',
        validate: writeNormal,
      })
    }
    app.removeContentTypeParser('text/plain')
    app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? body : query).compile(withNormal(schema as object)))
  },
  { name: 'validation' },
)

const NORMAL = 'normal'

/** The schema with the keyword beside every format that has a normal form; documents show the format alone. */
function withNormal(schema: object): object {
  const noted = (_key: string, value: unknown) => (isFormatted(value) ? { ...value, [NORMAL]: value.format } : value)
  return JSON.parse(JSON.stringify(schema, noted))
}

function isFormatted(value: unknown): value is { format: string } {
  const format = (value as { format?: unknown } | null)?.format
  return typeof format === 'string' && Object.hasOwn(numberFormats, format)
}

function writeNormal(format: string, text: string, _schema?: AnySchemaObject, place?: DataValidationCxt): true {
  if (place) place.parentData[place.parentDataProperty] = numberFormats[format]?.normal(text) ?? text
  return true
}
