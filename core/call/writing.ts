import { compileDatePattern } from '../contract/date-pattern.ts'
import type { InputNotes } from '../contract/inputs.ts'

type Write = (value: unknown) => unknown

/** → writes a validated value of an input in the form in which the agency takes it. */
export function compileValue(notes: InputNotes, dateFormat: string): Write {
  switch (notes.type) {
    case 'period':
      return dayWriter(notes.pattern ?? dateFormat)
    case 'money':
      return moneyWriter(notes.unit)
    default:
      return (value) => value
  }
}

function dayWriter(pattern: string): Write {
  if (pattern === 'YYYY-MM-DD') return (value) => value
  if (pattern === 'YYYYMMDD') return (value) => (value as string).replaceAll('-', '')
  const { write } = compileDatePattern(pattern)
  return (value) => write(value as string)
}

/** Callers give yuan. */
function moneyWriter(unit: InputNotes['unit']): Write {
  const fen = (value: unknown) => Math.round(Number(value) * 100)
  if (unit === 'fen') return fen
  if (unit === '10k-yuan') return (value) => fen(value) / 1_000_000
  return (value) => value
}
