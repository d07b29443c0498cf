import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Answer, ask } from '../../hall/asking.ts'
import type { Typed } from '../../hall/controls.ts'
import type { Visitor } from '../../hall/visitor.ts'

/** A file that came with a form. */
interface Brought {
  name: string
  filename: string
  mediaType: string
  content: Buffer
}

export interface Sent {
  typed: Record<string, string[]>
  files: Brought[]
}

const FILE_BYTES = 20 * 1024 ** 2
const FIELD_BYTES = 16 * 1024

/** Forms of the hall: texts, and a few files of the size that /v1/me/files takes at once. */
export async function takeForms(scope: FastifyInstance): Promise<void> {
  await scope.register(formbody, { bodyLimit: 64 * 1024 })
  await scope.register(multipart, { limits: { fileSize: FILE_BYTES, files: 10, fields: 100, fieldSize: FIELD_BYTES, fieldNameSize: 100 } })
}

export async function readForm(request: FastifyRequest): Promise<Sent> {
  if (!request.isMultipart()) return { typed: typedIn(request.body), files: [] }
  const sent: Sent = { typed: {}, files: [] }
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      const content = await part.toBuffer()
      // A choice of no file is sent as an empty one without a name.
      if (part.filename !== '') sent.files.push({ name: part.fieldname, filename: part.filename, mediaType: part.mimetype, content })
    } else if (typeof part.value === 'string') {
      sent.typed[part.fieldname] = [...(sent.typed[part.fieldname] ?? []), part.value]
    }
  }
  return sent
}

/** What a query or a form holds: every name with its texts, in their order. */
export function typedIn(parsed: unknown): Record<string, string[]> {
  const pairs = Object.entries((parsed ?? {}) as Readonly<Record<string, unknown>>)
  return Object.fromEntries(pairs.map(([name, value]) => [name, [value].flat().filter((each) => typeof each === 'string')]))
}

/** Brings the files of a form to the user's own. → their numbers where they were typed, and what was wrong with the others. */
export async function bringFiles(
  app: FastifyInstance,
  request: FastifyRequest,
  visitor: Visitor,
  { typed, files }: Sent,
): Promise<{ typed: Typed; problems: Record<string, string> }> {
  const problems: Record<string, string> = {}
  const numbers: Record<string, string[]> = {}
  for (const { name, filename, mediaType, content } of files) {
    const brought: Answer = await ask(app, request, visitor, {
      method: 'POST',
      path: `/v1/me/files?name=${encodeURIComponent(filename)}`,
      body: content,
      headers: { 'content-type': mediaType || 'application/octet-stream' },
    })
    if (brought.ok) numbers[name] = [...(numbers[name] ?? []), (brought.data as { id: string }).id]
    else problems[name] = brought.problem.detail
  }
  return { typed: { ...typed, ...numbers }, problems }
}
