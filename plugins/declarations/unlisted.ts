import type { FieldNotes } from '../../core/contract/fields.ts'

/** → of these codes those that a field's list has not: they never come, so what hangs on them never happens. */
export function unlisted(notes: FieldNotes | undefined, codes: readonly string[] = []): string[] {
  const { values } = notes?.list ?? {}
  return values ? codes.filter((code) => !Object.hasOwn(values, code)) : []
}
