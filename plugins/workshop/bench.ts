import { PassThrough, type Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { CODE } from '../../core/base/code.ts'
import { type ErrorCode, HubError } from '../../core/base/errors.ts'
import type { Made, Order, Piece, Rows } from './worker.ts'

/** A place where one file at a time is made, beside the thread that answers calls. */
export interface Workbench {
  /**
   * → the file, from its first part on. `pieces`: the rows of a table. Rejects when it can't be made, and with the
   * signal's reason, and with `late` when it takes too long; the stream fails in the same way. `done` settles when the place is free.
   */
  make(order: Order, pieces: Iterable<Rows>, signal: AbortSignal, late: ErrorCode): { file: Promise<Readable>; done: Promise<void> }
  close(): Promise<void>
}

/** `niceness`: how far it steps back behind the calls, on Linux; 0 not at all. */
export function createWorkbench(timeoutMs: number, niceness: number): Workbench {
  let worker: Worker | null = null

  function begin(): Worker {
    const started = new Worker(new URL(`./worker${CODE}`, import.meta.url), { workerData: { niceness } })
    // An idle hub may end without asking.
    started.unref()
    started.on('error', () => undefined)
    return started
  }

  /** The worker is given up with what it was making: the next file gets a new one. */
  function discard(given: Worker): void {
    if (worker === given) worker = null
    void given.terminate()
  }

  async function feed(to: Worker, order: Order, pieces: Iterable<Rows>, signal: AbortSignal): Promise<void> {
    to.postMessage(order)
    if (order.type !== 'csv' && order.type !== 'xlsx') return
    for (const piece of pieces) {
      to.postMessage(piece satisfies Piece)
      // Handing over costs this thread time: calls get theirs in between.
      await nextTurn()
      if (signal.aborted) return
    }
    to.postMessage(null satisfies Piece)
  }

  return {
    make(order, pieces, signal, late) {
      worker ??= begin()
      const own = worker
      const stream = new PassThrough({ highWaterMark: Number.MAX_SAFE_INTEGER })
      const { promise: file, resolve, reject } = Promise.withResolvers<Readable>()
      const { promise: done, resolve: finish } = Promise.withResolvers<void>()

      function settle(error?: Error): void {
        clearTimeout(timer)
        own.off('message', receive).off('error', lost).off('exit', lost)
        signal.removeEventListener('abort', aborted)
        if (error) {
          discard(own)
          reject(error)
          stream.destroy(error)
        } else stream.end()
        finish()
      }
      function receive(made: Made): void {
        if ('failure' in made) settle(new Error('the file was not made', { cause: new Error(made.failure) }))
        else if ('end' in made) settle()
        else {
          stream.write(made.part)
          resolve(stream)
        }
      }
      const lost = (cause: unknown) => settle(new Error('the worker that made the file ended', { cause }))
      const aborted = () => settle(signal.reason as Error)
      const timer = setTimeout(() => settle(new HubError(late, { retryAfter: 10 })), timeoutMs)
      // Nobody may be listening yet.
      stream.on('error', () => undefined)
      own.on('message', receive).on('error', lost).on('exit', lost)
      signal.addEventListener('abort', aborted)
      feed(own, order, pieces, signal).catch((error: unknown) => settle(error as Error))
      return { file, done }
    },
    async close() {
      await worker?.terminate()
    },
  }
}
