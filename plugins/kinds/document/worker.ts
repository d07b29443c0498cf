import { parentPort } from 'node:worker_threads'
import { drawPdf, type PrintedDocument } from './layout.ts'

/** What comes back for a document: the file, or why there is none. */
export type Drawn = { pdf: Uint8Array } | { failure: string }

// One document after the other; whoever asks waits for the answer before asking again.
parentPort?.on('message', async (content: PrintedDocument) => {
  const drawn: Drawn = await drawPdf(content).then(
    (pdf) => ({ pdf }),
    (error: unknown) => ({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
  parentPort?.postMessage(drawn)
})
