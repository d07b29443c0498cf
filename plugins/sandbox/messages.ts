import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Platform, readObject } from './platform.ts'

/** One thing that was sent. */
export interface Caught {
  channel: string
  /** Epoch milliseconds. */
  at: number
  /** How often it came, by its id: a careful gateway delivers it once. */
  times: number
  parcel: Readonly<Record<string, unknown>>
}

const PREFIX = '/messages'
const CHANNELS = ['push', 'sms', 'mail']
const MAX_SKEW_SECONDS = 300
/** The latest are kept. */
const MOST = 500

/**
 * A gateway for push messages, texts and e-mail that sends nothing on: whatever comes stands to be read at
 * `GET /messages/all`, newest first. It checks signatures as a real one would (docs/messages.md).
 */
export function createCatcher(): Platform & { readonly key: string; caught(): readonly Caught[] } {
  const key = randomBytes(24).toString('base64url')
  const box = new Map<string, Caught>()

  function take(channel: string, id: string, parcel: Record<string, unknown>): void {
    const known = box.get(id)
    if (known) known.times++
    else box.set(id, { channel, at: Date.now(), times: 1, parcel })
    const [oldest] = box.keys()
    if (box.size > MOST && oldest !== undefined) box.delete(oldest)
  }

  return {
    name: 'messages',
    prefix: PREFIX,
    // No faults here: messages go out at their own time, and would take away what was set for an agency.
    api: new Set(),
    key,
    caught: () => [...box.values()].reverse(),
    answer({ method, path, headers, body }) {
      const channel = path.slice(PREFIX.length + 1)
      if (channel === 'all' && method === 'GET')
        return { status: 200, json: { note: '沙箱收件箱：这些消息没有发给任何人', messages: [...box.values()].reverse() } }
      if (!CHANNELS.includes(channel) || method !== 'POST') return { status: 404, json: { message: '地址不存在' } }
      const [id, seconds, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => String(headers[name] ?? ''))
      const expected = `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
      if (Math.abs(Date.now() / 1000 - Number(seconds)) > MAX_SKEW_SECONDS)
        return { status: 401, json: { message: '请求时间超出允许范围' } }
      if (!isSame(signature ?? '', expected)) return { status: 401, json: { message: '签名验证失败' } }
      take(channel, id ?? '', readObject(body))
      return { status: 200, json: { taken: id } }
    },
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
