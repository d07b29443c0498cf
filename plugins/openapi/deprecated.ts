import type { Life } from '../catalogue/lives.ts'

/**
 * → the document, as text, with what is deprecated marked (`deprecated`, `x-sunset`, `x-successor`). Each operation names itself once,
 * and inside of texts quotes are escaped, so that this finds operations and nothing else; the document is not built anew.
 */
export function markDeprecated(text: string, lives: ReadonlyMap<string, Life>): string {
  return text.replace(/"operationId":"([a-z0-9-]+\.[a-z0-9-]+)((?:\.[a-z-]+)?)"/g, (own, key: string) => {
    const life = lives.get(key)
    if (!life) return own
    const { sunsetAt, successor } = life
    const says = {
      deprecated: true,
      'x-sunset': new Date(sunsetAt).toISOString(),
      ...(successor === null ? {} : { 'x-successor': successor }),
    }
    return `${JSON.stringify(says).slice(1, -1)},${own}`
  })
}
