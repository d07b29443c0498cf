import { randomBytes } from 'node:crypto'

/** Crockford's base 32: no I, L, O and U, which are read as 1, 1, 0 and V. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 20

/** A code that people read and type: 20 random characters, 100 bits. */
export function newCode(): string {
  // 256 is a multiple of 32, so every character is equally likely.
  return [...randomBytes(LENGTH)].map((byte) => ALPHABET[byte & 31]).join('')
}

/** `XXXX-XXXX-XXXX-XXXX-XXXX`, for reading. */
export function groupCode(code: string): string {
  return code.match(/.{4}/g)?.join('-') ?? code
}

/** What somebody typed → the code; null for what can't be one. */
export function readCode(text: string): string | null {
  const code = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  return code.length === LENGTH && [...code].every((character) => ALPHABET.includes(character)) ? code : null
}
