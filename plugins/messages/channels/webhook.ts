import { createHmac } from 'node:crypto'
import type { LookupFunction } from 'node:net'
import { type Parcel, TIMEOUT_MS, type Transport } from './channel.ts'
import { createPost } from './post.ts'

export interface WebhookOptions {
  /** Set by the operator, and the only address that is ever called: nothing of a message, and no redirect, leads elsewhere. */
  url: string
  key: string
  timeoutMs?: number
  lookup?: LookupFunction
  now?: () => number
}

/** Signature of a request (Standard Webhooks 1.0): `v1,` and base64 of HMAC-SHA256 over `<id>.<seconds>.<body>`. */
export function signatureOf(key: string | Buffer, id: string, seconds: string, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
}

/** The headers by which a receiver knows who sent a body, and when. */
export function signedHeaders(key: string | Buffer, id: string, at: number, body: string): Record<string, string> {
  const seconds = String(Math.floor(at / 1000))
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatureOf(key, id, seconds, body) }
}

/** Push and text messages through a gateway of the city's: one signed POST for each (docs/messages.md). */
export function webhook({ url, key, timeoutMs = TIMEOUT_MS, lookup, now = Date.now }: WebhookOptions): Transport {
  const post = createPost({ timeoutMs, ...(lookup ? { lookup } : {}) })
  return {
    async send({ id, ...rest }) {
      const body = JSON.stringify({ id, ...rest } satisfies Parcel)
      const headers = { 'content-type': 'application/json', 'idempotency-key': id, ...signedHeaders(key, id, now(), body) }
      await post.send(url, headers, body)
    },
    close: post.close,
  }
}
