import { randomInt } from 'node:crypto'

/** What GB 32100-2015 writes codes with: nothing that is taken for something else, and a prime number of them. */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const LENGTH = 12

/**
 * Twelve characters, in groups of four: eleven at random (54 bits) and one to check. The sum of all, each by its place,
 * is a multiple of 31: a wrong character, or two that changed places, never give another receipt.
 */
export function newReceipt(): string {
  const places = Array.from({ length: LENGTH - 1 }, () => randomInt(ALPHABET.length))
  // The last place counts twelve-fold; 13 is the inverse of 12 modulo 31.
  places.push((((ALPHABET.length - (sumOf(places) % ALPHABET.length)) % ALPHABET.length) * 13) % ALPHABET.length)
  return grouped(places.map((place) => ALPHABET[place]).join(''))
}

/** A receipt as somebody types it, in the spelling of {@link newReceipt}; null for what cannot be one. */
export function readReceipt(typed: string): string | null {
  if (typed.length > 64) return null
  const code = typed.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '')
  const places = [...code].map((character) => ALPHABET.indexOf(character))
  if (places.length !== LENGTH || places.includes(-1) || sumOf(places) % ALPHABET.length !== 0) return null
  return grouped(code)
}

function sumOf(places: readonly number[]): number {
  return places.reduce((sum, place, index) => sum + place * (index + 1), 0)
}

function grouped(code: string): string {
  return code.replace(/(.{4})(?!$)/g, '$1-')
}
