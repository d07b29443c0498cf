import { createReadStream, existsSync } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HeadsPlace } from './heads-place.ts'

const PATIENCE_MS = 5000
const CHUNK = 64 * 1024
const NEWLINE = 0x0a

/** A file of lines, opened for appending. It may be moved away at any time: the next line begins a new one. */
export function openHeadsFile(path: string): HeadsPlace {
  // What was there when this process last looked; null before it has.
  let size: number | null = null

  return {
    name: `file:${path}`,
    async append(next) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const unlock = await lock(`${path}.lock`)
      try {
        const file = await open(path, 'a+', 0o600)
        try {
          const end = (await file.stat()).size
          const shrunk = size !== null && end < size
          const lines = size === null || shrunk ? await lastLines(file, end) : await linesBetween(file, size, end)
          const made = next({ lines, shrunk })
          size = end
          if (!made) return
          // Half a line of a writer that was cut off must not swallow this one.
          const text = `${(await endsInLine(file, end)) ? '' : '\n'}${made}\n`
          await file.appendFile(text)
          await file.datasync()
          size = end + Buffer.byteLength(text)
        } finally {
          await file.close()
        }
      } finally {
        unlock()
      }
    },
    async *lines() {
      if (!existsSync(path)) return
      yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
    },
    close: async () => {},
  }
}

/** Node has no lock that ends with its process; SQLite has one, on an empty file beside. */
async function lock(path: string): Promise<() => void> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const holder = new DatabaseSync(path)
    try {
      holder.exec('pragma busy_timeout = 0; begin exclusive')
      return () => {
        holder.exec('rollback')
        holder.close()
      }
    } catch (error) {
      holder.close()
      if ((error as { errcode?: number }).errcode !== 5 || performance.now() > until) throw error
    }
    await sleep(10)
  }
}

async function linesBetween(file: FileHandle, from: number, to: number): Promise<string[]> {
  return (await read(file, from, to)).toString('utf8').split('\n').filter(Boolean)
}

/** At least two, however long they are: the last may be the half of one, and the first of a process names every chain. */
async function lastLines(file: FileHandle, end: number): Promise<string[]> {
  for (let length = CHUNK; ; length *= 4) {
    const from = Math.max(0, end - length)
    const lines = await linesBetween(file, from, end)
    if (from === 0) return lines
    if (lines.length > 2) return lines.slice(1)
  }
}

async function endsInLine(file: FileHandle, end: number): Promise<boolean> {
  return end === 0 || (await read(file, end - 1, end))[0] === NEWLINE
}

async function read(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from)
  await file.read(bytes, 0, bytes.length, from)
  return bytes
}
