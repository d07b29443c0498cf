import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './test-files.ts'

/** Where tests in a browser leave pictures of what they saw. */
export const PICTURES = join(ROOT, '.tap/pictures')
const LIST = join(PICTURES, 'list.jsonl')

/** A page that was looked at. */
export interface Picture {
  /** Of its address. */
  path: string
  /** `phone-light` … */
  look: string
  name: string
  file: string
}

/** A line at a time: several processes write. */
export function keepPicture(picture: Picture): void {
  mkdirSync(PICTURES, { recursive: true })
  appendFileSync(LIST, `${JSON.stringify(picture)}\n`)
}

export function pictures(): Picture[] {
  try {
    const lines = readFileSync(LIST, 'utf8').trim().split('\n')
    return lines.map((line) => JSON.parse(line) as Picture)
  } catch {
    return []
  }
}

/** Before everything is looked at anew. */
export function removePictures(): void {
  rmSync(PICTURES, { recursive: true, force: true })
}
