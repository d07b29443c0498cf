import { createHash } from 'node:crypto'
import type { InputNotes, Inputs } from '../../core/contract/inputs.ts'
import type { Params } from './simulation.ts'

/** How a simulated agency keeps a file: enough to prove that its bytes arrived. */
export type KeptFile = `sha256:${string}`

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** The parameters as the agency files them, with a hash in place of every file; null where a file is none. */
export function keepFiles(inputs: Inputs, params: Params): Params | null {
  const kept = { ...params }
  for (const { notes } of Object.values(inputs)) {
    const [code] = notes.codes
    if (code === undefined || !isFile(notes)) continue
    const path = code.split('.')
    const last = path.pop() ?? ''
    let place: Record<string, unknown> = kept
    for (const step of path) {
      const inner = { ...(place[step] as object | undefined) }
      place[step] = inner
      place = inner
    }
    const given = place[last]
    if (given === undefined) continue
    const hashes = [given].flat().map(hashOf)
    if (hashes.includes(null)) return null
    place[last] = Array.isArray(given) ? hashes : hashes[0]
  }
  return kept
}

function isFile({ file, item }: InputNotes): boolean {
  return file !== undefined || item?.file !== undefined
}

function hashOf(content: unknown): KeptFile | null {
  if (typeof content !== 'string' || !BASE64.test(content)) return null
  return `sha256:${createHash('sha256').update(Buffer.from(content, 'base64')).digest('hex')}`
}
