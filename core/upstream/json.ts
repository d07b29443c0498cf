/**
 * JSON of agencies. Account and id numbers come as JSON numbers too, and a double keeps some sixteen of their digits:
 * those that it would change are given back as the text that was sent. A reviver sees that text but costs five times
 * the parsing, so it is called only where a number of that length stands in the answer. Throws a SyntaxError.
 */
export function parseJson(text: string): unknown {
  return hasLongNumber(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)
}

function keepDigits(_key: string, value: unknown, { source = '' }: { source?: string } = {}): unknown {
  if (typeof value !== 'number' || String(value) === source || !/^-?[\d.]{16,}$/.test(source)) return value
  return source.replace(/\.0*$/, '')
}

const LONG = 16
const BEFORE_NUMBERS = new Set([...':,[ \n\r\t'].map((character) => character.charCodeAt(0)))

/** Looks at every sixteenth character alone: only where that is a digit may there be so many of them. */
function hasLongNumber(text: string): boolean {
  let end = LONG - 1
  while (end < text.length) {
    let at = end
    while (at > end - LONG && isPart(text.charCodeAt(at))) at--
    if (at > end - LONG) {
      end = at + LONG
      continue
    }
    while (isPart(text.charCodeAt(at)) || text.charCodeAt(at) === 45) at--
    // What stands in a string follows its quote, or another character that no number follows.
    if (at < 0 || BEFORE_NUMBERS.has(text.charCodeAt(at))) return true
    while (isPart(text.charCodeAt(end))) end++
    end += LONG
  }
  return false
}

/** A digit or the point. */
function isPart(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 46
}
