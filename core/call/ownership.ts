import type { Row } from '../answer/reading.ts'
import type { Asker } from '../contract/asker.ts'
import type { Fields } from '../contract/fields.ts'
import type { UpstreamDeclaration } from '../contract/types.ts'
import { isObject, lookup, type SourceRow } from '../upstream/envelope.ts'

/**
 * Compiles who a row may be shown to, from its fields' `subject`: every owner field that holds a value
 * must name the asker; of the party fields, here and in lists, at least one must.
 */
export function compileOwnership(fields: Fields): (row: Row, asker: Asker) => boolean {
  const entries = Object.entries(fields)
  const owners = entries.filter(([, { notes }]) => notes.subject === 'person' || notes.subject === 'enterprise')
  const parties = entries.filter(([, { notes }]) => notes.subject === 'party').map(([name]) => name)
  const partyLists = entries.flatMap(([list, { notes }]) =>
    Object.entries(notes.columns ?? {}).flatMap(([column, inner]) => (inner.notes.subject === 'party' ? [[list, column] as const] : [])),
  )
  const restricted = parties.length > 0 || partyLists.length > 0

  function isParty(row: Row, asker: Asker): boolean {
    return (
      parties.some((name) => names(row[name], asker)) ||
      partyLists.some(([list, column]) => ((row[list] as Row[] | null) ?? []).some((item) => names(item[column], asker)))
    )
  }

  return (row, asker) => {
    for (const [name, { notes }] of owners) {
      const owner = notes.subject === 'person' ? asker.person?.idNumber : asker.enterprise?.uscc
      const named = row[name]
      if (typeof named === 'string' && owner !== undefined && !matches(named, owner)) return false
    }
    return !restricted || isParty(row, asker)
  }
}

/**
 * Compiles the same question for a row as the agency sent it: whatever number stands under one of the
 * owner keys must be the asker's. An agent asks for the enterprise, so then only that is compared.
 */
export function compileSourceOwnership(keys: UpstreamDeclaration['owner']): (source: SourceRow, asker: Asker) => boolean {
  const ofPerson = (keys?.person ?? []).map((key) => [key])
  const ofEnterprise = (keys?.enterprise ?? []).map((key) => [key])
  return (source, { person, enterprise }) => {
    const owner = enterprise ? enterprise.uscc : person?.idNumber
    if (owner === undefined) return true
    return (enterprise ? ofEnterprise : ofPerson).every((key) => {
      const named = lookup(source, key)
      return typeof named !== 'string' || named === '' || matches(named, owner)
    })
  }
}

/** Compiles the question for parties whom no field shows: with keys declared, one of the row's numbers must be the asker's. */
export function compileSourceParties(keys: readonly string[] = []): (source: SourceRow, asker: Asker) => boolean {
  const paths = keys.map((key) => key.split('.'))
  return (source, asker) => paths.length === 0 || paths.some((path) => valuesAt(source, path).some((value) => names(value, asker)))
}

/** What stands at a path; a step that leads to a list goes on in each of its items. */
function valuesAt(value: unknown, [key, ...rest]: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, key === undefined ? [] : [key, ...rest]))
  if (key === undefined) return [value]
  return isObject(value) ? valuesAt(lookup(value, [key]), rest) : []
}

function names(value: unknown, { person, enterprise }: Asker): boolean {
  if (typeof value !== 'string') return false
  return (person !== null && matches(value, person.idNumber)) || (enterprise !== null && matches(value, enterprise.uscc))
}

/** Whether a number that the agency gave, in either case or masked with `*`, can be the owner's. */
function matches(given: string, owner: string): boolean {
  if (given.toUpperCase() === owner) return true
  if (!given.includes('*') || given.length !== owner.length) return false
  return [...given.toUpperCase()].every((character, index) => character === '*' || character === owner[index])
}
