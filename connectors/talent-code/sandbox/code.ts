const MINUTE_MS = 60_000
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 24

/** Epoch milliseconds at which a code made now is taken no more: the minute in which it is shown, and the one after. */
export const codeEndsAt = (now: number) => (Math.floor(now / MINUTE_MS) + 2) * MINUTE_MS

/** What stands in the picture: it says nothing of anybody, and is another one every minute. */
export function codeAt(idNumber: string, now: number): string {
  const seed = `${idNumber}/${Math.floor(now / MINUTE_MS)}`
  return `RCM${Array.from({ length: LENGTH }, (_, place) => ALPHABET[hashOf(`${place}/${seed}`) % ALPHABET.length]).join('')}`
}

/** Codes that are taken now. */
export const codesTaken = (idNumber: string, now: number) => [codeAt(idNumber, now), codeAt(idNumber, now - MINUTE_MS)]

/** FNV-1a, mixed once more: enough for an agency that is invented. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}
