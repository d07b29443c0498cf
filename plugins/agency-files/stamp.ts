import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import { masks } from '../../core/contract/masks.ts'
import type { FetchedFile } from './fetch.ts'

/** Pictures that can be put on a page. */
const STAMPED: ReadonlySet<string> = new Set(['image/png', 'image/jpeg'])

/**
 * The file as it leaves: where the service declares a watermark, a picture becomes a page with whom it was handed to, for what
 * and when all over it. A PDF stays as it is, for it may be signed; of other pictures none leaves without the watermark.
 */
export async function stamp(
  app: FastifyInstance,
  { contract }: CompiledService,
  asker: Asker,
  file: FetchedFile,
  use: string | undefined,
): Promise<FetchedFile> {
  const policy = contract.files?.watermark
  if (!policy || file.mediaType === 'application/pdf') return file
  if (!STAMPED.has(file.mediaType)) throw new HubError('HUB_NOT_ACCEPTABLE', { detail: '这种图片加不了水印，不能下载。' })
  const viewer = asker.enterprise ? asker.enterprise.name : masks.name(asker.person?.name ?? '')
  const lines = [policy.words, ...(use ? [`用途：${use}`] : []), `${viewer} ${beijing(Date.now()).slice(0, 16).replace('T', ' ')}`]
  const place = app.workshop.enter(asker.userId ?? '', 'HUB_DOCUMENT_BUSY')
  try {
    const body = await place.print({ type: 'stamp', image: file.body, lines })
    const sha256 = createHash('sha256').update(body).digest('hex')
    return { ...file, body, sha256, mediaType: 'application/pdf', extension: 'pdf' }
  } finally {
    place.leave()
  }
}
