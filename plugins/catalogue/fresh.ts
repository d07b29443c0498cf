import type { Log } from '../../core/base/log.ts'

/** What the store holds for every process, as this one knows it. */
export interface Fresh<T> {
  /** Within {@link FRESH_MS} of a change; another object only once something is different. */
  readonly now: T
  /** Reads it now. */
  load(): Promise<void>
  /** Goes on reading it, until {@link stop}. */
  start(): void
  stop(): void
}

interface Options<T> {
  first: T
  read(): Promise<T>
  /** The same for two that do not differ. */
  textOf(value: T): string
  log: Pick<Log, 'warn'>
  /** What is said in the log when it could not be read. */
  trouble: string
}

const FRESH_MS = 2000

/** Keeps something of the store at hand, read anew every two seconds: what is known goes on while the store is away. */
export function keepFresh<T>({ first, read, textOf, log, trouble }: Options<T>): Fresh<T> {
  let now = first
  let text = textOf(first)
  let timer: NodeJS.Timeout | null = null
  // One after the other, so that what was read earlier never replaces what was read later.
  let reading = Promise.resolve()

  async function take(): Promise<void> {
    const next = await read()
    const written = textOf(next)
    if (written === text) return
    text = written
    now = next
  }

  function load(): Promise<void> {
    const work = reading.then(take)
    reading = work.catch(() => undefined)
    return work
  }

  return {
    get now() {
      return now
    },
    load,
    start() {
      timer = setInterval(() => void load().catch((error: Error) => log.warn({ error: error.name }, trouble)), FRESH_MS)
      timer.unref()
    },
    stop() {
      if (timer) clearInterval(timer)
    },
  }
}
