import type { FieldNotes, Fields } from '../../core/contract/fields.ts'
import type { SandboxRow } from '../../core/contract/types.ts'
import type { Active, FaultKind } from './faults.ts'
import { fieldOf } from './services.ts'

type Distortion = (value: unknown, notes: FieldNotes) => unknown

const VALUES: readonly (readonly [FaultKind, Distortion])[] = [
  [
    'wrong-types',
    (value, { type, subject }) => {
      // A row that names its owner so would be withheld, whatever else is wrong with it.
      if (subject === 'person' || subject === 'enterprise') return value
      return type === 'text' || type === 'code' || type === 'list' || type === 'files' ? { value: 1 } : '格式错误'
    },
  ],
  ['string-numbers', (value) => (typeof value === 'number' ? String(value) : value)],
  ['dates-dashed', dashed],
  ['dates-epoch', epoch],
  ['display-names', (value, { list }) => list?.values[String(value)] ?? value],
  ['amounts-10k', (value, { type }) => (type === 'money' && value !== null && value !== '' ? String(Number(value) / 10_000) : value)],
]

const KEYS: readonly (readonly [FaultKind, (key: string, name: string) => string])[] = [
  ['upper-case', (key) => key.toUpperCase()],
  ['lower-case', (key) => key.toLowerCase()],
  ['camel-case', (_key, name) => name],
]

/** Rows with the faults that concern single keys and values; untouched where there are none. */
export function distort(rows: readonly SandboxRow[], fields: Fields, faults: Active): readonly SandboxRow[] {
  const replaced = faults.get('values')?.values ?? {}
  const values = VALUES.filter(([kind]) => faults.has(kind)).map(([, change]) => change)
  const [rename] = KEYS.filter(([kind]) => faults.has(kind)).map(([, change]) => change)
  const own = Object.keys(replaced).length > 0 ? rows.map((row) => replace(row, replaced)) : rows
  if (values.length === 0 && !rename) return own
  return own.map((row) => distortRow(row, fields, values, rename ?? ((key) => key)))
}

function replace(row: SandboxRow, values: Readonly<Record<string, string>>): SandboxRow {
  const changed = structuredClone(row)
  for (const [path, json] of Object.entries(values)) {
    const [, key = '', index, inner = ''] = /^([^[]*)(?:\[(\d+)\]\.(.*))?$/.exec(path) ?? []
    const target = index === undefined ? changed : (changed[key] as SandboxRow[])[Number(index)]
    if (target) target[index === undefined ? key : inner] = fromJson(json)
  }
  return changed
}

/** JSON.stringify writes a raw number digit for digit. */
function fromJson(json: string): unknown {
  const { rawJSON } = JSON as { rawJSON?: (json: string) => unknown }
  return /^-?\d/.test(json) && rawJSON ? rawJSON(json) : JSON.parse(json)
}

function distortRow(
  row: SandboxRow,
  fields: Fields,
  values: readonly Distortion[],
  rename: (key: string, name: string) => string,
): SandboxRow {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => {
      const field = fieldOf(fields, key)
      if (!field) return [rename(key, key), value]
      const { name, notes } = field
      const inner =
        Array.isArray(value) && notes.columns
          ? value.map((item: SandboxRow) => distortRow(item, notes.columns ?? {}, values, rename))
          : value
      return [rename(key, name), values.reduce((changed, change) => change(changed, notes), inner)]
    }),
  )
}

function dashed(value: unknown, notes: FieldNotes): unknown {
  const digits = digitsOf(value, notes)
  if (digits === null) return value
  const day = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)].filter(Boolean).join('-')
  return digits.length <= 8 ? day : `${day} ${digits.slice(8, 10)}:${digits.slice(10, 12)}:${digits.slice(12, 14)}`
}

function epoch(value: unknown, notes: FieldNotes): unknown {
  const digits = digitsOf(value, notes)
  if (digits === null || digits.length < 8) return value
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = /^(....)(..)(..)(?:(..)(..)(..))?/.exec(digits) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`)
}

/** A day, month or time as its digits; null for anything else. */
function digitsOf(value: unknown, { type, pattern }: FieldNotes): string | null {
  // Who has declared a pattern writes no other.
  if (pattern !== undefined || (type !== 'date' && type !== 'month' && type !== 'datetime')) return null
  const digits = String(value ?? '').replace(/\D/g, '')
  return [6, 8, 14].includes(digits.length) ? digits : null
}
