import { readerOf, readFlag } from '../core/answer/values.ts'
import { type ChoiceSource, type InputNotes, type Inputs, isRequired } from '../core/contract/inputs.ts'
import type { SandboxRow, SandboxSubject, ServiceContract } from '../core/contract/types.ts'
import type { Lab } from './lab.ts'

/** Values of a service's field, in the agency's own form, for whoever asks. */
export type ChoicesAt = (source: ChoiceSource) => readonly unknown[]

/** Values for the inputs without which a service refuses, as a caller gives them, such that they find something in these rows. */
export function sampleInputs(
  { inputs, fields, key, anyOf }: Pick<ServiceContract, 'inputs' | 'fields' | 'key' | 'anyOf'>,
  rows: readonly SandboxRow[],
  choicesAt: ChoicesAt = () => [],
): Record<string, unknown> {
  const row = rows[0] ?? {}
  const given: Record<string, unknown> = {}
  for (const [name, { notes, schema }] of inOrder(inputs)) {
    const wanted = isRequired(notes, given) || name === anyOf?.[0]
    // The key is given although it needn't be: whoever has several records is asked for it.
    if (notes.fact || !(wanted || name === key)) continue
    const target = fields[notes.field ?? name]?.notes
    const held = [...(target?.codes ?? []), notes.field ?? name, ...notes.codes]
      .map((code) => row[code])
      .find((value) => typeof value !== 'object')
    if (held === undefined && !wanted) continue
    given[name] = sample(notes, held === undefined || !target ? (held ?? exampleIn(schema)) : read(target, held), choicesAt)
  }
  return given
}

/** Those last that depend on others. */
function inOrder(inputs: Inputs): [string, Inputs[string]][] {
  const all = Object.entries(inputs)
  return [...all.filter(([, { notes }]) => !notes.requiredWhen), ...all.filter(([, { notes }]) => notes.requiredWhen)]
}

/** One of the declaration's own, for what has to have a form. */
function exampleIn(schema: object): unknown {
  return (schema as { examples?: readonly unknown[] }).examples?.[0]
}

/** A query string; a list is its parameter repeated. */
export function toQuery(values: Readonly<Record<string, unknown>>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(values).flatMap(([name, value]) =>
      (value === undefined ? [] : [value]).flat().map((each): [string, string] => [name, String(each)]),
    ),
  )
}

/** What a service of the same connector answers from. */
export function choicesIn(lab: Pick<Lab, 'services' | 'rowsOf'>, connectorId: string, subject: SandboxSubject): ChoicesAt {
  return ({ from, value, open }) => {
    const service = lab.services.get(`${connectorId}.${from}`)
    if (!service) return []
    const heldAt = (row: SandboxRow, name: string) =>
      [...(service.contract.fields[name]?.notes.codes ?? []), name].map((code) => row[code]).find((held) => held !== undefined)
    const rows = lab.rowsOf(service, subject).filter((row) => open === undefined || readFlag(heldAt(row, open)) === true)
    return rows.flatMap((row) => heldAt(row, value) ?? [])
  }
}

/** What callers read of a field they also write; a code by itself. */
function read(notes: Parameters<typeof readerOf>[0], held: unknown): unknown {
  if (notes.type !== 'date' && notes.type !== 'money') return held
  return readerOf(notes)(held)
}

const LONG = '2000-01-01/2099-12-31'

function sample(notes: InputNotes, held: unknown, choicesAt: ChoicesAt): unknown {
  const { type, item, from, list } = notes
  if (type === 'period') return LONG
  if (type === 'list') return item ? [sample(item, held, choicesAt)] : []
  if (from) return String(choicesAt(from)[0] ?? held ?? '')
  if (type === 'address') return { division: Object.keys(list?.values ?? {})[0], detail: '示例路1号' }
  if (type === 'flag') return true
  if (type === 'integer' || type === 'money') return Number(held ?? 1)
  return String(held ?? fallback(notes))
}

function fallback({ type, list }: InputNotes): string {
  if (type === 'choice') return Object.keys(list?.values ?? {})[0] ?? ''
  if (type === 'date') return '2026-06-15'
  return type === 'time' ? '09:30' : '1'
}
