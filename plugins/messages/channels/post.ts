import type { LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import { ChannelError } from './channel.ts'

/** Answers that mean "later". */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

export interface Post {
  /** Resolves on 2xx. Follows no redirect. Rejects with a {@link ChannelError}. */
  send(url: string, headers: Record<string, string>, body: string): Promise<void>
  close(): void
}

/** One POST after another, each within its time. `lookup`: what a name may stand for, where not everything. */
export function createPost({ timeoutMs, lookup }: { timeoutMs: number; lookup?: LookupFunction }): Post {
  const connect = { timeout: timeoutMs, ...(lookup ? { lookup } : {}) }
  const dispatcher = new Agent({ allowH2: false, connections: 4, maxResponseSize: 64 * 1024, connect })
  return {
    async send(url, headers, body) {
      const signal = AbortSignal.timeout(timeoutMs)
      const status = await request(url, { method: 'POST', headers, body, dispatcher, signal }).then(
        // What it says besides is nobody's business; read, so that the connection is free again.
        async (answer) => {
          await answer.body.dump({ limit: 64 * 1024 })
          return answer.statusCode
        },
        (error: unknown) => {
          throw new ChannelError(signal.aborted ? 'TIMEOUT' : nameOf(error), true, error)
        },
      )
      if (status >= 200 && status < 300) return
      throw new ChannelError(`STATUS-${status}`, status >= 500 || PASSING.has(status))
    },
    close: () => void dispatcher.close(),
  }
}

function nameOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? 'UNREACHABLE').slice(0, 40)
}
