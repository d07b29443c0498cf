import type { AuditEntry } from './entry.ts'
import type { AuditLog } from './log.ts'

/**
 * Rows of refused calls: nothing of anybody left with the answer, so it doesn't wait for the row, and thousands a second
 * share their commits. What could not be written stays until it can be.
 */
export interface Backlog {
  /** False where too many wait: then the answer waits for its row like any other. */
  add(entry: AuditEntry): boolean
  flush(): Promise<void>
}

const PAUSE_MS = 250
const AT_ONCE = 1000
const MAX_WAITING = 50_000

export function createBacklog(audit: Pick<AuditLog, 'write'>): Backlog {
  let waiting: AuditEntry[] = []
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null

  function schedule() {
    timer ??= setTimeout(() => {
      timer = null
      void flush()
    }, PAUSE_MS)
  }

  /** Once through what waits now. */
  async function write(): Promise<void> {
    const entries = waiting
    waiting = []
    for (let from = 0; from < entries.length; from += AT_ONCE) {
      const batch = entries.slice(from, from + AT_ONCE)
      const written = await Promise.allSettled(batch.map((entry) => audit.write(entry)))
      waiting.push(...batch.filter((_, index) => written[index]?.status === 'rejected'))
    }
    if (waiting.length > 0) schedule()
  }

  function flush(): Promise<void> {
    running ??= write().finally(() => {
      running = null
    })
    return running
  }

  return {
    add(entry) {
      if (waiting.length >= MAX_WAITING) return false
      waiting.push(entry)
      schedule()
      return true
    },
    async flush() {
      await running
      await flush()
      if (timer) clearTimeout(timer)
    },
  }
}
