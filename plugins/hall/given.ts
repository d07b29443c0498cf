import type { InputNotes, Inputs } from '../../core/contract/inputs.ts'
import type { Typed } from './controls.ts'

/**
 * What was typed, as the API takes it; what was left empty is left out. A text that is no number stays one: the API says what is
 * wrong with it, in the words that apps show.
 */
export function givenIn(inputs: Inputs, typed: Typed): Record<string, unknown> {
  const given: Record<string, unknown> = {}
  for (const [name, { notes }] of Object.entries(inputs)) {
    if (notes.fact !== undefined) continue
    const value = typedValue(name, notes, typed)
    if (value !== undefined) given[name] = value
  }
  return given
}

function typedValue(name: string, notes: InputNotes, typed: Typed): unknown {
  switch (notes.type) {
    case 'period': {
      const [from, to] = [partOf(typed, name, 'from'), partOf(typed, name, 'to')]
      return from === '' && to === '' ? undefined : `${from || '..'}/${to || '..'}`
    }
    case 'address': {
      const [division, detail] = [partOf(typed, name, 'division'), partOf(typed, name, 'detail')]
      return division === '' && detail === '' ? undefined : { division, detail }
    }
    case 'list': {
      const values = (typed[name] ?? []).flatMap((text) => text.split('\n')).flatMap((text) => text.trim() || [])
      return values.length === 0 ? undefined : values.map((text) => plain(notes.item, text))
    }
    default: {
      const text = (typed[name] ?? []).findLast((value) => value.trim() !== '')?.trim()
      // A box that must be ticked and isn't says no.
      if (text === undefined) return notes.type === 'flag' && notes.required ? false : undefined
      return plain(notes, text)
    }
  }
}

function plain(notes: InputNotes | undefined, text: string): unknown {
  if (notes?.type === 'flag') return text === 'true'
  return (notes?.type === 'integer' || notes?.type === 'money') && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

const partOf = (typed: Typed, name: string, part: string) => typed[`${name}.${part}`]?.[0]?.trim() ?? ''

/** The same for an address: every value a text, a list several of one name. */
export function queryOf(given: Readonly<Record<string, unknown>>): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(given)) for (const each of [value].flat()) query.append(name, String(each))
  return query
}
