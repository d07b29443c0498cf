import { normalIdNumber } from '../base/checksums.ts'
import type { Asker } from '../contract/asker.ts'
import type { Field, Fields } from '../contract/fields.ts'
import { masks } from '../contract/masks.ts'
import { compileReader, type Row, type RowReader } from './reading.ts'

export interface RowMapper extends RowReader {
  /** Shortens, in place, what the declaration masks; not what an `owner` has asked to see whole and it says is theirs. */
  mask(row: Row, owner?: Asker | null): Row
}

type Mask = (row: Row, owner: Asker | null) => void

/** What fields are read from and how they leave, made ready once; see {@link compileReader}. */
export function compileMapper(fields: Fields, essential: readonly string[] = []): RowMapper {
  const masked = compileMasks(fields)
  return {
    ...compileReader(fields, essential),
    mask(row, owner = null) {
      masked?.(row, owner)
      return row
    },
  }
}

function compileMasks(fields: Fields): Mask | null {
  const party = Object.keys(fields).find((name) => fields[name]?.notes.subject === 'party')
  const steps = Object.entries(fields).flatMap(([name, field]) => compileMask(name, field) ?? [])
  if (steps.length === 0) return null
  return (row, asker) => {
    const owner = asker && (party === undefined || isNumberOf(asker, row[party])) ? asker : null
    for (const step of steps) step(row, owner)
  }
}

function compileMask(name: string, { notes }: Field<unknown>): Mask | null {
  if (notes.mask) {
    const mask = masks[notes.mask]
    const named = notes.mask === 'name'
    return (row, owner) => {
      const value = row[name]
      const isOwn = !named || value === (owner?.enterprise ?? owner?.person)?.name || (notes.reveal === 'members' && owner?.enterprise)
      const isWhole = owner !== null && (notes.reveal === true || notes.reveal === 'members') && isOwn
      if (typeof value === 'string' && !isWhole) row[name] = mask(value)
    }
  }
  const inner = compileMasks(notes.columns ?? {})
  return inner && ((row, owner) => Array.isArray(row[name]) && row[name].forEach((item) => void inner(item as Row, owner)))
}

function isNumberOf({ person, enterprise }: Asker, value: unknown): boolean {
  return normalIdNumber(String(value)) === normalIdNumber(enterprise?.uscc ?? person?.idNumber ?? '')
}
