import { Worker } from 'node:worker_threads'
import { CODE } from '../../../core/base/code.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { PrintedDocument } from './layout.ts'
import type { Drawn } from './worker.ts'

/** Draws documents beside the thread that answers calls: one at a time, a few waiting, more refused. */
export interface Printer {
  /** → the PDF. Throws HUB_DOCUMENT_BUSY when too many wait, and when drawing takes too long. */
  print(content: PrintedDocument): Promise<Buffer>
  close(): Promise<void>
}

export interface PrinterOptions {
  /** Documents that may wait besides the one being drawn. */
  maxWaiting?: number
  timeoutMs?: number
}

interface Job {
  content: PrintedDocument
  resolve(pdf: Buffer): void
  reject(error: Error): void
}

export function createPrinter({ maxWaiting = 8, timeoutMs = 20_000 }: PrinterOptions = {}): Printer {
  const waiting: Job[] = []
  let worker: Worker | null = null
  let current: { job: Job; timer: NodeJS.Timeout } | null = null
  let closed = false

  function next(): void {
    const job = current ? undefined : waiting.shift()
    if (!job) return
    worker ??= begin()
    current = { job, timer: setTimeout(() => fail(new HubError('HUB_DOCUMENT_BUSY', { retryAfter: 10 })), timeoutMs) }
    worker.postMessage(job.content)
  }

  function begin(): Worker {
    const started = new Worker(new URL(`./worker${CODE}`, import.meta.url))
    // An idle hub may end without asking.
    started.unref()
    started.on('message', (drawn: Drawn) => {
      const job = finish()
      if ('pdf' in drawn) job?.resolve(Buffer.from(drawn.pdf))
      else job?.reject(new Error('document not drawn', { cause: drawn.failure }))
      next()
    })
    const lost = (error: Error) => {
      if (worker === started) fail(error)
    }
    started.on('error', lost).on('exit', (code) => lost(new Error(`the document worker ended with ${code}`)))
    return started
  }

  function finish(): Job | undefined {
    clearTimeout(current?.timer)
    const job = current?.job
    current = null
    return job
  }

  /** The worker is given up with what it was drawing; the next document gets a new one. */
  function fail(error: Error): void {
    const given = worker
    worker = null
    void given?.terminate()
    finish()?.reject(error)
    next()
  }

  return {
    print: (content) =>
      new Promise((resolve, reject) => {
        if (closed || waiting.length >= maxWaiting) return reject(new HubError('HUB_DOCUMENT_BUSY', { retryAfter: 5 }))
        waiting.push({ content, resolve, reject })
        next()
      }),
    async close() {
      closed = true
      for (const job of waiting.splice(0)) job.reject(new HubError('HUB_DOCUMENT_BUSY'))
      const given = worker
      worker = null
      finish()?.reject(new HubError('HUB_DOCUMENT_BUSY'))
      await given?.terminate()
    },
  }
}
