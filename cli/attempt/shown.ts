import { isIdNumber } from '../../core/base/checksums.ts'
import type { Asker } from '../../core/contract/asker.ts'
import type { Fields } from '../../core/contract/fields.ts'
import { masks } from '../../core/contract/masks.ts'

/** Shortens what nobody at a terminal needs to see whole: credentials, and who somebody is. */
export interface Shown {
  /** `name`: the key, parameter or header that the text stands under. */
  text(text: string, name?: string): string
  /** The same for a body: JSON value by value, anything else as one text. */
  body(text: string): unknown
}

const SECRET = /key|secret|password|token|authorization|cookie|ticket/i
const SIGNATURE = /sign/i
/** Far more than is read at a terminal. */
const LONGEST = 4000

/** 18 characters of an id number or 15 digits of 1989, and mobile numbers, wherever they stand. */
const ID = /(?<![0-9A-Za-z])[1-9]\d{16}[\dXx](?![0-9A-Za-z])/g
const PHONE = /(?<!\d)1[3-9]\d{9}(?!\d)/g

export function createShown(secrets: readonly string[], asker: Asker, fields: Fields): Shown {
  const words = replacements(secrets, asker)
  const byKey = masksByKey(fields)

  function text(given: string, name = ''): string {
    if (SECRET.test(name)) return masks.hidden()
    const mask = byKey.get(name.toLowerCase())
    if (mask) return mask(given)
    if (SIGNATURE.test(name)) return masks.account(given)
    const known = words.reduce((text, [word, instead]) => text.replaceAll(word, instead), given)
    const shown = known
      .replace(ID, (number) => (isIdNumber(number.toUpperCase()) ? masks.idNumber(number) : number))
      .replace(PHONE, masks.phone)
    return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…（共 ${shown.length} 字）` : shown
  }

  function value(given: unknown, name: string): unknown {
    if (typeof given === 'string') return text(given, name)
    if (Array.isArray(given)) return given.map((each) => value(each, name))
    if (typeof given === 'object' && given !== null)
      return Object.fromEntries(Object.entries(given).map(([key, inner]) => [key, value(inner, key)]))
    // A number may be one that somebody is known by.
    return typeof given === 'number' && text(String(given), name) !== String(given) ? text(String(given), name) : given
  }

  return {
    text,
    body(given) {
      try {
        return value(JSON.parse(given), '')
      } catch {
        return parameters(given, text)
      }
    },
  }
}

/** Whether an id number or a mobile number stands in it. */
export function namesSomebody(text: string): boolean {
  return (text.match(ID) ?? []).some((number) => isIdNumber(number.toUpperCase())) || text.search(PHONE) >= 0
}

/** A form or query string part by part, any other text whole. */
export function parameters(given: string, text: Shown['text']): string {
  if (!/^[^\s<>{}=&]+=[^\s<>{}&]*(&[^\s<>{}=&]+=[^\s<>{}&]*)*$/.test(given)) return text(given)
  return [...new URLSearchParams(given)].map(([name, part]) => `${name}=${text(part, name)}`).join('&')
}

function replacements(secrets: readonly string[], { person, enterprise }: Asker): (readonly [string, string])[] {
  const people = [
    [person?.idNumber, masks.idNumber],
    [person?.name, masks.name],
  ] as const
  return [
    ...secrets.filter((secret) => secret.length > 3).map((secret) => [secret, masks.hidden()] as const),
    ...people.flatMap(([word, mask]) => (word ? [[word, mask(word)] as const] : [])),
    ...(enterprise?.uscc ? [[enterprise.uscc, masks.account(enterprise.uscc)] as const] : []),
  ]
}

/** By the agency's keys, in lower case, and the field's own name. */
function masksByKey(fields: Fields): Map<string, (value: string) => string> {
  const found = new Map<string, (value: string) => string>()
  for (const [name, { notes }] of Object.entries(fields)) {
    const { mask, codes, columns } = notes
    if (mask) for (const code of [...codes, name]) found.set((code.split('.').at(-1) ?? code).toLowerCase(), masks[mask])
    for (const [key, inner] of masksByKey(columns ?? {})) found.set(key, inner)
  }
  return found
}
