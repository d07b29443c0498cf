import { problemSchema } from './answer.ts'
import { type OpenApiDocument, type Operation, operationsOf, type Response, type Schema } from './types.ts'

const REF = '#/components/schemas/'
const FIXED: Readonly<Record<string, (schema: Schema) => boolean>> = {
  CodeValue: ({ properties }) => keysOf(properties) === 'code,name',
  FileNote: ({ properties }) => keysOf(properties) === 'id,name,mediaType,href',
  Page: ({ properties }) => keysOf(properties) === 'number,size,total',
}

const keysOf = (properties: Schema['properties']) => Object.keys(properties ?? {}).join(',')

/** What stands beside `data`, by what it tells. */
const META: Readonly<Record<string, string>> = {
  'asOf,traceId': 'Meta',
  'asOf,traceId,absent,unreadable': 'QueryMeta',
  'asOf,traceId,absent,unreadable,page': 'ListMeta',
  'asOf,traceId,absent,unreadable,summary': 'SummaryMeta',
  'asOf,traceId,absent,unreadable,summary,page': 'SummaryListMeta',
  'asOf,traceId,absent,unreadable,summary,marks': 'SummaryMeta',
  'asOf,traceId,absent,unreadable,summary,marks,page': 'SummaryListMeta',
  'asOf,traceId,page': 'FilingListMeta',
  'asOf,traceId,page,next': 'HubMeta',
  categories: 'CatalogMeta',
}

/**
 * Gives the parts that operations share a name under `components/schemas`, so that generated clients have
 * types with names: rows after the first operation that answers with them, `Meta` and the small parts of rows.
 */
export function nameSchemas(document: OpenApiDocument): void {
  const schemas: Record<string, Schema> = {}
  /** Wanted name and JSON of a schema → its name. */
  const known = new Map<string, string>()

  function refer(wanted: string, schema: Schema): Schema {
    const key = wanted + JSON.stringify(schema)
    const found = known.get(key)
    if (found !== undefined) return { $ref: REF + found }
    let name = wanted
    for (let n = 2; schemas[name] !== undefined; n++) name = `${wanted}${n}`
    known.set(key, name)
    schemas[name] = schema
    return { $ref: REF + name }
  }

  /** Names what lies inside; what a place says of itself (title, null) stays at the place. */
  function shrink(schema: Schema): Schema {
    const { title, ...rest } = schema
    const fixed = Object.entries(FIXED).find(([, fits]) => rest.properties !== undefined && fits(rest))?.[0]
    if (fixed !== undefined) {
      const isNullable = [rest.type].flat().includes('null')
      const reference = refer(fixed, inside({ ...rest, type: 'object' }))
      const said = title === undefined ? {} : { title }
      return isNullable ? { ...said, anyOf: [reference, { type: 'null' }] } : { ...said, ...reference }
    }
    return inside(schema)
  }

  function inside(schema: Schema): Schema {
    return {
      ...schema,
      ...(schema.properties
        ? { properties: Object.fromEntries(Object.entries(schema.properties).map(([key, part]) => [key, shrink(part)])) }
        : {}),
      ...(schema.items ? { items: shrink(schema.items) } : {}),
    }
  }

  /** `{ data, meta }` stays where it is; what it is made of gets names. */
  function nameAnswer(operation: Operation, schema: Schema): Schema {
    const { data, meta } = schema.properties ?? {}
    if (!data || !meta) return shrink(schema)
    const name = pascal(operation.operationId.replace(/\.(list|status|read)$/, ''))
    const row = (part: Schema) => (part.properties ? refer(name, inside(part)) : shrink(part))
    const named = data.items ? { ...data, items: row(data.items) } : row(data)
    return { ...schema, properties: { data: named, meta: refer(META[keysOf(meta.properties)] ?? 'Meta', inside(meta)) } }
  }

  schemas['Problem'] = problemSchema as unknown as Schema
  for (const { operation } of operationsOf(document)) {
    for (const response of Object.values(operation.responses))
      for (const content of Object.values(response.content ?? {}))
        if (content.schema && !content.schema.allOf && !content.schema.$ref) content.schema = nameAnswer(operation, content.schema)
    for (const content of Object.values(operation.requestBody?.content ?? {}))
      if (content.schema) content.schema = refer(`${pascal(operation.operationId)}Request`, shrink(content.schema))
  }
  document.components.schemas = schemas
}

/** The same refusals recur in many operations: each is written down once. */
export function nameProblems(document: OpenApiDocument): void {
  const responses: Record<string, Response> = {}
  const known = new Map<string, string>()
  for (const { operation } of operationsOf(document))
    for (const [status, response] of Object.entries(operation.responses)) {
      if (!response.content?.['application/problem+json']) continue
      const key = JSON.stringify(response)
      let name = known.get(key)
      if (name === undefined) {
        const base = `Problem${status === 'default' ? 'Other' : status}`
        name = base
        for (let n = 2; responses[name] !== undefined; n++) name = `${base}-${n}`
        known.set(key, name)
        responses[name] = response
      }
      operation.responses[status] = { $ref: `#/components/responses/${name}` } as unknown as Response
    }
  document.components.responses = responses
}

/** Drops the components that nothing in the document refers to. */
export function dropUnused(document: OpenApiDocument): void {
  const { responses = {}, securitySchemes = {} } = document.components
  const paths = JSON.stringify(document.paths)
  const keep = <T>(all: Record<string, T>, mark: (name: string) => string) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => paths.includes(mark(name))))
  document.components.responses = keep(responses, (name) => `"#/components/responses/${name}"`)
  document.components.securitySchemes = keep(securitySchemes, (name) => `{"${name}":[]}`)
  const schemas = document.components.schemas ?? {}
  const used = new Set<string>()
  const visit = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue
      used.add(name)
      visit(schemas[name] ?? {})
    }
  }
  visit(document.paths)
  visit(document.components.responses)
  document.components.schemas = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
}

/** `housing-fund.loan-contract` → `HousingFundLoanContract`. */
export function pascal(id: string): string {
  return id.replace(/(?:^|[.-])(\w)/g, (_, letter: string) => letter.toUpperCase())
}
