import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { HubError } from '../../core/base/errors.ts'

/** A file that is too large to be held in memory, on its way out. */
export interface Spooled {
  readonly length: number
  readonly sha256: string
  /** Its bytes, once; what holds it is gone afterwards. */
  stream(): Readable
  /** Lets it go, read or not; again does nothing. */
  discard(): Promise<void>
}

export interface Spool {
  write(chunk: Buffer): Promise<void>
  done(): Spooled
  discard(): Promise<void>
}

/** So many at once: each may take as much of the disk as a declaration allows. */
const MOST = 4
let taken = 0

const CIPHER = 'aes-256-ctr'

/**
 * A place on the disk for one file until it has left: it has no name there, and its key is in this process alone. Throws
 * HUB_DOCUMENT_BUSY where all are taken.
 */
export async function openSpool(folder: string): Promise<Spool> {
  if (taken >= MOST) throw new HubError('HUB_DOCUMENT_BUSY', { retryAfter: 10, detail: '正在下载大文件的人较多，请稍后再试。' })
  taken++
  const path = join(folder, `download-${randomUUID()}.tmp`)
  const handle = await open(path, 'wx+', 0o600).catch((error: unknown) => {
    taken--
    throw error
  })
  await unlink(path)
  const [key, iv] = [randomBytes(32), randomBytes(16)]
  const cipher = createCipheriv(CIPHER, key, iv)
  const hash = createHash('sha256')
  let length = 0
  let isOpen = true

  async function discard(): Promise<void> {
    if (!isOpen) return
    isOpen = false
    taken--
    await handle.close().catch(() => undefined)
  }

  return {
    discard,
    async write(chunk) {
      hash.update(chunk)
      length += chunk.length
      await handle.writeFile(cipher.update(chunk))
    },
    done: () => ({
      length,
      sha256: hash.digest('hex'),
      discard,
      stream: () =>
        pipeline(
          handle.createReadStream({ start: 0, autoClose: false }),
          createDecipheriv(CIPHER, key, iv),
          () => void discard(),
        ) as Readable,
    }),
  }
}

export function isSpooled(body: Buffer | Spooled): body is Spooled {
  return !Buffer.isBuffer(body)
}
