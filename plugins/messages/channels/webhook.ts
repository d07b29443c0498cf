import { createHmac } from 'node:crypto'
import { Agent, request } from 'undici'
import { ChannelError, type Parcel, TIMEOUT_MS, type Transport } from './channel.ts'

/** Answers that mean "later". */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

export interface WebhookOptions {
  /** Set by the operator, and the only address that is ever called: nothing of a message, and no redirect, leads elsewhere. */
  url: string
  key: string
  timeoutMs?: number
  now?: () => number
}

/** Signature of a request (Standard Webhooks 1.0): `v1,` and base64 of HMAC-SHA256 over `<id>.<seconds>.<body>`. */
export function signatureOf(key: string, id: string, seconds: string, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
}

/** Push and text messages through a gateway of the city's: one signed POST for each (docs/messages.md). */
export function webhook({ url, key, timeoutMs = TIMEOUT_MS, now = Date.now }: WebhookOptions): Transport {
  const dispatcher = new Agent({ allowH2: false, connections: 4, maxResponseSize: 64 * 1024, connect: { timeout: timeoutMs } })
  return {
    async send({ id, ...rest }) {
      const body = JSON.stringify({ id, ...rest } satisfies Parcel)
      const seconds = String(Math.floor(now() / 1000))
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': id,
        'webhook-id': id,
        'webhook-timestamp': seconds,
        'webhook-signature': signatureOf(key, id, seconds, body),
      }
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
