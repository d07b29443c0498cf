import type { Log } from '../../core/base/log.ts'
/** Something that calls `start(id)` at a given time, best effort. The database is the truth; this only wakes. */
export interface Waker {
  readonly mode: 'bull' | 'process'
  /** False while it cannot wake anybody; the sweep goes on. */
  readonly ok: boolean
  /** `dueAt` in epoch milliseconds. Never throws. */
  wake(id: string, dueAt: number): void
  close(): Promise<void>
}

export interface QueueOptions {
  waker(start: (id: string) => Promise<void>): Waker
  /** Steps under way at once in this process. */
  concurrency: number
  /** Milliseconds between two looks at the database for work that nobody was woken for. */
  sweepMs: number
  /** Ids that are due and free, the longest overdue first. */
  due(limit: number): Promise<string[]>
  /** Does one step; → when the next is due, or null. Returns at once for an id that isn't due or that another process holds. */
  work(id: string): Promise<number | null>
  log: Pick<Log, 'error'>
  /** How the log speaks of the work; default: of filings. */
  words?: { id: string; interrupted: string; unreadable: string }
}

const FILINGS = { id: 'submission', interrupted: '申请办理中断，稍后继续', unreadable: '待办申请读取失败' }

export interface Queue {
  readonly mode: 'bull' | 'process'
  readonly ok: boolean
  wake(id: string, dueAt: number): void
  /** Takes no more work and waits for what is under way, `graceMs` at most. */
  close(graceMs: number): Promise<void>
}

/**
 * Runs steps, woken by the waker and, for whatever a lost Redis, a full house or a crash left behind,
 * by a sweep. What finds no free place is dropped here: it is still due in the database, and the next
 * place that falls free looks there.
 */
export function createQueue({ waker: createWaker, concurrency, sweepMs, due, work, log, words = FILINGS }: QueueOptions): Queue {
  const underWay = new Map<string, Promise<void>>()
  let closing = false
  let sweeping = false
  let moreWaits = false
  let swept = true

  const waker = createWaker(start)
  const timer = setInterval(sweep, sweepMs).unref()
  sweep()

  function start(id: string): Promise<void> {
    const current = underWay.get(id)
    if (current || closing) return current ?? Promise.resolve()
    if (underWay.size >= concurrency) {
      moreWaits = true
      return Promise.resolve()
    }
    const run = step(id)
    underWay.set(id, run)
    return run
  }

  async function step(id: string): Promise<void> {
    try {
      const next = await work(id)
      if (next !== null && !closing) waker.wake(id, next)
    } catch (error) {
      // The lease runs out and the sweep finds the row again.
      log.error({ [words.id]: id, error: nameOf(error) }, words.interrupted)
    } finally {
      underWay.delete(id)
      if (moreWaits) sweep()
    }
  }

  function sweep(): void {
    if (closing || sweeping) return
    sweeping = true
    takeDue().then(
      () => settle(true),
      (error: unknown) => {
        if (swept) log.error({ error: nameOf(error) }, words.unreadable)
        settle(false)
      },
    )
  }

  function settle(succeeded: boolean): void {
    sweeping = false
    swept = succeeded
  }

  async function takeDue(): Promise<void> {
    const free = concurrency - underWay.size
    moreWaits = free <= 0
    if (moreWaits) return
    const ids = await due(free + 1)
    moreWaits = ids.length > free
    for (const id of ids.slice(0, free)) void start(id)
  }

  return {
    mode: waker.mode,
    get ok() {
      return swept && waker.ok
    },
    wake(id, dueAt) {
      if (!closing) waker.wake(id, dueAt)
    },
    async close(graceMs) {
      closing = true
      clearInterval(timer)
      await Promise.all([waker.close(), within(Promise.all(underWay.values()), graceMs)])
    },
  }
}

/** Wake-ups by timers of this process. Times further off than a sweep are the sweep's. */
export function timerWaker(sweepMs: number): QueueOptions['waker'] {
  return (start) => {
    const timers = new Set<NodeJS.Timeout>()
    return {
      mode: 'process',
      ok: true,
      wake(id, dueAt) {
        const wait = dueAt - Date.now()
        if (wait > sweepMs) return
        const timer = setTimeout(
          () => {
            timers.delete(timer)
            void start(id)
          },
          Math.max(0, wait),
        ).unref()
        timers.add(timer)
      },
      async close() {
        for (const timer of timers) clearTimeout(timer)
      },
    }
  }
}

/** Waits for work, but no longer than `ms`. */
export async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const expiry = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, expiry])
  clearTimeout(timer)
}

/** A driver's message may quote values, so a log line gets the code. */
function nameOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return String(code ?? name)
}
