import { readFileSync } from 'node:fs'
import type { Promised } from '../../conformance/promise.ts'
import type { ConnectorDeclaration } from '../../core/connector.ts'
import type { FieldNotes } from '../../core/contract/fields.ts'

export function promisesOf(connectorId: string): Promised[] {
  return JSON.parse(readFileSync(new URL(`../../connectors/${connectorId}/promise.json`, import.meta.url), 'utf8')) as Promised[]
}

export interface DeclaredField {
  /** Service id. */
  id: string
  /** `list.column` for a column. */
  name: string
  notes: FieldNotes
}

/** Fields of all services, and the columns of list fields. */
export function everyField({ services }: ConnectorDeclaration): DeclaredField[] {
  return services.flatMap(({ contract: { id, fields } }) =>
    Object.entries(fields).flatMap(([name, { notes }]) => [
      { id, name, notes },
      ...Object.entries(notes.columns ?? {}).map(([column, inner]) => ({ id, name: `${name}.${column}`, notes: inner.notes })),
    ]),
  )
}
