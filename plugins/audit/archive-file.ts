import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { RowLine } from './rows.ts'

/** Writes rows as gzipped lines; the name is there once the file is whole and on the disk. */
export async function writeRows(path: string, rows: AsyncIterable<RowLine>): Promise<void> {
  const draft = `${path}.part`
  await pipeline(Readable.from(asLines(rows)), createGzip(), createWriteStream(draft, { mode: 0o600 }))
  await flush(draft)
  await rename(draft, path)
}

/** Onto the disk, power cut included. */
export async function flush(path: string): Promise<void> {
  const file = await open(path, 'r')
  await file.sync()
  await file.close()
}

/** Lines of a file, gzipped when its name ends in `.gz`. Throws while reading when it is not there or not whole. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const bytes = createReadStream(path)
  const text = path.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes
  // Only the last stream's errors reach whoever reads the lines.
  bytes.on('error', (error) => text.destroy(error))
  let rest = ''
  for await (const chunk of text.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

export async function digestOf(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { sha256: hash.digest('hex'), bytes }
}

async function* asLines(rows: AsyncIterable<RowLine>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`
}
