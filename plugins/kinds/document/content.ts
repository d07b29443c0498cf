import type { Row } from '../../../core/answer/reading.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Field, Fields } from '../../../core/contract/fields.ts'
import { wordsFor } from '../../../core/contract/inputs.ts'
import { masks } from '../../../core/contract/masks.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import type { ServiceContract } from '../../../core/contract/types.ts'
import type { DocumentBody, DocumentTable, Fact } from '../../workshop/body.ts'
import { wordsOf } from '../../workshop/tabular.ts'

/** Longer is no document for a person; the question has to be narrowed. */
const MAX_LINES = 2000
const NOTHING = '—'

/** Whom a document is about, as a verification may show it. */
export interface Holder {
  name: string
  number: string
}

/**
 * Masked rows of a service → the document's text. Attachments are left out: the document stands in for them.
 * Throws HUB_NO_RECORD without rows and HUB_TOO_MANY_ROWS when it would get too long.
 */
export function composeBody(
  { connector, contract }: CompiledService,
  rows: readonly Row[],
  input: Readonly<Record<string, unknown>>,
  asker: Asker,
): DocumentBody {
  if (rows.length === 0) throw new HubError('HUB_NO_RECORD')
  const records = rows.map((row) => composeRecord(contract.fields, row))
  const lines = records.flatMap(({ facts, tables }) => [facts.length, ...tables.map((table) => table.rows.length)])
  if (lines.reduce((sum, count) => sum + count, 0) > MAX_LINES) throw new HubError('HUB_TOO_MANY_ROWS')
  return {
    title: titleOf(contract),
    agency: connector.agency,
    source: agencyOf(connector, contract),
    holder: describeHolder(asker),
    conditions: Object.entries(input).flatMap(([name, value]) => {
      const notes = contract.inputs[name]?.notes
      if (!notes) return []
      // What was typed is shown as the record shows it: the document is for others to read.
      const mask = contract.fields[notes.field ?? name]?.notes.mask
      const words = wordsFor(notes, value)
      return [[notes.title, mask ? masks[mask](words) : words] as const]
    }),
    records,
  }
}

/** What a document of the service is called. */
export function titleOf({ document, name }: ServiceContract): string {
  return document?.title ?? name
}

/** The holder for whoever holds the document's code; a unit's name and credit code are public. */
export function maskedHolder({ person, enterprise }: Asker): Holder | null {
  if (enterprise) return { name: enterprise.name, number: enterprise.uscc }
  return person ? { name: masks.name(person.name), number: masks.idNumber(person.idNumber) } : null
}

/** The name in full, as the holder knows it; the number as everywhere. */
function describeHolder({ person, enterprise }: Asker): Fact[] {
  if (enterprise)
    return [
      ['单位名称', enterprise.name],
      ['统一社会信用代码', enterprise.uscc],
    ]
  if (!person) return []
  return [
    ['姓名', person.name],
    ['证件号码', masks.idNumber(person.idNumber)],
  ]
}

function composeRecord(fields: Fields, row: Row) {
  const shown = Object.entries(fields).filter(([, { notes }]) => notes.type !== 'files')
  return {
    facts: shown.flatMap(([name, field]) =>
      field.notes.type === 'list' ? [] : [[field.notes.title, wordsOf(field.notes, row[name]) ?? NOTHING] as const],
    ),
    tables: shown.flatMap(([name, field]) => (field.notes.type === 'list' ? [composeTable(field, row[name])] : [])),
  }
}

function composeTable({ notes }: Field<unknown>, value: unknown): DocumentTable {
  const columns = Object.entries(notes.columns ?? {}).filter(([, column]) => column.notes.type !== 'files')
  const items = Array.isArray(value) ? (value as Row[]) : []
  return {
    title: notes.title,
    head: columns.map(([, column]) => column.notes.title),
    rows: items.map((item) => columns.map(([name, column]) => wordsOf(column.notes, item[name]) ?? NOTHING)),
  }
}

/** A document with something left out would say something else: the declared inputs alone narrow it. */
export function assertWhole({ inputs }: ServiceContract, query: Readonly<Record<string, unknown>>): void {
  const own = ['format', 'sort', 'page', 'pageSize', 'dependant', 'binding', 'reveal', ...Object.keys(inputs)]
  const errors = Object.keys(query).flatMap((name) =>
    own.includes(name) ? [] : [{ pointer: `/query/${name}`, detail: '证明须完整出具，不能只取一部分' }],
  )
  if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
}
