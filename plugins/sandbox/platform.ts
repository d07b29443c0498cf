import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { MAX_SKEW_MS, signatureOf } from '../platforms/signed-headers.ts'
import { deliver, sendJson, suffer } from './delivery.ts'
import type { Active, Faults } from './faults.ts'

export interface PlatformCall {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: string
}

/** `text`: what another process has answered, as it is. */
export type PlatformAnswer = { status: number } & (
  | { html: string }
  | { json: object }
  | { location: string }
  | { text: string; headers: OutgoingHttpHeaders }
)

/** A simulated platform with pages for people and an interface for the hub, under a path of the sandbox. */
export interface Platform {
  /** Its name where faults are set (`sid`). */
  readonly name: string
  readonly prefix: string
  /** Paths of the interface; only these suffer faults. */
  readonly api: ReadonlySet<string>
  answer(call: PlatformCall, faults: Active): PlatformAnswer | Promise<PlatformAnswer>
}

const NONE: Active = new Map()

export async function serve(
  platform: Platform,
  { faults, signal }: { faults: Faults; signal: AbortSignal },
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): Promise<void> {
  const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://sandbox.invalid')
  const active = platform.api.has(path) ? faults.take('call', platform.name) : NONE
  if (active.size > 0 && (await suffer(request, response, active, signal))) return
  const answer = await platform.answer({ method: request.method ?? 'GET', path, query, headers: request.headers, body }, active)
  if ('location' in answer) response.writeHead(answer.status, { location: answer.location }).end()
  else if ('html' in answer) response.writeHead(answer.status, { 'content-type': 'text/html;charset=UTF-8' }).end(answer.html)
  else if ('text' in answer) {
    if (active.size > 0) deliver(request, response, answer.text, active)
    else response.writeHead(answer.status, answer.headers).end(answer.text)
  } else if (answer.status === 200) deliver(request, response, JSON.stringify(answer.json), active)
  else sendJson(response, answer.status, JSON.stringify(answer.json))
}

/** → why a signed request (X-BG-*, standards.md §1.4) is refused, or null. */
export function refusal(
  { method, path, query, headers }: PlatformCall,
  account: { appId: string; appSecret: string },
  faults: Active,
): PlatformAnswer | null {
  const header = (name: string) => String(headers[name] ?? '')
  const refuse = (message: string): PlatformAnswer => ({ status: 401, json: { message } })
  const date = header('x-bg-date-time')
  const clock = Date.now() + (faults.has('clock-skew') ? (faults.get('clock-skew')?.ms ?? 600_000) : 0)
  if (header('x-bg-hmac-access-key') !== account.appId) return refuse('Invalid access key')
  const skew = Math.abs(clock - Date.parse(date))
  if (!(skew <= MAX_SKEW_MS)) return refuse('Clock skew exceeded')
  const expected = signatureOf({ method, path, query, accessKey: account.appId, secretKey: account.appSecret, date })
  const valid = header('x-bg-hmac-algorithm') === 'hmac-sha256' && header('x-bg-hmac-signature') === expected
  return valid && !faults.has('bad-sign') ? null : refuse('Invalid signature')
}

/** → the members of a JSON object; none for anything else. */
export function readObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
