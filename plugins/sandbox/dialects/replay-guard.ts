import { LRUCache } from 'lru-cache'
import { atMost } from '../../../core/base/bounded.ts'

const REMEMBERED = 100_000

/** → a function that says whether a nonce is new, and remembers it for as long as its request's time would do. */
export function createReplayGuard(limitMs: number): (nonce: string) => boolean {
  const seen = new LRUCache<string, true>({ ...atMost(REMEMBERED), ttl: 2 * limitMs })
  return (nonce) => {
    if (nonce === '' || seen.has(nonce)) return false
    seen.set(nonce, true)
    return true
  }
}
