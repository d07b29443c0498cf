import { createHmac, randomBytes } from 'node:crypto'
import { isSameText } from '../../core/base/hmac.ts'
import { type Caught, openBox } from './caught.ts'
import { type Platform, readObject } from './platform.ts'

const PREFIX = '/messages'
const CHANNELS = ['push', 'sms', 'mail']
const MAX_SKEW_SECONDS = 300

/**
 * A gateway for push messages, texts and e-mail that sends nothing on: whatever comes stands to be read at
 * `GET /messages/all` and with `hub messages`, newest first. It checks signatures as a real one would (docs/messages.md).
 */
export function createCatcher(dataDir: string): Platform & { readonly key: string; caught(): readonly Caught[]; close(): void } {
  const key = randomBytes(24).toString('base64url')
  const box = openBox(dataDir)

  return {
    name: 'messages',
    prefix: PREFIX,
    // No faults here: messages go out at their own time, and would take away what was set for an agency.
    api: new Set(),
    key,
    caught: box.all,
    close: box.close,
    answer({ method, path, headers, body }) {
      const channel = path.slice(PREFIX.length + 1)
      if (channel === 'all' && method === 'GET')
        return { status: 200, json: { note: '沙箱收件箱：这些消息没有发给任何人', messages: box.all() } }
      if (!CHANNELS.includes(channel) || method !== 'POST') return { status: 404, json: { message: '地址不存在' } }
      const [id, seconds, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => String(headers[name] ?? ''))
      const expected = `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
      if (Math.abs(Date.now() / 1000 - Number(seconds)) > MAX_SKEW_SECONDS)
        return { status: 401, json: { message: '请求时间超出允许范围' } }
      if (!isSameText(signature ?? '', expected)) return { status: 401, json: { message: '签名验证失败' } }
      box.put({ id: id ?? '', channel, at: Date.now(), parcel: readObject(body) })
      return { status: 200, json: { taken: id } }
    },
  }
}
