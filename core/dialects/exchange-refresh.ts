import { HubError } from '../base/errors.ts'
import type { RawReply } from '../upstream/dialect.ts'
import type { FreshSecret } from '../upstream/secret-store.ts'
import { assertHandedOut } from './ask.ts'
import { openSecret } from './exchange-crypto.ts'
import { decodeText, parseObject, readKey } from './exchange-reply.ts'

const DAY_MS = 86_400_000
const BEIJING_MS = 8 * 3_600_000

/**
 * Reads the answer to a secret refresh: `{ code, message, data: { secret, secretEndTime } }`; data may
 * be JSON in a string. Throws HUB_UPSTREAM_CREDENTIAL where the agency gave no usable secret,
 * HUB_UPSTREAM_INVALID where the answer isn't one. Nothing of the answer gets into an error: it holds
 * the secret.
 */
export function readRefresh(reply: RawReply, appKey: string, success: readonly string[], now: number): FreshSecret {
  assertHandedOut(reply)
  const answer = parseObject(decodeText(reply))
  if (answer === null) throw new HubError('HUB_UPSTREAM_INVALID')

  const code = readKey(answer, ['code', 'errcode'])
  const data = readKey(answer, ['data'])
  const holder = typeof data === 'string' ? parseObject(data) : (data as Record<string, unknown> | null | undefined)
  const sealed = holder && readKey(holder, ['secret'])
  if (!success.includes(String(code)) || typeof sealed !== 'string') throw new HubError('HUB_UPSTREAM_CREDENTIAL')

  return { secret: open(sealed, appKey), expiresAt: parseEndTime(readKey(holder ?? {}, ['secretendtime']), now) }
}

function open(sealed: string, appKey: string): string {
  try {
    return openSecret(sealed, appKey)
  } catch {
    throw new HubError('HUB_UPSTREAM_CREDENTIAL')
  }
}

const CIVIL = /^(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?:[T ]?(\d{2}):?(\d{2}):?(\d{2})(\.\d{1,9})?)? ?(Z|[+-]\d{2}:?\d{2})?$/

/**
 * End of a secret's life in epoch milliseconds, from what agencies write: epoch seconds or
 * milliseconds (number or text), `yyyy-MM-dd HH:mm:ss`, `yyyyMMddHHmmss`, ISO 8601. Times without a
 * zone are Beijing's; a bare day means its end. Missing or unreadable: the end of today in Beijing,
 * which is when the platforms change secrets.
 */
export function parseEndTime(value: unknown, now: number): number {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : ''
  if (/^\d{10,13}(\.\d+)?$/.test(text)) return Math.floor(Number(text) * (Number(text) < 1e11 ? 1000 : 1))
  const [, year, month, day, hour, minute, second, fraction = '', zone = '+08:00'] = CIVIL.exec(text) ?? []
  const clock = hour === undefined ? '23:59:59.999' : `${hour}:${minute}:${second}${fraction}`
  const time = Date.parse(`${year}-${month}-${day}T${clock}${zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`)
  return Number.isNaN(time) ? endOfDay(now) : time
}

/** 23:59:59.999 of the day in Beijing, which keeps no summer time. */
export function endOfDay(now: number): number {
  return Math.floor((now + BEIJING_MS) / DAY_MS + 1) * DAY_MS - BEIJING_MS - 1
}
