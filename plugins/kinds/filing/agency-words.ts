/** Characters of an agency's words that are handed on. */
const LONGEST = 500

/**
 * An agency's own words for the applicant: bounded, without control characters, and with numbers of seven digits and
 * more (identity numbers, telephones, accounts) masked, for they go into lists and messages too. Null for none.
 */
export function agencyWords(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value.replace(/\p{Cc}+/gu, ' ').trim()
  if (text === '') return null
  const shown = [...text].slice(0, LONGEST).join('')
  return shown.replace(/\d{7,}[Xx]?/g, (digits) => `${digits.slice(0, 3)}${'*'.repeat(digits.length - 5)}${digits.slice(-2)}`)
}
