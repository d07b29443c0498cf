import type { Row } from '../../../core/answer/reading.ts'
import { noteReference, referenceOf } from '../../../core/answer/values.ts'
import type { FileNote } from '../../../core/contract/fields.ts'

/** A row that is kept, sealed, and read again: what the agency calls its files goes along, though it never leaves. */

export function writeRow(row: Row): string {
  return JSON.stringify(row, (_key, value: unknown) => {
    const reference = isNote(value) ? referenceOf(value) : undefined
    return reference === undefined ? value : { ...(value as FileNote), reference }
  })
}

export function readRow(text: string): Row {
  return JSON.parse(text, (_key, value: unknown) => {
    if (!isNote(value) || !('reference' in value)) return value
    const { reference, ...note } = value as FileNote & { reference: string }
    noteReference(note, reference)
    return note
  }) as Row
}

function isNote(value: unknown): value is FileNote {
  return typeof value === 'object' && value !== null && 'href' in value && 'mediaType' in value
}
