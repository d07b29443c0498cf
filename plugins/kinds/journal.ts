import { appendFileSync, closeSync, mkdirSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'

/** Lines of JSON that several processes append to; each sees them all, in the same order. */
export function createJournal<T>(path: string, onLine: (entry: T) => void) {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'a+', 0o600)
  const chunk = Buffer.alloc(65_536)
  let offset = 0
  let rest = Buffer.alloc(0)

  function catchUp(): void {
    for (;;) {
      const length = readSync(file, chunk, 0, chunk.length, offset)
      if (length === 0) return
      offset += length
      rest = Buffer.concat([rest, chunk.subarray(0, length)])
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
        const entry = parse<T>(rest.toString('utf8', 0, end))
        if (entry !== null) onLine(entry)
        rest = rest.subarray(end + 1)
      }
    }
  }

  return {
    catchUp,
    append(entry: T): void {
      appendFileSync(file, `${JSON.stringify(entry)}\n`)
      catchUp()
    },
    close: () => closeSync(file),
  }
}

/** A line torn by a crash was never acknowledged, so nobody misses it. */
function parse<T>(line: string): T | null {
  try {
    return JSON.parse(line) as T
  } catch {
    return null
  }
}
