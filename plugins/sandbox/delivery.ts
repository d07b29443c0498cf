import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import iconv from 'iconv-lite'
import type { Active } from './faults.ts'
import type { Voucher } from './vouchers.ts'
import { PLAIN_TEXT_ERROR } from './wrapping.ts'

const UTF8 = 'application/json;charset=UTF-8'
/** Like the real ones, it gives away what must not reach a citizen. */
const STACK = 'java.lang.NullPointerException\n\tat com.example.sandbox.QueryController.query(QueryController.java:42)\n\tat 10.0.0.1:8080'
const PACKERS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }
/** More than the hub takes in, and some 40 kB of gzip. */
const BOMB_BYTES = 9 * 1024 * 1024
const PAGE = '<!DOCTYPE html><html><head><title>系统维护中</title></head><body><h1>系统维护中，请稍后访问</h1></body></html>'

/**
 * Troubles that keep a request from the business system; → true where nothing is left to answer.
 * `signal` ends waiting when the sandbox closes.
 */
export async function suffer(request: IncomingMessage, response: ServerResponse, faults: Active, signal: AbortSignal): Promise<boolean> {
  const slow = faults.get('slow')
  if (slow) await delay(slow.ms ?? 1000, undefined, { signal, ref: false })
  if (faults.has('timeout')) return true
  if (faults.has('reset')) request.socket.resetAndDestroy()
  else if (faults.has('http-500')) send(response, 500, 'text/plain;charset=UTF-8', Buffer.from(STACK))
  else if (faults.has('http-503')) send(response, 503, 'text/html;charset=UTF-8', Buffer.from(PAGE))
  else if (faults.has('html')) send(response, 200, 'text/html;charset=UTF-8', Buffer.from(PAGE))
  else if (faults.has('login')) response.writeHead(302, { location: '/login', 'content-length': 0 }).end()
  else return false
  return true
}

/** Sends a body that is there, with the troubles that befall it on its way. */
export function deliver(request: IncomingMessage, response: ServerResponse, body: string | Voucher, faults: Active): void {
  if (faults.has('accepted-then-reset')) request.socket.resetAndDestroy()
  else if (faults.has('packed-bomb'))
    send(response, 200, UTF8, gzipSync(Buffer.alloc(BOMB_BYTES, ' '), { level: 1 }), { 'content-encoding': 'gzip' })
  else if (typeof body !== 'string') send(response, 200, body.mediaType, body.body)
  else if (faults.has('gbk')) send(response, 200, 'application/json;charset=GBK', iconv.encode(body, 'gbk'))
  else if (faults.has('gbk-undeclared')) send(response, 200, UTF8, iconv.encode(body, 'gbk'))
  else if (faults.has('gbk-unnamed')) send(response, 200, 'application/json', iconv.encode(body, 'gbk'))
  else if (faults.has('packed')) sendPacked(response, faults.get('packed')?.encoding ?? 'gzip', body)
  else if (faults.has('packed-falsely')) send(response, 200, UTF8, Buffer.from(body), { 'content-encoding': 'gzip' })
  else if (faults.has('truncated')) send(response, 200, UTF8, Buffer.from(body.slice(0, Math.ceil(body.length / 2))))
  else sendJson(response, 200, body)
}

export function sendJson(response: ServerResponse, status: number, body: string): void {
  send(response, status, body === PLAIN_TEXT_ERROR ? 'text/plain;charset=UTF-8' : UTF8, Buffer.from(body))
}

function sendPacked(response: ServerResponse, encoding: keyof typeof PACKERS, body: string): void {
  send(response, 200, UTF8, PACKERS[encoding](body), { 'content-encoding': encoding })
}

function send(response: ServerResponse, status: number, type: string, body: Buffer, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length, ...headers }).end(body)
}
