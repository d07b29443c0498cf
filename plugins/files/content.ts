import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { Blobs } from './blobs.ts'
import { type FileRow, type PieceRow, piecesOf, sealContext } from './rows.ts'
import { openPiece, sealPiece } from './sealing.ts'
import { assertFileMove } from './states.ts'

/** As much of a file is in memory at once. */
const PIECE_BYTES = 1024 * 1024
/** A 4 GB file in pieces of a quarter megabyte; whoever brings it in smaller ones is asked for larger ones. */
const MAX_PIECES = 20_000

export interface Content {
  /** A new file's key, sealed. */
  newKey(id: string): string
  /**
   * Adds what comes to a file that has `from` bytes; → how many it has then. A stream that breaks off leaves what came.
   * With its last byte the file goes on to be checked. Throws HUB_FILE_STATE where somebody else has added meanwhile,
   * HUB_BODY_TOO_LARGE beyond its size.
   */
  append(id: string, stream: Readable, from: number): Promise<number>
  /** The whole content, piece by piece; throws where a piece is missing, altered or not its own, at the latest at the end. */
  read(row: FileRow): AsyncGenerator<Buffer>
  /** The sealed key with what the content was found to be: from then on it is no other. */
  fix(row: FileRow, sha256: string): string
}

export interface ContentOptions {
  database: Database
  vault: Vault
  blobs: Blobs
  /** How long an upload may rest, in milliseconds. */
  restMs: number
}

interface SealedKey {
  key: string
  size?: number
  sha256?: string
}

export function createContent({ database, vault, blobs, restMs }: ContentOptions): Content {
  function keyOf({ id, key_sealed }: FileRow): { key: Buffer } & Omit<SealedKey, 'key'> {
    if (key_sealed === null) throw new Error(`file ${id} has no key any more`)
    const { key, ...rest } = JSON.parse(vault.open(key_sealed, sealContext.key(id))) as SealedKey
    return { key: Buffer.from(key, 'base64'), ...rest }
  }

  const find = async (id: string) => (await database<FileRow>('files').where({ id, state: 'uploading' }).first()) ?? null

  /** Writes one piece, then counts it: a piece that is not counted is none. */
  async function add(row: FileRow, key: Buffer, begin: number, bytes: Buffer): Promise<number> {
    const place = `${row.id}/${randomUUID()}`
    await stored(blobs.put(place, sealPiece(key, bytes, row.id, begin)))
    const end = begin + bytes.length
    const isWhole = end === Number(row.size)
    if (isWhole) assertFileMove('uploading', 'scanning')
    const now = Date.now()
    const counted = await transact(database, async (transaction) => {
      const state = isWhole ? 'scanning' : 'uploading'
      const due = isWhole ? now : now + restMs
      const changes = { received: end, pieces: database.raw('pieces + 1'), state, updated_at: now, expires_at: now + restMs, retry_at: due }
      const taken = await transaction('files').where({ id: row.id, state: 'uploading', received: begin }).update(changes)
      if (taken === 0) return false
      const { pieces } = (await transaction<FileRow>('files').where({ id: row.id }).first('pieces')) as FileRow
      await transaction<PieceRow>('file_pieces').insert({ file_id: row.id, position: pieces, place, length: bytes.length })
      return true
    })
    if (counted) return end
    await blobs.remove(place).catch(() => undefined)
    throw new HubError('HUB_FILE_STATE', { detail: '这个文件已从别处继续上传，请先查询已收到多少，再接着上传。' })
  }

  return {
    newKey: (id) => vault.seal(JSON.stringify({ key: randomBytes(32).toString('base64') } satisfies SealedKey), sealContext.key(id)),
    async append(id, stream, from) {
      const row = await find(id)
      if (!row || Number(row.received) !== from) throw new HubError('HUB_FILE_STATE', { detail: '续传的位置不对，请先查询已收到多少。' })
      if (row.pieces >= MAX_PIECES) throw new HubError('HUB_FILE_STATE', { detail: '分得太细：请每次至少上传 1 MB，重新上传这个文件。' })
      const { key } = keyOf(row)
      let held: Buffer[] = []
      let room = PIECE_BYTES
      let received = from
      const flush = async () => {
        const bytes = Buffer.concat(held)
        held = []
        room = PIECE_BYTES
        if (bytes.length > 0) received = await add(row, key, received, bytes)
      }
      const take = async (bytes: Buffer): Promise<void> => {
        if (received + PIECE_BYTES - room + bytes.length > Number(row.size))
          throw new HubError('HUB_BODY_TOO_LARGE', { detail: '内容比所声明的大。' })
        for (let rest = bytes; rest.length > 0; ) {
          const part = rest.subarray(0, room)
          rest = rest.subarray(part.length)
          held.push(part)
          room -= part.length
          if (room === 0) await flush()
        }
      }
      try {
        for await (const bytes of stream) await take(bytes as Buffer)
      } catch (error) {
        // What has come is kept: whoever resumes goes on from there.
        await flush().catch(() => undefined)
        // Whoever sends it has gone: no fault of the hub's.
        if (error === stream.errored) throw new HubError('HUB_REQUEST_TIMEOUT', {}, error)
        throw error
      }
      await flush()
      return received
    },
    async *read(row) {
      const { key, ...fixed } = keyOf(row)
      const hash = createHash('sha256')
      let begin = 0
      for (const { place, length } of await piecesOf(database, row.id)) {
        const bytes = openPiece(key, await stored(blobs.get(place)), row.id, begin)
        if (bytes.length !== length) throw new Error(`a piece of file ${row.id} has another length`)
        hash.update(bytes)
        begin += bytes.length
        yield bytes
      }
      const whole = fixed.size ?? Number(row.size)
      if (begin !== whole || (fixed.sha256 !== undefined && hash.digest('hex') !== fixed.sha256))
        throw new Error(`file ${row.id} is not whole`)
    },
    fix(row, sha256) {
      const { key } = keyOf(row)
      const sealed: SealedKey = { key: key.toString('base64'), size: Number(row.size), sha256 }
      return vault.seal(JSON.stringify(sealed), sealContext.key(row.id))
    },
  }
}

/** Trouble of the file store is the hub's own. */
async function stored<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new HubError('HUB_STORE_UNAVAILABLE', { detail: '文件存储暂时不可用，请稍后再试。' }, error)
  }
}
