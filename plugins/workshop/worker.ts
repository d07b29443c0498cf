import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { Chart } from '../charts/chart.ts'
import type { PrintedDocument } from './layout.ts'
import type { Cell, Sheet } from './tabular.ts'

/** What a worker is asked for: a document, a picture or a PDF with a watermark, charts (a JSON list of SVG), or tables (a CSV has one) whose rows follow in pieces. */
export type Order =
  | { type: 'pdf'; content: PrintedDocument }
  | { type: 'stamp'; image: Uint8Array; lines: readonly string[] }
  | { type: 'stamp-pdf'; pdf: Uint8Array; lines: readonly string[] }
  | { type: 'charts'; charts: readonly Chart[] }
  | { type: 'csv' | 'xlsx'; sheets: readonly Sheet[] }

/** Rows of one of the tables ordered last; `null` after the last ones. */
export type Piece = Rows | null
export interface Rows {
  sheet: number
  rows: Cell[][]
}

/** Parts of the file in order, then its end; or why there is none. */
export type Made = { part: Uint8Array } | { end: true } | { failure: string }

/** Where cores are few, calls come first: Linux gives each thread a priority of its own. */
function stepBack(niceness: number): void {
  try {
    if (niceness > 0) setPriority(Number(basename(readlinkSync('/proc/thread-self'))), niceness)
  } catch {
    // Another system: the file is made beside the calls, as good as them.
  }
}
stepBack((workerData as { niceness: number }).niceness)

const PART_BYTES = 256 * 1024

type Writer = (piece: Piece) => Promise<void>

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
  if (order.type === 'stamp') {
    const { stampImage } = await import('./stamp.ts')
    hand(await stampImage(Buffer.from(order.image), order.lines))
    say({ end: true })
    return null
  }
  if (order.type === 'stamp-pdf') {
    const { stampPdf } = await import('./stamp-pdf.ts')
    hand(await stampPdf(Buffer.from(order.pdf), order.lines))
    say({ end: true })
    return null
  }
  if (order.type === 'charts') {
    const { drawChart } = await import('../charts/draw.ts')
    hand(Buffer.from(JSON.stringify(order.charts.map(drawChart))))
    say({ end: true })
    return null
  }
  const { csvLines, xlsxOf } = await import('./tabular.ts')
  if (order.type === 'csv') {
    const { head = [], money } = order.sheets[0] ?? {}
    hand(Buffer.from(`\uFEFF${csvLines([head])}`))
    return async (piece) => {
      if (piece === null) say({ end: true })
      else hand(Buffer.from(csvLines(piece.rows, money)))
    }
  }
  const sheets = order.sheets.map((sheet) => ({ ...sheet, rows: [] as Cell[][] }))
  return async (piece) => {
    for (const row of piece?.rows ?? []) sheets[piece?.sheet ?? 0]?.rows.push(row)
    if (piece !== null) return
    hand(await xlsxOf(sheets))
    say({ end: true })
  }
}

// One file after the other, its pieces in turn; whoever orders waits for the end before ordering again.
let writing: Promise<Writer | null> = Promise.resolve(null)
parentPort?.on('message', (message: Order | Piece) => {
  writing = writing.then(async (writer) => {
    try {
      if (message !== null && 'type' in message) return await begin(message)
      await writer?.(message)
      return writer
    } catch (error) {
      say({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      return null
    }
  })
})
