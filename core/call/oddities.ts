/** How an agency's answers were not as declared: `field` (`list.column`), how often since the start, and when last (RFC 3339). */
export type Oddity = { kind: 'unreadable' | 'unknown-code'; field: string; count: number; last: string }

/** Counts, for operators, what is odd in a service's answers: by field, and never the values. */
export interface Oddities {
  count(kind: Oddity['kind'], path: string): void
  list(): Oddity[]
}

export function createOddities(): Oddities {
  const known = new Map<string, Oddity>()
  return {
    count(kind, path) {
      const field = path.replace(/\[\d+\]/g, '')
      known.set(`${kind} ${field}`, { kind, field, count: (known.get(`${kind} ${field}`)?.count ?? 0) + 1, last: new Date().toISOString() })
    },
    list: () => [...known.values()],
  }
}
