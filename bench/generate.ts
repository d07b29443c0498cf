/** A request as the OpenAPI document describes it, well or badly made. `path` is the document's own. */
export interface Generated {
  method: string
  template: string
  path: string
  headers: Record<string, string>
  body: string | null
}

interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: readonly unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  minItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  pattern?: string
  format?: string
  example?: unknown
  examples?: unknown[]
  default?: unknown
}

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header' | 'cookie'
  required?: boolean
  schema?: Schema
  example?: unknown
}

interface Content {
  schema?: Schema
  example?: unknown
}

interface Operation {
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Record<string, Content> }
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

/** What callers send that nobody asked for: the ends of types, other types, other alphabets, what means something elsewhere. */
const ODD: readonly unknown[] = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  '9'.repeat(400),
  'null',
  '%00',
  "' or 1=1 --",
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '{{7*7}}#{7*7}',
  '许昌市建安区',
  '\u{20bb7}野家\u202e',
  '\r\nset-cookie: a=b',
  'x'.repeat(5000),
  '2026-02-30',
  '2026-01-01/2025-01-01',
  '../2026-13-01',
  '5A000000-0000-4000-8000-000000000001',
  '00000000-0000-0000-0000-000000000000',
  null,
  true,
  -1,
  0.1,
  1e21,
  Number.MAX_SAFE_INTEGER,
  [],
  [[]],
  {},
  { __proto__: null, constructor: 1, length: -1 },
]
const LIKELY: Readonly<Record<string, readonly string[]>> = {
  uuid: ['5a000000-0000-4000-8000-000000000001', '5a000000-0000-4000-8000-000000000101', '5a000000-0000-4000-8001-000000000101'],
  date: ['2026-01-31', '2025-12-01'],
  'date-time': ['2026-01-31T08:00:00+08:00', '2027-06-30T00:00:00Z'],
  uri: ['https://app.example/back', 'javascript:alert(1)'],
}
/** Shares of what is well made, by where it stands: most requests get past the door and some reach an agency. */
const WELL = 0.85
const OPTIONAL = 0.3
const KNOWN = 0.6
const DEEPEST = 6

/** Numbers from 0 to 1 that a seed decides (mulberry32), so that a run can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What is done once under a key, with what the document's own examples show of its required members; what must have a file is refused. */
export function examplesOf({ paths, components }: OpenApi): Generated[] {
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [], requestBody }]) => {
      const [mediaType = '', content] = Object.entries(requestBody?.content ?? {})[0] ?? []
      const isKeyed = parameters.some(({ name, in: place }) => place === 'header' && name.toLowerCase() === 'idempotency-key')
      if (!isKeyed || content?.example === undefined || template.includes('{')) return []
      const headers = { 'content-type': mediaType, 'idempotency-key': 'as-the-example-shows' }
      const { required = [] } = components?.schemas?.[content.schema?.$ref?.split('/').at(-1) ?? ''] ?? content.schema ?? {}
      const shown = Object.entries(content.example as object).filter(([name]) => required.includes(name))
      return [{ method: method.toUpperCase(), template, path: template, headers, body: JSON.stringify(Object.fromEntries(shown)) }]
    }),
  )
}

/**
 * → a source of requests to the operations of a document, each as often as any other. `random`: from 0 to 1; `ids`:
 * what the hub has called its things so far, which the caller adds to.
 */
export function generator(document: OpenApi, random: () => number, ids: readonly string[]): () => Generated {
  const operations = Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ template, method: method.toUpperCase(), operation })),
  )
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const well = () => random() < WELL

  function resolve(schema: Schema = {}): Schema {
    if (schema.$ref === undefined) return schema
    return resolve(document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''])
  }

  function value(given: Schema | undefined, depth = 0): unknown {
    if (!well()) return pick(ODD)
    const schema = resolve(given)
    const said = [...(schema.examples ?? []), ...(schema.example === undefined ? [] : [schema.example])]
    if (said.length > 0 && random() < 0.7) return pick(said)
    if (schema.const !== undefined) return schema.const
    if (schema.enum?.length) return pick(schema.enum)
    const choice = schema.anyOf ?? schema.oneOf
    if (choice?.length) return value(pick(choice), depth)
    const type = Array.isArray(schema.type) ? pick(schema.type) : schema.type
    if (schema.allOf?.length && type === undefined) return Object.assign({}, ...schema.allOf.map((part) => value(part, depth)))
    if (depth > DEEPEST) return null
    if (type === 'object' || schema.properties) return object(schema, depth)
    if (type === 'array')
      return Array.from({ length: (schema.minItems ?? 0) + Math.floor(random() * 3) }, () => value(schema.items, depth + 1))
    if (type === 'integer') return Math.floor(number(schema))
    if (type === 'number') return number(schema)
    if (type === 'boolean') return random() < 0.5
    if (type === 'null') return null
    return text(schema)
  }

  function object({ properties = {}, required = [] }: Schema, depth: number): Record<string, unknown> {
    const chosen = Object.entries(properties).filter(([name]) => (required.includes(name) ? well() : random() < OPTIONAL))
    const made = Object.fromEntries(chosen.map(([name, schema]) => [name, value(schema, depth + 1)]))
    return well() ? made : { ...made, ['unexpected']: pick(ODD) }
  }

  function number({ minimum = 0, maximum = 1000 }: Schema): number {
    return random() < 0.2 ? pick([minimum, maximum]) : minimum + random() * (maximum - minimum)
  }

  function text({ format = '', minLength = 0, maxLength = 20 }: Schema): string {
    const likely = LIKELY[format]
    if (likely) return pick(likely)
    const length = Math.min(maxLength, Math.max(minLength, Math.ceil(random() * 20)))
    return Array.from({ length }, () => pick(['1', '2', '0', '许', '昌', 'a', 'X'])).join('')
  }

  const plain = (given: unknown) => (typeof given === 'string' ? given : (JSON.stringify(given) ?? ''))

  function query(parameters: readonly Parameter[]): string {
    const chosen = parameters.filter(({ in: place, required }) => place === 'query' && (required ? well() : random() < OPTIONAL))
    const pairs = chosen.flatMap(({ name, schema, example }) => {
      const given = example !== undefined && well() ? example : value(schema)
      return (Array.isArray(given) ? given : [given]).map((one) => `${encodeURIComponent(name)}=${encode(plain(one))}`)
    })
    return pairs.length > 0 ? `?${pairs.join('&')}` : ''
  }

  return () => {
    const { template, method, operation } = pick(operations)
    const parameters = operation.parameters ?? []
    const path = template.replace(/\{([^}]+)\}/g, (_, name: string) => {
      const { schema, example } = parameters.find((parameter) => parameter.in === 'path' && parameter.name === name) ?? {}
      if (ids.length > 0 && random() < KNOWN) return encode(pick(ids))
      return encode(plain(example !== undefined && well() ? example : value(schema))) || 'x'
    })
    const headers: Record<string, string> = {}
    for (const { name, in: place, required, schema } of parameters)
      if (place === 'header' && (required ? well() : random() < OPTIONAL)) headers[name.toLowerCase()] = headerText(plain(value(schema)))
    const [mediaType = '', content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
    if (!content) return { method, template, path: `${path}${query(parameters)}`, headers, body: null }
    headers['content-type'] = well() ? mediaType : pick(['text/plain', 'application/xml', 'application/json; charset=gbk'])
    const given = content.example !== undefined && random() < 0.4 ? content.example : value(content.schema)
    const whole = mediaType.includes('form') ? new URLSearchParams(flat(given)).toString() : (JSON.stringify(given) ?? '')
    // A body that breaks off in its middle.
    const body = random() < 0.02 ? whole.slice(0, whole.length / 2) : whole
    return { method, template, path: `${path}${query(parameters)}`, headers, body }
  }

  function flat(given: unknown): Record<string, string> {
    return Object.fromEntries(Object.entries(Object(given)).map(([name, one]) => [name, plain(one)]))
  }
}

/** Lone halves of a surrogate pair cannot be written. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** What a client can send as a header at all. */
function headerText(text: string): string {
  return text.replace(/[^\t\x20-\x7e]/g, '?').slice(0, 2000)
}
