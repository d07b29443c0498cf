import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SandboxRow } from '../core/contract/types.ts'
import { sealSecret } from '../core/dialects/exchange-crypto.ts'
import type { Params } from '../plugins/kinds/simulation.ts'
import { loadConnectors } from '../plugins/load-connectors.ts'
import { createAnswers } from '../plugins/sandbox/answers.ts'
import { indexServices } from '../plugins/sandbox/services.ts'
import { wrap } from '../plugins/sandbox/wrapping.ts'

/**
 * The agency behind both ways: the exchange platform's protocol and the sandbox's answers, each made
 * once and kept, so that this is never what holds a run up. It checks no signatures; tests do that.
 */
const { BENCH_APP_KEY = '', BENCH_HEADER_PREFIX = '', BENCH_MONTHS = '', BENCH_LIST_ROWS = '0', BENCH_DELAY_MS = '0' } = process.env
const delayMs = Number(BENCH_DELAY_MS)

/** A call as the hub sent it, for replaying through the proxy, and the answer that it has from now on. */
export interface Exchanged {
  headers: IncomingHttpHeaders
  body: string
  answerBytes: number
}

const services = indexServices(await loadConnectors())
const answers = createAnswers()
const exchanged = new Map<string, Exchanged & { answer: Buffer }>()

function remember(headers: IncomingHttpHeaders, body: string): Buffer {
  const [service] = services.get(String(headers[`${BENCH_HEADER_PREFIX}_sid`])) ?? []
  if (!service) throw new Error('a call for an unknown service')
  const params = JSON.parse(body) as Params
  const isList = service.contract.kind === 'list'
  const found = answers.find(service, isList ? { ...params, pageNum: 1 } : params)
  const { rows, total } = isList ? prolong(found.rows, params) : found
  const answer = Buffer.from(wrap(service, { rows: rows.map(shorten), total }, new Map()))
  exchanged.set(body, { headers, body, answer, answerBytes: answer.length })
  return answer
}

/** One page of a list that is as long as an export may be. */
function prolong(rows: readonly SandboxRow[], { pageNum, pageSize }: Params): { rows: SandboxRow[]; total: number } {
  const total = Number(BENCH_LIST_ROWS)
  const first = (Number(pageNum) - 1) * Number(pageSize)
  const length = Math.max(0, Math.min(Number(pageSize), total - first))
  return { rows: Array.from({ length }, (_, index) => ({ ...rows[index % rows.length], fse: String(first + index) })), total }
}

/** The record with the latest months alone in each of its lists. */
function shorten(row: SandboxRow): SandboxRow {
  const entries = Object.entries(row).map(([key, value]) => [key, Array.isArray(value) ? value.slice(0, Number(BENCH_MONTHS)) : value])
  return Object.fromEntries(entries)
}

function answerRefresh(): Buffer {
  const secret = sealSecret('bench-secret-0000', BENCH_APP_KEY)
  return Buffer.from(JSON.stringify({ code: '0', data: { secret, secretEndTime: Date.now() + 86_400_000 } }))
}

function reply({ url, headers }: IncomingMessage, response: ServerResponse, body: string): void {
  const answer = url === '/httpproxy' ? (exchanged.get(body)?.answer ?? remember(headers, body)) : answerRefresh()
  const send = () =>
    response.writeHead(200, { 'content-type': 'application/json;charset=UTF-8', 'content-length': answer.length }).end(answer)
  if (delayMs > 0 && url === '/httpproxy') setTimeout(send, delayMs)
  else send()
}

const server = createServer((request, response) => {
  let body = ''
  request
    .setEncoding('utf8')
    .on('data', (chunk: string) => {
      body += chunk
    })
    .on('end', () => reply(request, response, body))
})
// Longer than a run: a connection that closes under a request would count as a failure.
server.keepAliveTimeout = 300_000
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))

process.on('message', (message) => {
  if (message === 'exchanged') process.send?.({ answer: [...exchanged.values()].map(({ answer: _, ...call }) => call) })
})
