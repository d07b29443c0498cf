import type { CompiledService } from '../../core/call/service.ts'
import type { KindRules } from '../declarations/kind-rules.ts'

/** A service with what the rules of its kind say. */
export type RuledService = CompiledService & Pick<KindRules, 'asks' | 'keeps'>

/** As much of OpenAPI 3.1 as the hub's documents use. */
export interface Schema {
  $ref?: string
  type?: string | readonly string[]
  title?: string
  description?: string
  format?: string
  pattern?: string
  enum?: readonly unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  required?: readonly string[]
  items?: Schema
  anyOf?: Schema[]
  allOf?: Schema[]
  example?: unknown
  [more: string]: unknown
}

export interface Parameter {
  in: string
  name: string
  required?: boolean
  schema: Schema
  example?: unknown
  description?: string
}

export interface Response {
  description: string
  headers?: Record<string, unknown>
  content?: Record<string, { schema?: Schema; example?: unknown; examples?: Record<string, unknown> }>
}

export interface Operation {
  operationId: string
  summary?: string
  description?: string
  tags?: string[]
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Record<string, { schema?: Schema; example?: unknown }> }
  responses: Record<string, Response>
  /** In which formats the operation `export` gives the answer of this query. */
  'x-export-formats'?: string[]
}

export interface OpenApiDocument {
  openapi: string
  info: Record<string, unknown>
  servers?: { url: string }[]
  tags?: { name: string; description: string; externalDocs?: { url: string; description: string } }[]
  components: { schemas?: Record<string, Schema>; responses?: Record<string, Response>; securitySchemes?: Record<string, unknown> }
  paths: Record<string, Record<string, Operation>>
}

/** One operation with where it stands. */
export interface Place {
  path: string
  method: string
  operation: Operation
}

export function operationsOf({ paths }: Pick<OpenApiDocument, 'paths'>): Place[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
}
