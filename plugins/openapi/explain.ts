import { type OpenApiDocument, type Operation, operationsOf, type Response, type Schema } from './types.ts'

export interface Row {
  name: string
  /** `query`, `body`, `string`, … */
  kind: string
  required: boolean
  words: string
}

/** An operation as somebody reads it who is to call it. */
export interface Explained {
  method: string
  path: string
  summary: string
  description: string
  /** Until when, RFC 3339; null where it is not deprecated. */
  sunset: string | null
  takes: readonly Row[]
  answers: readonly Row[]
  /** By status. */
  errors: readonly { status: string; words: string }[]
  /** A call to copy, and what comes back; JSON, null where nothing does. */
  call: string
  answer: string | null
}

const HOST = 'https://hub.example'

/** What an OpenAPI document says of its operations, drawn up for reading; nothing in it is written by hand. */
export function explain(document: OpenApiDocument): Explained[] {
  return operationsOf(document).map(({ path, method, operation }) => explainOne(document, path, method, operation))
}

function explainOne(document: OpenApiDocument, path: string, method: string, operation: Operation): Explained {
  const follow = (schema: Schema): Schema => resolve(document, schema)
  const body = operation.requestBody?.content['application/json']
  const good = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))?.[1]
  const json = good?.content?.['application/json']
  const data = json?.schema ? follow(follow(json.schema).properties?.['data'] ?? json.schema) : undefined
  const row = data?.items ? follow(data.items) : data
  const parameters = (operation.parameters ?? []).map(({ name, in: place, required = false, schema, description }) => ({
    ...{ name, kind: place, required },
    words: [schema.title, description ?? schema.description].filter(Boolean).join('；'),
  }))
  return {
    ...{ method: method.toUpperCase(), path, summary: operation.summary ?? '', description: operation.description ?? '' },
    sunset: (operation as { 'x-sunset'?: string })['x-sunset'] ?? null,
    takes: [...parameters, ...rowsOf(body?.schema ? follow(body.schema) : undefined, () => 'body', follow)],
    answers: rowsOf(row, typeOf, follow),
    errors: Object.entries(operation.responses).flatMap(([status, response]) => errorOf(document, status, response)),
    call: callOf(path, method, operation, body?.example),
    answer: json?.example === undefined ? null : JSON.stringify(json.example, null, 2),
  }
}

function resolve({ components: { schemas = {} } }: OpenApiDocument, schema: Schema): Schema {
  const at = schema.$ref ?? schema.anyOf?.find(({ $ref }) => $ref !== undefined)?.$ref
  return at === undefined ? schema : (schemas[at.slice('#/components/schemas/'.length)] ?? schema)
}

const typeOf = ({ type, $ref }: Schema) => ($ref === undefined ? [type ?? ''].flat().join(' | ') : $ref.slice($ref.lastIndexOf('/') + 1))

function rowsOf(schema: Schema | undefined, kindOf: (part: Schema) => string, follow: (part: Schema) => Schema): Row[] {
  return Object.entries(schema?.properties ?? {}).map(([name, part]) => ({
    ...{ name, kind: kindOf(part), required: schema?.required?.includes(name) ?? false },
    words: [part.title ?? follow(part).title, part.description].filter(Boolean).join('；'),
  }))
}

function errorOf(
  { components: { responses = {} } }: OpenApiDocument,
  status: string,
  response: Response,
): { status: string; words: string }[] {
  if (!/^[45]/.test(status)) return []
  const at = (response as { $ref?: string }).$ref
  const { description } = at === undefined ? response : (responses[at.slice('#/components/responses/'.length)] ?? response)
  return description.split('；').map((words) => ({ status, words: words.replaceAll('`', '') }))
}

/** With what must be given, and what the declaration gives as an example. */
function callOf(path: string, method: string, { parameters = [], security = [] }: Operation, body: unknown): string {
  const must = parameters.filter(({ required }) => required)
  const textOf = (value: unknown) => (value === undefined ? '…' : String(value))
  const filled = must
    .filter((each) => each.in === 'path')
    .reduce((url, { name, example }) => url.replace(`{${name}}`, textOf(example)), path)
  const query = must.filter((each) => each.in === 'query').map(({ name, example }) => `${name}=${encodeURIComponent(textOf(example))}`)
  const headers = [
    ...(security.some((way) => 'token' in way) ? ['"Authorization: Bearer $TOKEN"'] : []),
    ...must.filter((each) => each.in === 'header').map(({ name, example }) => `'${name}: ${textOf(example)}'`),
    ...(body === undefined ? [] : ["'Content-Type: application/json'"]),
  ]
  const parts = [
    ...(method === 'get' ? [] : [`-X ${method.toUpperCase()}`]),
    ...headers.map((header) => `-H ${header}`),
    ...(body === undefined ? [] : [`-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`]),
    `'${HOST}${filled}${query.length > 0 ? `?${query.join('&')}` : ''}'`,
  ]
  return `curl -s ${parts.join(' \\\n  ')}`
}
