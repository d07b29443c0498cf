import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import fp from 'fastify-plugin'
import { numberFormats } from '../core/base/checksums.ts'

/**
 * Query strings are text, so their values are coerced, one value to a list of one where a list is wanted; a JSON body has types of its own and gets none
 * changed, and JSON is all that is taken in. Nothing is dropped in silence: what the schema doesn't
 * name is an error with its pointer.
 */
export default fp(
  async (app) => {
    const options = { allErrors: true, useDefaults: true, removeAdditional: false, strict: false } as const
    const query = new Ajv({ ...options, coerceTypes: 'array' })
    const body = new Ajv(options)
    for (const ajv of [query, body]) {
      formats.default(ajv, ['date', 'date-time'])
      for (const [name, { test }] of Object.entries(numberFormats)) ajv.addFormat(name, test)
    }
    app.removeContentTypeParser('text/plain')
    app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? body : query).compile(schema as object))
  },
  { name: 'validation' },
)
