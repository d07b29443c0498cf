import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort } from 'node:worker_threads'
import type { PrintedDocument } from './layout.ts'
import type { Cell } from './tabular.ts'

/** What a worker is asked for: a document, or a table whose rows follow in pieces. */
export type Order = { type: 'pdf'; content: PrintedDocument } | { type: 'csv' | 'xlsx'; sheet: string; head: string[] }

/** Rows of the table ordered last; none at all after the last ones. */
export type Piece = { rows: Cell[][] }

/** Parts of the file in order, then its end; or why there is none. */
export type Made = { part: Uint8Array } | { end: true } | { failure: string }

/** Where cores are few, calls come first: Linux gives each thread a priority of its own. */
function stepBack(): void {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), 19)
  } catch {
    // Another system: the file is made beside the calls, as good as them.
  }
}
stepBack()

const PART_BYTES = 256 * 1024

type Writer = (rows: Cell[][]) => Promise<void>

function hand(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    const part = Uint8Array.prototype.slice.call(bytes, at, at + PART_BYTES)
    parentPort?.postMessage({ part } satisfies Made, [part.buffer])
  }
}

const say = (made: Made) => parentPort?.postMessage(made)

// What a kind of file needs is loaded with the first of its kind: an idle hub has none of it in memory.
async function begin(order: Order): Promise<Writer | null> {
  if (order.type === 'pdf') {
    const { drawPdf } = await import('./layout.ts')
    hand(await drawPdf(order.content))
    say({ end: true })
    return null
  }
  const { csvLines, xlsxOf } = await import('./tabular.ts')
  if (order.type === 'csv') {
    hand(Buffer.from(`\uFEFF${csvLines([order.head])}`))
    return async (rows) => {
      if (rows.length === 0) say({ end: true })
      else hand(Buffer.from(csvLines(rows)))
    }
  }
  const all: Cell[][] = []
  return async (rows) => {
    for (const row of rows) all.push(row)
    if (rows.length > 0) return
    hand(await xlsxOf(order.head, all, order.sheet))
    say({ end: true })
  }
}

// One file after the other, its pieces in turn; whoever orders waits for the end before ordering again.
let writing: Promise<Writer | null> = Promise.resolve(null)
parentPort?.on('message', (message: Order | Piece) => {
  writing = writing.then(async (writer) => {
    try {
      if (!('rows' in message)) return await begin(message)
      await writer?.(message.rows)
      return writer
    } catch (error) {
      say({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      return null
    }
  })
})
