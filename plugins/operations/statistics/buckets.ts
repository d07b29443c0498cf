/** Milliseconds up to which a call falls into a bucket; the last one has the rest. */
export const BOUNDS = [20, 50, 100, 250, 500, 1000, 2500, 5000] as const

export const bucketNames = [...BOUNDS.keys(), BOUNDS.length].map((index) => `bucket_${index}`)

export function bucketOf(ms: number): number {
  const index = BOUNDS.findIndex((bound) => ms <= bound)
  return index === -1 ? BOUNDS.length : index
}

/** Milliseconds within which a share of the calls was answered, as nearly as buckets say; null without calls. */
export function quantile(buckets: readonly number[], share: number): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let left = share * total
  for (const [index, count] of buckets.entries()) {
    const [from, to] = [index === 0 ? 0 : (BOUNDS[index - 1] ?? 0), BOUNDS[index]]
    // Of the last one nobody knows where it ends.
    if (to === undefined) return from
    if (left <= count) return Math.round(from + ((to - from) * left) / count)
    left -= count
  }
  return null
}
