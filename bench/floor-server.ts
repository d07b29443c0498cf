import { readFileSync } from 'node:fs'
import buildSerializer from 'fast-json-stringify'
import Fastify from 'fastify'
import { Agent, type Dispatcher } from 'undici'
import { createVault } from '../core/base/vault.ts'
import { migrate } from '../migrations/index.ts'
import type { AuditEntry } from '../plugins/audit/entry.ts'
import { openAuditLog } from '../plugins/audit/log.ts'
import { openDatabase } from '../plugins/store/open.ts'
import { OnePieceResponse, utf8 } from '../plugins/web/utf8.ts'
import type { Exchanged } from './upstream.ts'

/**
 * The least that can stand where the hub stands, governing nothing: the same requests come in, the same calls go out, and the same
 * bytes are answered, in the quickest ways that the hub knows. Each part has the one before in it, so that what a part costs is the difference.
 */
export const PARTS = ['http', 'agency', 'json', 'audit'] as const
export type Part = (typeof PARTS)[number]

/** What such a process is told, in a file: calls as the hub sent them, and an answer of its own with the schema by which it is written. */
export interface Script {
  calls: readonly Exchanged[]
  answer: object
  schema: object
  /** What the hub would have on record of the call. */
  entry: AuditEntry
}

const { BENCH_UPSTREAM: origin = '', BENCH_SCRIPT = '', BENCH_PART = 'http' } = process.env

async function listen(): Promise<string> {
  const { calls, answer, schema, entry } = JSON.parse(readFileSync(BENCH_SCRIPT, 'utf8')) as Script
  const does = (part: Part) => PARTS.indexOf(part) <= PARTS.indexOf(BENCH_PART as Part)
  const serialize = buildSerializer(schema)
  const ready = utf8(serialize(answer))
  const log = does('audit') ? await openLog() : null
  const agent = new Agent({ allowH2: false, connections: 64, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  let next = 0

  const app = Fastify({ logger: false, http: { ServerResponse: OnePieceResponse } })
  app.get('*', (_request, reply) => {
    const send = () => reply.header('content-type', 'application/json; charset=utf-8').send(does('json') ? utf8(serialize(answer)) : ready)
    const finish = () => {
      if (log) log.write(entry).then(send)
      else send()
    }
    if (!does('agency')) return finish()
    const { headers, body } = calls[next++ % calls.length] as Exchanged
    const chunks: Buffer[] = []
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart() {},
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd() {
        if (does('json')) JSON.parse(Buffer.concat(chunks).toString('utf8'))
        finish()
      },
      onResponseError: (_controller, error) => void reply.code(502).send(error),
    }
    agent.dispatch({ origin, path: '/httpproxy', method: 'POST', headers, body }, handler)
  })
  return app.listen({ host: '127.0.0.1', port: 0 })
}

async function openLog() {
  const database = openDatabase({ url: '', dataDir: `${BENCH_SCRIPT}.${BENCH_PART}` })
  await migrate(database)
  return openAuditLog({ database, vault: createVault(Buffer.alloc(32, 1)), log: { info: () => {}, error: () => {} } })
}

// Imported for its names, it does nothing.
if (BENCH_SCRIPT !== '') console.log(await listen())
