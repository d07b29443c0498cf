import type { Field, Fields } from '../contract/fields.ts'
import { masks } from '../contract/masks.ts'
import { compileReader, type Row, type RowReader } from './reading.ts'

export interface RowMapper extends RowReader {
  /** Shortens, in place, what the declaration masks. */
  mask(row: Row): Row
}

type Mask = (row: Row) => void

/** What fields are read from and how they leave, made ready once; see {@link compileReader}. */
export function compileMapper(fields: Fields, essential: readonly string[] = []): RowMapper {
  const masked = compileMasks(fields)
  return {
    ...compileReader(fields, essential),
    mask(row) {
      for (const apply of masked) apply(row)
      return row
    },
  }
}

function compileMasks(fields: Fields): Mask[] {
  return Object.entries(fields).flatMap(([name, field]) => compileMask(name, field))
}

function compileMask(name: string, { notes }: Field<unknown>): Mask[] {
  if (notes.mask) {
    const mask = masks[notes.mask]
    return [
      (row) => {
        if (typeof row[name] === 'string') row[name] = mask(row[name])
      },
    ]
  }
  const inner = compileMasks(notes.columns ?? {})
  if (inner.length === 0) return []
  return [
    (row) => {
      if (Array.isArray(row[name])) for (const item of row[name]) for (const apply of inner) apply(item as Row)
    },
  ]
}
