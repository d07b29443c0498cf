import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'

/** Token buckets by key; the longest unused are forgotten. */
export interface Buckets {
  /** Takes one. → seconds until there is one, 0 where there was. */
  take(key: string): number
  /** The same without taking. */
  wait(key: string): number
}

interface Bucket {
  left: number
  at: number
}

/** `burst` at once, `perSecond` in the long run. */
export function createBuckets(burst: number, perSecond: number, most = 50_000): Buckets {
  const buckets = new LRUCache<string, Bucket>(atMost(most))

  function look(key: string): Bucket {
    const now = performance.now()
    const bucket = buckets.get(key) ?? { left: burst, at: now }
    bucket.left = Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    return bucket
  }
  const waitOf = ({ left }: Bucket) => (left >= 1 ? 0 : Math.ceil((1 - left) / perSecond))

  return {
    take(key) {
      const bucket = look(key)
      const wait = waitOf(bucket)
      if (wait === 0) bucket.left--
      buckets.set(key, bucket)
      return wait
    },
    wait: (key) => waitOf(look(key)),
  }
}

/** Who is limited together: an IPv4 address, or an IPv6 network of 64 bits, which is what one household or server gets. */
export function groupOf(address: string): string {
  const [plain = ''] = address.split('%', 1)
  if (!isIPv6(plain)) return plain
  const mapped = plain.lastIndexOf(':') < plain.indexOf('.') ? plain.slice(plain.lastIndexOf(':') + 1) : null
  if (mapped !== null) return mapped
  const [head = '', tail] = plain.toLowerCase().split('::', 2)
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const parts = tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return `${parts
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')}::/64`
}

/** This machine itself: the operator's own proxy or tools. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
