import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import { masks } from '../../core/contract/masks.ts'
import type { Place } from '../workshop/workshop.ts'
import type { FetchedFile } from './fetch.ts'
import { isSpooled } from './spool.ts'

/** Why a PDF leaves without its watermark. */
export type Unstamped = 'signed' | 'encrypted' | 'large' | 'unreadable'

/** Pictures that can be put on a page. */
const STAMPED: ReadonlySet<string> = new Set(['image/png', 'image/jpeg'])
const PDF = 'application/pdf'

/**
 * The file as it leaves: where the service declares a watermark, a picture becomes a page, and a PDF stays one, with whom it was
 * handed to, for what and when all over it. Of what cannot be stamped a PDF leaves as it is where the declaration says so, and
 * nothing else.
 */
export async function stamp(
  app: FastifyInstance,
  { contract }: CompiledService,
  asker: Asker,
  file: FetchedFile,
  use: string | undefined,
): Promise<FetchedFile & { unstamped?: Unstamped }> {
  const policy = contract.files?.watermark
  if (!policy) return file
  const isPdf = file.mediaType === PDF
  if (!isPdf && !STAMPED.has(file.mediaType)) throw new HubError('HUB_NOT_ACCEPTABLE', { detail: '这种图片加不了水印，不能下载。' })
  const viewer = asker.enterprise ? asker.enterprise.name : masks.name(asker.person?.name ?? '')
  const lines = [policy.words, ...(use ? [`用途：${use}`] : []), `${viewer} ${beijing(Date.now()).slice(0, 16).replace('T', ' ')}`]
  const { body } = file
  if (isSpooled(body)) {
    if (isPdf && policy.otherwise === 'plain') return { ...file, unstamped: 'large' }
    throw new HubError('HUB_NOT_ACCEPTABLE', { detail: refusals.large })
  }
  const closed = isPdf ? closedBy(body) : null
  const place = app.workshop.enter(asker.userId ?? '', 'HUB_DOCUMENT_BUSY')
  try {
    const found = closed ?? (await print(app, place, body, isPdf, lines))
    if (typeof found !== 'string') return { ...file, ...found, mediaType: PDF, extension: 'pdf' }
    if (policy.otherwise !== 'plain') throw new HubError('HUB_NOT_ACCEPTABLE', { detail: refusals[found] })
    return { ...file, unstamped: found }
  } finally {
    place.leave()
  }
}

const refusals: Readonly<Record<Unstamped, string>> = {
  signed: '这份文件有电子签名，加水印会使签名失效，不能从这里下载，请向出具单位索取。',
  encrypted: '这份文件设有密码或者权限，加不了水印，不能下载。',
  large: '这份文件太大，加不了水印，不能下载。',
  unreadable: '这份文件的格式特殊，加不了水印，不能下载。',
}

/** What a signature covers, and what the keys of an encrypted one are in, stands in the file as it is: neither can be packed. */
function closedBy(pdf: Buffer): Unstamped | null {
  if (pdf.includes('/ByteRange')) return 'signed'
  return pdf.includes('/Encrypt') ? 'encrypted' : null
}

/** What the workshop cannot make of an agency's PDF is the PDF's doing; that it has no time is not. */
async function print({ log }: FastifyInstance, place: Place, body: Buffer, isPdf: boolean, lines: readonly string[]) {
  try {
    const made = await place.print(isPdf ? { type: 'stamp-pdf', pdf: body, lines } : { type: 'stamp', image: body, lines })
    return { body: made, sha256: createHash('sha256').update(made).digest('hex') }
  } catch (error) {
    if (error instanceof HubError || !isPdf) throw error
    log.info({ err: error }, '对方的 PDF 加不了水印')
    return 'unreadable'
  }
}
