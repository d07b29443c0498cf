import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createVault } from '../core/base/vault.ts'
import { migrate } from '../migrations/index.ts'
import { createBacklog } from '../plugins/audit/backlog.ts'
import { NO_CALL } from '../plugins/audit/chain.ts'
import { openAuditLog } from '../plugins/audit/log.ts'
import { openDatabase } from '../plugins/store/open.ts'
import { traceId } from '../plugins/trace-id.ts'

/**
 * What is left of a refusal when nothing is asked or looked at: Node's own part of saying 503, and with `BENCH_EVIDENCE`, a folder, the row
 * of evidence that each of them leaves.
 */
const { BENCH_EVIDENCE: folder = '' } = process.env
const body = Buffer.from(JSON.stringify({ type: '/problems/HUB_UPSTREAM_BUSY', status: 503, detail: 'x'.repeat(300) }))
const backlog = folder === '' ? null : createBacklog(await openLog())
const entry = {
  ...NO_CALL,
  action: 'call' as const,
  connector: 'housing-fund',
  service: 'account-info',
  clientIp: '127.0.0.1',
  method: 'GET',
}

const server = createServer((request, response) => {
  backlog?.add({ ...entry, traceId: traceId(request), at: Date.now(), outcome: 'HUB_UPSTREAM_BUSY', status: 503, durationMs: 0.1 })
  response
    .writeHead(503, { 'content-type': 'application/problem+json; charset=utf-8', 'content-length': body.length, 'retry-after': '1' })
    .end(body)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))

async function openLog() {
  const database = openDatabase({ url: '', dataDir: folder })
  await migrate(database)
  return openAuditLog({ database, vault: createVault(Buffer.alloc(32, 1)), log: { info: () => {}, error: () => {} } })
}
