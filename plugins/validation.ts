import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import buildSerializer from 'fast-json-stringify'
import fp from 'fastify-plugin'
import { numberFormats } from '../core/base/checksums.ts'

/**
 * Query strings are text, so their values are coerced, one value to a list of one where a list is wanted; a JSON body has types of its own and gets none
 * changed, and JSON is all that is taken in. Nothing is dropped in silence: what the schema doesn't
 * name is an error with its pointer.
 *
 * A schema is compiled when its route is first called: hundreds of routes would hold up the start for a second.
 */
export default fp(
  async (app) => {
    app.removeContentTypeParser('text/plain')
    app.setValidatorCompiler(({ schema, httpPart }) => validator(httpPart === 'body' ? body : query, schema as object))
    app.setSerializerCompiler(({ schema }) => {
      let serialize: ((value: unknown) => string) | null = null
      return (value) => {
        serialize ??= serializer(schema as object)
        return serialize(value)
      }
    })
  },
  { name: 'validation' },
)

const query = checker({ coerceTypes: 'array' })
const body = checker({})

function checker(more: { coerceTypes?: 'array' }): Ajv {
  const ajv = new Ajv({ allErrors: true, useDefaults: true, removeAdditional: false, strict: false, ...more })
  formats.default(ajv, ['date', 'date-time'])
  for (const [name, { test }] of Object.entries(numberFormats)) ajv.addFormat(name, test)
  return ajv
}

function validator(ajv: Ajv, schema: object) {
  let check: ValidateFunction | null = null
  const validate = (value: unknown) => {
    check ??= ajv.compile(schema)
    const valid = check(value)
    validate.errors = check.errors ?? null
    return valid
  }
  validate.errors = null as NonNullable<ValidateFunction['errors']> | null
  return validate
}

/** By schema: all routes fail in the same form. */
const serializers = new WeakMap<object, (value: unknown) => string>()

function serializer(schema: object): (value: unknown) => string {
  const known = serializers.get(schema)
  if (known) return known
  const built = buildSerializer(schema)
  serializers.set(schema, built)
  return built
}
