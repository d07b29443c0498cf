import { halfWidth } from '../base/half-width.ts'

/** What an agency writes into one field; a longer text is no value of it. Declarations may say otherwise (`longest`). */
const LONGEST_TEXT = 10_000

/** → trimmed; null for no value, which some write as a word; undefined for what is no text, or too long a one. */
export function readText(value: unknown, longest = LONGEST_TEXT): string | null | undefined {
  if (typeof value === 'string') {
    if (value.length > longest) return undefined
    const text = value.trim()
    return text === '' || text === 'null' || text === 'NULL' ? null : text
  }
  // A greater number has lost digits on its way already.
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? String(value) : undefined
}

/** The same in half width: digits, letters and signs of a Chinese keyboard (３５２．３３) as everybody else writes them. */
export function readHalfWidth(value: unknown): string | null | undefined {
  const text = readText(value)
  return typeof text === 'string' ? halfWidth(text).trim() : text
}
