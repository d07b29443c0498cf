import formbody from '@fastify/formbody'
import multipart, { type Multipart, type MultipartFile } from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import type { Answer } from '../../access/asking.ts'
import { ask } from '../../hall/asking.ts'
import type { Typed } from '../../hall/controls.ts'
import type { Visitor } from '../../hall/visitor.ts'
import { typedIn } from '../../route-kit/typed-in.ts'

export interface Sent {
  /** With the numbers of the files, where they were chosen. */
  typed: Typed
  /** What was wrong with files, by the name of their input. */
  problems: Readonly<Record<string, string>>
}

const FILE_BYTES = 20 * 1024 ** 2
const FIELD_BYTES = 16 * 1024

/** Forms of the hall: texts, and a few files of the size that /v1/me/files takes at once. */
export async function takeForms(scope: FastifyInstance): Promise<void> {
  await scope.register(formbody, { bodyLimit: 64 * 1024 })
  await scope.register(multipart, { limits: { fileSize: FILE_BYTES, files: 10, fields: 100, fieldSize: FIELD_BYTES, fieldNameSize: 100 } })
}

/**
 * What was typed, and the files that came along, each brought to the user's own before the next is read: so a form never holds more than
 * one of them in memory. `admit` throws for a form that isn't the user's, before anything of a file is taken.
 */
export async function readForm(
  app: FastifyInstance,
  request: FastifyRequest,
  visitor: Visitor,
  admit: (typed: Typed) => void,
): Promise<Sent> {
  if (!request.isMultipart()) {
    const typed = typedIn(request.body)
    admit(typed)
    return { typed, problems: {} }
  }
  const typed: Record<string, string[]> = {}
  const brought: Brought = { numbers: {}, problems: {} }
  for await (const part of partsOf(request)) {
    if (part.type === 'file') {
      // Fields that tie a form to its page come before its files.
      admit(typed)
      await bring(app, request, visitor, part, brought)
    } else if (typeof part.value === 'string') {
      typed[part.fieldname] = [...(typed[part.fieldname] ?? []), part.value]
    }
  }
  admit(typed)
  return { typed: { ...typed, ...brought.numbers }, problems: brought.problems }
}

async function* partsOf(request: FastifyRequest): AsyncGenerator<Multipart> {
  try {
    yield* request.parts()
  } catch (error) {
    refuse(error)
  }
}

/** Of a form that is no form, or a larger one than pages send, its sender is told; it is no fault of the hub's. */
function refuse(error: unknown): never {
  throw new HubError((error as { statusCode?: number }).statusCode === 413 ? 'HUB_BODY_TOO_LARGE' : 'HUB_VALIDATION')
}

/** Files of a form by the name of their input: their numbers at the user's own, or what was wrong with them. */
interface Brought {
  numbers: Record<string, string[]>
  problems: Record<string, string>
}

async function bring(
  app: FastifyInstance,
  request: FastifyRequest,
  visitor: Visitor,
  part: MultipartFile,
  { numbers, problems }: Brought,
): Promise<void> {
  const { fieldname: name, filename, mimetype } = part
  const content = await part.toBuffer().catch(refuse)
  // A choice of no file is sent as an empty one without a name.
  if (!filename) return
  const brought: Answer = await ask(app, request, visitor, {
    method: 'POST',
    path: `/v1/me/files?name=${encodeURIComponent(filename)}`,
    body: content,
    headers: { 'content-type': mimetype || 'application/octet-stream' },
  })
  if (brought.ok) numbers[name] = [...(numbers[name] ?? []), (brought.data as { id: string }).id]
  else problems[name] = brought.problem.detail
}
