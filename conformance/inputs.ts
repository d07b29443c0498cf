import type { InputNotes } from '../core/contract/inputs.ts'
import type { SandboxRow, ServiceContract } from '../core/contract/types.ts'

/** Values for the inputs without which a service refuses, such that they find something in these rows. */
export function sampleInputs({ inputs, fields, key }: ServiceContract, rows: readonly SandboxRow[]): Record<string, string> {
  const row = rows[0] ?? {}
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, { notes }]) => {
      // The key is given although it needn't be: whoever has several records is asked for it.
      if (notes.fact || !(notes.required || name === key)) return []
      const target = fields[notes.field ?? name]?.notes.codes ?? []
      const held = [...target, notes.field ?? name, ...notes.codes].map((code) => row[code]).find((value) => typeof value !== 'object')
      if (held === undefined && !notes.required) return []
      return [[name, String(notes.type === 'period' ? LONG : (held ?? fallback(notes)))]]
    }),
  )
}

const LONG = '2000-01-01/2099-12-31'

function fallback({ type, list }: InputNotes): string {
  if (type === 'choice') return Object.keys(list?.values ?? {})[0] ?? ''
  return '1'
}
