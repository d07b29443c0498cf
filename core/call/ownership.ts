import type { Row } from '../answer/reading.ts'
import { normalIdNumber } from '../base/checksums.ts'
import { foldKey } from '../base/keys.ts'
import type { Asker } from '../contract/asker.ts'
import type { Fields } from '../contract/fields.ts'
import type { UpstreamDeclaration } from '../contract/types.ts'
import { isObject, type SourceRow } from '../upstream/envelope.ts'

/**
 * Compiles whether a row, as the agency sent it, may be the asker's: by the fields that name its owner (`subject`)
 * and by the owner keys of the declaration, shown or not. Whatever stands under one of them, in any spelling that
 * a field would be read from, must be the asker's number; a row that says nothing of its owner is the answer to
 * the question, which named the asker. An agent asks for the enterprise, so of the declared keys only its count then.
 */
export function compileOwnership(fields: Fields, keys: UpstreamDeclaration['owner']): (source: SourceRow, asker: Asker) => boolean {
  const named = (subject: 'person' | 'enterprise') =>
    Object.entries(fields).flatMap(([name, { notes }]) => (notes.subject === subject ? [...notes.codes, name] : []))
  const shown = compileKeys(named('person'))
  const ofPerson = compileKeys([...named('person'), ...(keys?.person ?? [])])
  const ofEnterprise = compileKeys([...named('enterprise'), ...(keys?.enterprise ?? [])])
  return (source, { person, enterprise }) =>
    (!person || (enterprise ? shown : ofPerson)(source, person.idNumber)) && (!enterprise || ofEnterprise(source, enterprise.uscc))
}

/** Compiles the question for those of whom there are several: of the party fields, here and in lists, at least one must name the asker. */
export function compileParties(fields: Fields): (row: Row, asker: Asker) => boolean {
  const entries = Object.entries(fields)
  const parties = entries.filter(([, { notes }]) => notes.subject === 'party').map(([name]) => name)
  const partyLists = entries.flatMap(([list, { notes }]) =>
    Object.entries(notes.columns ?? {}).flatMap(([column, inner]) => (inner.notes.subject === 'party' ? [[list, column] as const] : [])),
  )
  if (parties.length === 0 && partyLists.length === 0) return () => true
  return (row, asker) =>
    parties.some((name) => names(row[name], asker)) ||
    partyLists.some(([list, column]) => ((row[list] as Row[] | null) ?? []).some((item) => names(item[column], asker)))
}

/** The same for parties whom no field shows: with keys declared, one of the row's numbers must be the asker's. */
export function compileSourceParties(keys: readonly string[] = []): (source: SourceRow, asker: Asker) => boolean {
  const paths = keys.map((key) => key.split('.').map(foldKey))
  return (source, asker) => paths.length === 0 || paths.some((path) => valuesAt(source, path).some((value) => names(value, asker)))
}

/** More keys than this are not an agency's, so they are folded anew each time. */
const REMEMBERED = 1000

/** Compiles whether all that stands under these keys is one number. */
function compileKeys(keys: readonly string[]): (source: SourceRow, number: string) => boolean {
  const folded = new Set(keys.map(foldKey))
  const seen = new Map<string, string | null>()

  /** → the key as declared, folded; null for all others. */
  function meant(key: string): string | null {
    const known = seen.get(key)
    if (known !== undefined) return known
    const name = foldKey(key)
    const found = folded.has(name) ? name : null
    if (seen.size < REMEMBERED) seen.set(key, found)
    return found
  }

  return (source, number) => {
    if (folded.size === 0) return true
    let silent: string[] | undefined
    let told: string[] | undefined
    for (const key in source) {
      const name = meant(key)
      if (name === null || source[key] === undefined) continue
      const value = source[key]
      if (isNothing(value)) silent = [...(silent ?? []), name]
      else if (matches(value, number)) told = [...(told ?? []), name]
      else return false
    }
    // One spelling of a key that says nothing contradicts another that says something.
    return silent === undefined || told === undefined || !silent.some((name) => told.includes(name))
  }
}

function isNothing(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '')
}

/** What stands at a path, in every spelling of its steps; a step that leads to a list goes on in each of its items. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path))
  const [key, ...rest] = path
  if (key === undefined) return [value]
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => (foldKey(name) === key ? valuesAt(inner, rest) : []))
}

function names(value: unknown, { person, enterprise }: Asker): boolean {
  return (person !== null && matches(value, person.idNumber)) || (enterprise !== null && matches(value, enterprise.uscc))
}

/** Whether what the agency gave is the owner's number: text in any spelling of it, masked with `*`, or a number that lost no digit. */
function matches(value: unknown, owner: string): boolean {
  if (value === owner) return true
  if (typeof value !== 'string' && !Number.isSafeInteger(value)) return false
  const given = normalIdNumber(String(value))
  const number = normalIdNumber(owner)
  return given === number || (given.includes('*') && isMasked(given, number))
}

/** An id number begins with district and century, a 统一社会信用代码 with kind and district: a whole city shares them. */
const SHARED = 8
/** So many of the characters that differ between neighbours must be shown; 411***********000X, which the hub's own mask leaves, is enough. */
const TELLING = 4

/** Whether a masked number agrees wherever it shows something, and shows enough to tell it from another's. */
function isMasked(given: string, owner: string): boolean {
  // The 15 digits of 1989 lack the century and the check digit.
  const number = given.length === 15 && owner.length === 18 ? owner.slice(0, 6) + owner.slice(8, 17) : owner
  if (given.length !== number.length) return false
  const shared = number.length === 18 ? SHARED : number.length === 15 ? 6 : 0
  let telling = 0
  for (let index = 0; index < given.length; index++) {
    if (given[index] === '*') continue
    if (given[index] !== number[index]) return false
    if (index >= shared) telling++
  }
  return telling >= TELLING
}
