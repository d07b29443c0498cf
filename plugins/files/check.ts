import { createHash } from 'node:crypto'
import type { Database } from '../../core/base/database.ts'
import type { Leases } from '../../core/base/leases.ts'
import type { Log } from '../../core/base/log.ts'
import { isArchive, isBomb } from './archive.ts'
import type { Blobs } from './blobs.ts'
import type { Content } from './content.ts'
import { type FileRow, move, shredded } from './rows.ts'
import type { Scan } from './scanner.ts'
import { SNIFFED_BYTES, type Sniffed, sniff } from './sniff.ts'
import type { Refusal } from './states.ts'

/** Times in milliseconds. */
export interface FilePace {
  /** First wait after a scanner that did not answer; doubled up to `maxMs`. */
  baseMs: number
  maxMs: number
  /** A dead process blocks the others no longer than this. */
  leaseMs: number
  /** Between two looks at the database. */
  sweepMs: number
}

export const defaultFilePace: FilePace = { baseMs: 2000, maxMs: 300_000, leaseMs: 60_000, sweepMs: 10_000 }

/** What a decoder would have to hold; scanners and phones make 50 million. */
const MAX_PIXELS = 100_000_000

export interface CheckOptions {
  database: Database
  leases: Leases<FileRow>
  blobs: Blobs
  content: Content
  /** null: there is none, and every file says so. */
  scan: Scan | null
  /** How long a file that nothing holds is kept. */
  keepMs: number
  pace: FilePace
  log: Pick<Log, 'warn'>
}

interface Findings {
  sha256: string
  sniffed: Sniffed | null
  size: { width: number; height: number } | null
  refusal: Refusal | null
  scanned: 'clean' | 'none'
}

/**
 * What is to be done with a file that is due: reads a whole one and decides whether it can be used, ends one that
 * nobody wants any more, takes away the content of one that has ended. Whoever dies at it is followed by another.
 */
export function createFileWork({ database, leases, blobs, content, scan, keepMs, pace, log }: CheckOptions) {
  async function examine(row: FileRow): Promise<Findings> {
    const hash = createHash('sha256')
    const first: Buffer[] = []
    let held = 0
    let last: Buffer[] = []
    const bytes = (async function* () {
      for await (const piece of content.read(row)) {
        hash.update(piece)
        if (held < SNIFFED_BYTES) first.push(piece)
        held += piece.length
        last = [...last.slice(-1), piece]
        yield piece
      }
    })()
    let verdict: 'clean' | 'virus' | 'none' = 'none'
    if (scan) verdict = await scan(bytes)
    // The scanner has read to the end, or there is none.
    for await (const _rest of bytes);
    const start = Buffer.concat(first)
    const sniffed = await sniff(start)
    const isImage = sniffed?.mediaType.startsWith('image/') === true
    const size = isImage ? await sizeOf(start) : null
    const bursts = sniffed !== null && isArchive(sniffed.mediaType) && isBomb(Buffer.concat(last), held) !== false
    const refusal = reasonOf(row, verdict, sniffed, isImage, size) ?? (bursts ? 'bomb' : null)
    return { sha256: hash.digest('hex'), sniffed, size, refusal, scanned: verdict === 'none' ? 'none' : 'clean' }
  }

  async function conclude(row: FileRow, { sha256, sniffed, size, refusal, scanned }: Findings): Promise<void> {
    const expires_at = Date.now() + keepMs
    const free = { lease_owner: null, lease_until: 0, failures: 0 }
    if (refusal) await move(database, row, 'refused', { ...free, refusal, key_sealed: null, expires_at, retry_at: Date.now() })
    else
      await move(database, row, 'ready', {
        ...free,
        sha256,
        scanned,
        extension: sniffed?.extension ?? null,
        width: size?.width ?? null,
        height: size?.height ?? null,
        key_sealed: content.fix(row, sha256),
        expires_at,
        retry_at: expires_at,
      })
  }

  async function removeContent(row: FileRow): Promise<void> {
    await blobs.removeAll(row.id)
    await database('file_pieces').where({ file_id: row.id }).delete()
  }

  /** → when it is due again, or null. */
  async function step(row: FileRow, owner: string, now: number): Promise<number | null> {
    const isOver = row.expires_at !== null && Number(row.expires_at) <= now
    if (row.state === 'erased') {
      await removeContent(row)
      await database('files').where({ id: row.id, lease_owner: owner }).delete()
      return null
    }
    if (isOver && row.attached_to === null) {
      await move(database, row, 'erased', shredded())
      return now
    }
    if (row.state === 'scanning') {
      await conclude(row, await examine(row))
      return null
    }
    if (row.state === 'refused') await removeContent(row)
    const next = row.attached_to === null ? row.expires_at : null
    await leases.release(row.id, owner, { retry_at: next })
    return next
  }

  return {
    async due(limit: number): Promise<string[]> {
      const now = Date.now()
      return database('files').where('retry_at', '<=', now).andWhere('lease_until', '<=', now).orderBy('retry_at').limit(limit).pluck('id')
    },
    /** Rejects where it could not be done: it is tried again. */
    async work(id: string): Promise<number | null> {
      const now = Date.now()
      const owner = await leases.lease(id, now, now + pace.leaseMs)
      const row = owner === null ? undefined : await leases.find(id)
      if (owner === null || !row) return null
      if (row.retry_at === null || Number(row.retry_at) > now) {
        await leases.release(id, owner)
        return row.retry_at === null ? null : Number(row.retry_at)
      }
      const renewing = setInterval(
        () => void leases.write(id, owner, { lease_until: Date.now() + pace.leaseMs }).catch(() => undefined),
        pace.leaseMs / 3,
      ).unref()
      try {
        return await step(row, owner, now)
      } catch (error) {
        log.warn({ file: id, state: row.state, error: (error as Error).name }, '文件暂时无法检查，稍后再试')
        const failures = row.failures + 1
        const retryAt = Date.now() + Math.min(pace.maxMs, pace.baseMs * 2 ** Math.min(row.failures, 20))
        await leases.fail(id, owner, failures, retryAt)
        return retryAt
      } finally {
        clearInterval(renewing)
      }
    },
  }
}

function reasonOf(
  row: FileRow,
  verdict: 'clean' | 'virus' | 'none',
  sniffed: Sniffed | null,
  isImage: boolean,
  size: { width: number; height: number } | null,
): Refusal | null {
  if (verdict === 'virus') return 'virus'
  if (sniffed === null || sniffed.mediaType !== row.media_type) return 'type'
  if (!isImage) return null
  if (size === null) return 'unreadable'
  return size.width * size.height > MAX_PIXELS ? 'pixels' : null
}

/** As its header declares it; nothing is decoded. */
async function sizeOf(bytes: Buffer): Promise<{ width: number; height: number } | null> {
  const { imageSize } = await import('image-size')
  try {
    const { width, height } = imageSize(bytes)
    return width > 0 && height > 0 ? { width, height } : null
  } catch {
    return null
  }
}
