import type rateLimit from '@fastify/rate-limit'
import type { Redis } from 'ioredis'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'

/** Calls of a key so far, this one too, and the ms until they are forgotten. */
interface Count {
  current: number
  ttl: number
}

/** Counts a call of a key, in windows that begin with the first. */
export type Counter = (key: string, windowMs: number) => Count | Promise<Count>

/** A silent Redis holds up a call this long, and then none for a while. */
export const PATIENCE_MS = 250
const REST_MS = 2000

const ADD = `
local current = redis.call('INCR', KEYS[1])
if current == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { current, redis.call('PTTL', KEYS[1]) }`

/**
 * Counts of all processes together. While Redis is away or says nothing, this process goes on from what it last heard:
 * no limit falls away with Redis.
 */
export function sharedCounter(redis: Redis, prefix: string): Counter {
  const own = createOwn()
  let restsUntil = 0

  return async (key, windowMs) => {
    if (redis.status !== 'ready' || performance.now() < restsUntil) return own.add(key, windowMs)
    try {
      const [current, ttl] = (await redis.eval(ADD, 1, prefix + key, windowMs)) as [number, number]
      own.set(key, { current, ttl })
      return { current, ttl }
    } catch {
      restsUntil = performance.now() + REST_MS
      return own.add(key, windowMs)
    }
  }
}

/** Counts of this process alone. */
export const ownCounter = (): Counter => createOwn().add

/** The longest unused are forgotten beyond so many. */
function createOwn(most = 50_000) {
  const known = new LRUCache<string, { current: number; endsAt: number }>(atMost(most))
  const set = (key: string, { current, ttl }: Count) => void known.set(key, { current, endsAt: performance.now() + ttl })

  return {
    set,
    add(key: string, windowMs: number): Count {
      const found = known.get(key)
      const ttl = found ? found.endsAt - performance.now() : 0
      const count = found && ttl > 0 ? { current: found.current + 1, ttl } : { current: 1, ttl: windowMs }
      set(key, count)
      return count
    },
  }
}

/** The form in which @fastify/rate-limit asks for its counts. */
export function storeOf(counter: Counter): rateLimit.FastifyRateLimitStoreCtor {
  return class implements rateLimit.FastifyRateLimitStore {
    incr(key: string, done: (error: Error | null, count?: Count) => void, windowMs: number): void {
      Promise.resolve(counter(key, windowMs)).then((count) => done(null, count), done)
    }
    child(): this {
      return this
    }
  }
}
