import { isIdNumber, isPhone, isUscc, normalIdNumber } from '../../core/base/checksums.ts'
import { halfWidth } from '../../core/base/half-width.ts'
import { foldKey } from '../../core/base/keys.ts'
import type { Asker } from '../../core/contract/asker.ts'
import type { Fields } from '../../core/contract/fields.ts'
import type { MaskName } from '../../core/contract/masks.ts'
import { createStandIns } from './stand-ins.ts'

/** Replaces everybody in what an agency answered by somebody invented; the asker becomes the first of them. */
export interface Anonymiser {
  /** JSON as it came → a value without anybody. Throws SyntaxError for what is no JSON. */
  json(text: string): unknown
  text(text: string): string
}

type Sort = MaskName | 'plain' | 'unknown'

/** What stands for a text of which nobody has said what it is. */
const UNKNOWN = '示例'
/** Digits from which on a JSON number is taken as text: none may be lost before it is looked at. */
const LONG = 11
/** Digits and letters of a Chinese keyboard; its other signs stay as they are. */
const WIDE = /[０-９Ａ-Ｚａ-ｚ]/g

/** `owners`: the agency's keys under which a row says whose it is, shown or not; the number there stays that of whoever asks. */
export function createAnonymiser(
  asker: Asker,
  fields: Fields,
  secrets: readonly string[] = [],
  owners: readonly string[] = [],
): Anonymiser {
  const standIns = createStandIns()
  const names = new Map<string, string>()
  const sorts = sortsByKey(fields, owners)
  const { person, enterprise } = asker
  const own = person && normalIdNumber(person.idNumber)
  if (own) standIns.idNumber(own)
  if (enterprise) standIns.uscc(enterprise.uscc)
  for (const name of [person?.name, enterprise?.name]) if (name) names.set(name, standIns.name(name))
  /** The 15 digits of 1989 that belong to it. */
  const old = own ? own.slice(0, 6) + own.slice(8, 17) : null

  function sortOf(key: string, isRow: boolean): Sort {
    return sorts.get(foldKey(key)) ?? (isRow ? 'unknown' : 'plain')
  }

  /** A row is an object in which the declaration knows a key: there, what it does not know is nobody's business. */
  const isRow = (value: object) => Object.keys(value).some((key) => sorts.has(foldKey(key)))

  function collect(value: unknown, key: string): void {
    if (Array.isArray(value)) for (const each of value) collect(each, key)
    else if (typeof value === 'object' && value !== null) for (const [name, inner] of Object.entries(value)) collect(inner, name)
    else if (typeof value === 'string' && ['name', 'party'].includes(sortOf(key, false)) && value.length > 1 && !value.includes('*'))
      names.set(value, names.get(value) ?? standIns.name(value))
  }

  function replace(value: unknown, sort: Sort): unknown {
    if (typeof value === 'string') return bySort(value, sort)
    if (typeof value === 'number') {
      const text = String(value)
      const instead = sort === 'unknown' ? '0' : bySort(text, sort)
      return instead === text ? value : Number.isNaN(Number(instead)) ? instead : Number(instead)
    }
    if (Array.isArray(value)) return value.map((each) => replace(each, sort))
    if (typeof value !== 'object' || value === null) return value
    // What stands below a key that is masked, or that nobody knows, is no more to be seen than a text there.
    const row = sort !== 'plain' || isRow(value)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [scrub(key), replace(inner, sortOf(key, row))]))
  }

  function bySort(text: string, sort: Sort): string {
    if (text === '') return text
    if (sort === 'unknown') return UNKNOWN
    if (sort === 'address') return standIns.address(text)
    if (sort === 'idNumber') return text.includes('*') ? maskedLike(text) : numberLike(halfWidth(text))
    if (sort === 'phone') return text.includes('*') ? standIns.digits(text) : standIns.phone(halfWidth(text))
    if (sort === 'name' || sort === 'party') return names.get(text) ?? standIns.name(text)
    if (sort === 'account' || sort === 'numbers' || sort === 'hidden') return scrub(standIns.digits(scrub(text)))
    return scrub(text)
  }

  /** Of a person, or of an enterprise where it is one. */
  function numberLike(text: string): string {
    const number = normalIdNumber(text)
    return isUscc(number) ? standIns.uscc(number) : standIns.idNumber(number)
  }

  /** A number of which the agency shows only some characters shows those of the stand-in. */
  function maskedLike(text: string): string {
    const instead = enterprise && !own ? standIns.uscc(enterprise.uscc) : standIns.idNumber(own ?? text)
    return [...text].map((character, at) => (character === '*' ? '*' : (instead[at] ?? '0'))).join('')
  }

  /** Numbers and names of people, wherever they stand in a text. */
  function scrub(given: string): string {
    const narrow = given.replace(WIDE, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    const found = secrets.reduce((text, secret) => (secret.length > 3 ? text.replaceAll(secret, UNKNOWN) : text), narrow)
    const clean = named(phones(spaced(contiguous(found))))
    return clean === narrow ? given : clean
  }

  function contiguous(text: string): string {
    let clean = ''
    for (let at = 0; at < text.length; ) {
      const piece = text.slice(at, at + 18).toUpperCase()
      const isOld = old !== null && text.startsWith(old, at)
      if (piece === own || (/^\d{17}[\dX]$/.test(piece) && isIdNumber(piece))) clean += standIns.idNumber(piece)
      else if (isUscc(piece)) clean += standIns.uscc(piece)
      else if (isOld) clean += standIns.idNumber(own ?? '')
      else {
        clean += text[at++]
        continue
      }
      at += isOld && piece !== own ? 15 : 18
    }
    return clean.replace(/(?<!\d)\d{15}(?!\d)/g, (number) => {
      const whole = normalIdNumber(number)
      return isIdNumber(whole) ? standIns.idNumber(whole) : number
    })
  }

  /** Written in groups: `411002 19900101 000X`. */
  function spaced(text: string): string {
    return text.replace(/\d(?:[ -]{0,2}\d){16}[ -]{0,2}[\dXx]/g, (found) => {
      const number = found.replace(/[ -]/g, '').toUpperCase()
      return found.length > 18 && (number === own || isIdNumber(number)) ? standIns.idNumber(number) : found
    })
  }

  function phones(text: string): string {
    return text.replace(/(?<!\d)(86)?(1[3-9]\d(?:[ -]?\d{4}){2})(?!\d)/g, (found, country = '', number: string) => {
      const plain = number.replace(/[ -]/g, '')
      return isPhone(plain) ? country + standIns.phone(plain) : found
    })
  }

  /** The longest name first: one may begin with another. */
  function named(text: string): string {
    const words = [...names.keys()].sort((a, b) => b.length - a.length)
    let clean = ''
    for (let at = 0; at < text.length; ) {
      const word = words.find((name) => text.startsWith(name, at))
      clean += word === undefined ? text[at] : names.get(word)
      at += word?.length ?? 1
    }
    return clean
  }

  return {
    json(text) {
      const value: unknown = JSON.parse(text, keepDigits)
      collect(value, '')
      return replace(value, 'plain')
    },
    text: scrub,
  }
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source && /^-?\d+$/.test(context.source) && context.source.length > LONG
    ? context.source
    : value
}

/** By the agency's keys and the field's own name, as they are compared. */
function sortsByKey(fields: Fields, owners: readonly string[] = []): Map<string, Sort> {
  const found = new Map<string, Sort>()
  for (const [name, { notes }] of Object.entries(fields)) {
    const sort = notes.mask ?? (notes.subject === undefined ? 'plain' : 'idNumber')
    for (const code of [...notes.codes, name]) found.set(lastPart(code), sort)
    for (const [key, inner] of sortsByKey(notes.columns ?? {})) found.set(key, inner)
  }
  for (const key of owners) found.set(lastPart(key), 'idNumber')
  return found
}

const lastPart = (code: string) => foldKey(code.split('.').at(-1) ?? code)
