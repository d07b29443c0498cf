import { randomBytes, randomUUID } from 'node:crypto'
import type { NonceFormat, TimeFormat } from './signing-form.ts'

/** How the values of a signed request are written and read: times, nonces, templates. */

const BEIJING_MS = 8 * 3_600_000

export function writeTime(at: number, format: TimeFormat): string {
  if (format === 'ms') return String(at)
  if (format === 's') return String(Math.floor(at / 1000))
  if (format === 'rfc1123') return new Date(at).toUTCString()
  return new Date(at + BEIJING_MS).toISOString().replace(/\D/g, '').slice(0, 14)
}

/** → epoch milliseconds; NaN for what isn't a time in this format. */
export function readTime(text: string, format: TimeFormat): number {
  if (format === 'ms') return /^\d{13}$/.test(text) ? Number(text) : Number.NaN
  if (format === 's') return /^\d{10}$/.test(text) ? Number(text) * 1000 : Number.NaN
  if (format === 'rfc1123') return /^\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT$/.test(text) ? Date.parse(text) : Number.NaN
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`)
}

export function writeNonce(format: NonceFormat = 'uuid'): string {
  return format === 'uuid' ? randomUUID() : randomBytes(format.hexBytes).toString('hex')
}

const HOLE = /\{(\w+)\}/g

/** The names in `{…}` of a template, in order. */
export function holesOf(template: string): string[] {
  return [...template.matchAll(HOLE)].map(([, name = '']) => name)
}

/** Fills in the templates of which all values are known, and leaves the others out. */
export function fillTemplates(
  templates: Readonly<Record<string, string>> = {},
  values: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const filled: Record<string, string> = {}
  for (const name in templates) {
    const template = templates[name] ?? ''
    let known = true
    const text = template.replace(HOLE, (_, hole: string) => {
      known &&= values[hole] !== undefined
      return values[hole] ?? ''
    })
    if (known) filled[name] = text
  }
  return filled
}

/** → a function that reads the values of a text that has the template's form; null for one that hasn't. */
export function templateReader(template: string): (text: string) => Record<string, string> | null {
  const names = holesOf(template)
  const literal = template.split(HOLE).filter((_, index) => index % 2 === 0)
  const pattern = new RegExp(`^${literal.map((text) => text.replace(/[^\w ]/g, '\\$&')).join('(.*?)')}$`, 's')
  return (text) => {
    const found = pattern.exec(text)
    return found ? Object.fromEntries(names.map((name, index) => [name, found[index + 1] ?? ''])) : null
  }
}
