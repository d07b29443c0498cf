import { type FileRule, type Inputs, isRequired } from '../core/contract/inputs.ts'
import type { Asker, Bench } from './bench.ts'
import { readJson } from './bench.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** The smallest files of the types that services ask for. */
const SAMPLES: Readonly<Record<string, Buffer>> = {
  'application/pdf': Buffer.from('%PDF-1.7\n%%EOF\n'),
  'image/png': Buffer.from(PNG, 'base64'),
  'image/jpeg': Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0000b080001000101011100ffd9', 'hex'),
}

/** Brings a file for every input that must have one. → the inputs with their ids. */
export async function withFiles(
  { send }: Bench,
  { bearer }: Asker,
  inputs: Inputs,
  given: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const whole: Record<string, unknown> = { ...given }
  for (const [name, { notes }] of Object.entries(inputs)) {
    const rule = notes.file ?? notes.item?.file
    if (!rule || !isRequired(notes, given)) continue
    const id = await bring(rule)
    whole[name] = notes.type === 'list' ? [id] : id
  }
  return whole

  async function bring({ mediaTypes }: FileRule): Promise<string> {
    const mediaType = mediaTypes.find((type) => SAMPLES[type]) ?? ''
    const headers = { 'content-type': mediaType }
    const answer = await send({
      method: 'POST',
      url: '/v1/me/files?name=sample',
      bearer,
      headers,
      body: SAMPLES[mediaType] ?? Buffer.of(0),
    })
    return String((readJson(answer)['data'] as { id?: unknown } | undefined)?.id)
  }
}
