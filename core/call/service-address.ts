import { HubError } from '../base/errors.ts'
import type { Asker } from '../contract/asker.ts'
import type { InputNotes, Inputs } from '../contract/inputs.ts'
import type { HeaderValue, UpstreamDeclaration } from '../contract/types.ts'
import { factOf } from './facts.ts'
import { compileValue } from './writing.ts'

type Input = Readonly<Record<string, unknown>>
type Write = (input: Input, asker: Asker) => string | undefined

/** → the path of a call, percent-encoded; `{name}` stands for the input of that name. */
export function compilePath(
  template: string | undefined,
  inputs: Inputs,
  upstream: UpstreamDeclaration,
): (input: Input, asker: Asker) => string | undefined {
  if (template === undefined) return () => undefined
  const pieces = template.replace(/^\/+/, '').split(/\{([^{}]*)\}/)
  const texts = pieces.filter((_, index) => index % 2 === 0).map(encodePath)
  const names = pieces.filter((_, index) => index % 2 === 1)
  const fixed = texts.join('')
  if (names.length === 0) return () => fixed
  const values = names.map((name) => compileText(name, inputs, upstream))
  return (input, asker) => {
    let path = texts[0] ?? ''
    for (let index = 0; index < values.length; index++) path += segment(names[index], values[index]?.(input, asker)) + texts[index + 1]
    return path
  }
}

/** Slashes separate, everything else is written so that it cannot. */
function encodePath(text: string): string {
  return text.split('/').map(encodeURIComponent).join('/')
}

/** What a caller gives is one part of the path, and never a step up in it: percent-encoded dots are dots to a URL. */
function segment(name: string | undefined, value: string | undefined): string {
  if (value === undefined || /^\.*$/.test(value))
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: `/${name}`, detail: '内容不正确' }] })
  return encodeURIComponent(value)
}

/** → the headers that a service adds to its calls; null where it declares none. */
export function compileHeaders(
  headers: Readonly<Record<string, HeaderValue>> | undefined,
  inputs: Inputs,
  upstream: UpstreamDeclaration,
): ((input: Input, asker: Asker) => Record<string, string>) | null {
  if (!headers || Object.keys(headers).length === 0) return null
  const writers = Object.entries(headers).map(([name, value]): [name: string, write: Write] => {
    if (typeof value === 'string') return [name, () => value]
    return [name, 'fact' in value ? (_input, asker) => factOf(asker, value.fact) : compileText(value.input, inputs, upstream)]
  })
  return (input, asker) => {
    const out: Record<string, string> = {}
    for (const [name, write] of writers) {
      const value = write(input, asker)
      if (value !== undefined) out[name] = headerText(value)
    }
    return out
  }
}

/** A header holds visible ASCII (RFC 9110 §5.5): a Chinese name goes in percent-encoded, and no line break ever does. */
function headerText(value: string): string {
  return /^[\x21-\x7e]*$/.test(value) && !value.includes('%') ? value : encodeURIComponent(value)
}

function compileText(name: string, inputs: Inputs, upstream: UpstreamDeclaration): Write {
  const notes = inputs[name]?.notes as InputNotes
  const { fact } = notes
  if (fact !== undefined) return (_input, asker) => factOf(asker, fact)
  const write = compileValue(notes, upstream.dateFormat)
  return (input) => (input[name] === undefined ? undefined : String(write(input[name])))
}
