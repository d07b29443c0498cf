import type { Verb } from '../upstream/dialect.ts'

type Params = Record<string, unknown>

/**
 * → puts a value under an upstream key. In a body a key with dots is a path: `applicant.name` goes into the
 * object `applicant`. A query string knows no objects, so there it stays as it is, as Spring and its like bind it.
 */
export function compilePlace(key: string, method: Verb): (out: Params, value: unknown) => void {
  const path = method === 'POST' || method === 'PUT' ? key.split('.') : [key]
  const last = path.pop() as string
  if (path.length === 0)
    return (out, value) => {
      out[last] = value
    }
  return (out, value) => {
    let inner = out
    for (const step of path) {
      const held = inner[step]
      const next = typeof held === 'object' && held !== null && !Array.isArray(held) ? (held as Params) : {}
      inner[step] = next
      inner = next
    }
    inner[last] = value
  }
}
