import { dropUnused } from './components.ts'
import { type OpenApiDocument, operationsOf } from './types.ts'

/** → the document of some operations alone, with what they refer to. An operation of a service brings the others of its service. */
export function documentOf(whole: OpenApiDocument, ids: readonly string[], title: string): OpenApiDocument {
  const isWanted = (operationId: string) => ids.some((id) => operationId === id || (isService(id) && operationId.startsWith(`${id}.`)))
  const places = operationsOf(whole).filter(({ operation }) => isWanted(operation.operationId))
  const paths: OpenApiDocument['paths'] = {}
  for (const { path, method, operation } of places) paths[path] = { ...paths[path], [method]: operation }
  const used = new Set(places.flatMap(({ operation }) => operation.tags ?? []))
  const tags = (whole.tags ?? []).filter(({ name }) => used.has(name))
  const document = { ...whole, info: { ...whole.info, title }, tags, components: { ...whole.components }, paths }
  dropUnused(document)
  return document
}

const isService = (id: string) => /^[a-z0-9-]+\.[a-z0-9-]+$/.test(id) && !id.startsWith('hub.')
