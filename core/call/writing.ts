import { compileDatePattern } from '../contract/date-pattern.ts'
import type { AddressValue, FileValue, InputNotes } from '../contract/inputs.ts'

type Write = (value: unknown) => unknown

/** → writes a validated value of an input in the form in which the agency takes it. */
export function compileValue(notes: InputNotes, dateFormat: string): Write {
  switch (notes.type) {
    case 'period':
      return dayWriter(notes.pattern ?? dateFormat)
    case 'date':
      return dayWriter(notes.pattern ?? dateFormat)
    case 'time':
      return timeWriter(notes.pattern)
    case 'flag': {
      const { yes, no } = notes.words ?? { yes: '1', no: '0' }
      return (value) => (value ? yes : no)
    }
    case 'list':
      return listWriter(notes, dateFormat)
    case 'file':
      return (value) => (value as FileValue).content
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

function timeWriter(pattern: string | undefined): Write {
  if (pattern === undefined) return (value) => value
  const { write } = compileDatePattern(pattern)
  return (value) => write(`0000-00-00T${value}:00`)
}

function listWriter({ item, join }: InputNotes, dateFormat: string): Write {
  const write = item ? compileValue(item, dateFormat) : (value: unknown) => value
  return join === undefined ? (value) => (value as unknown[]).map(write) : (value) => (value as unknown[]).map(write).join(join)
}

/** → the text of an address for an agency that takes one, or the detail alone where its division goes apart. */
export function addressText({ list, codes }: InputNotes, { division, detail }: AddressValue): string {
  return codes.length > 1 ? detail : `${list?.values[division] ?? ''}${detail}`
}

/** Callers give yuan. */
function moneyWriter(unit: InputNotes['unit']): Write {
  const fen = (value: unknown) => Math.round(Number(value) * 100)
  if (unit === 'fen') return fen
  if (unit === '10k-yuan') return (value) => fen(value) / 1_000_000
  return (value) => value
}
