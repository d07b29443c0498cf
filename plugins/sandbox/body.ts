import type { IncomingMessage } from 'node:http'
import type { Params } from '../kinds/simulation.ts'

/** With files in it (core/contract/check-inputs.ts). */
const LONGEST_BODY = 32 * 1024 * 1024

/** Parameters in a body of JSON or of a form; one that is neither holds none. */
export function parseBody(text: string, contentType = ''): Params {
  if (contentType.startsWith('application/x-www-form-urlencoded')) return parseForm(text)
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Params) : {}
  } catch {
    return {}
  }
}

export function parseForm(text: string): Params {
  return text === '' ? {} : Object.fromEntries(new URLSearchParams(text))
}

export async function readParams(request: IncomingMessage): Promise<Params> {
  return parseBody(await readText(request), request.headers['content-type'])
}

export function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    request
      .setEncoding('utf8')
      .on('data', (chunk: string) => {
        text += chunk
        if (text.length > LONGEST_BODY) request.destroy(new RangeError('body too large'))
      })
      .on('end', () => resolve(text))
      .on('error', reject)
  })
}
