import { LRUCache } from 'lru-cache'

const REMEMBERED = 100_000

/** → a function that says whether a nonce is new, and remembers it for as long as its request's time would do. */
export function createReplayGuard(limitMs: number): (nonce: string) => boolean {
  // Bounded by size: `max` would set aside room for all of them at once, in every simulated agency.
  const seen = new LRUCache<string, true>({ maxSize: REMEMBERED, sizeCalculation: () => 1, ttl: 2 * limitMs })
  return (nonce) => {
    if (nonce === '' || seen.has(nonce)) return false
    seen.set(nonce, true)
    return true
  }
}
