import { createHash } from 'node:crypto'
import type { Test } from 'tap'
import type { Database } from '../../core/base/database.ts'
import { createVault } from '../../core/base/vault.ts'
import { migrate } from '../../migrations/index.ts'
import type { AuditEntry } from '../../plugins/audit/entry.ts'
import { type AuditLog, openAuditLog } from '../../plugins/audit/log.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import type { Target } from './targets.ts'

export const vault = createVault(Buffer.alloc(32, 7))

export interface Place {
  database: Database
  /** Everything that logs opened here said. */
  said: string[]
  open(database?: Database): Promise<AuditLog>
  /** Another handle on the same store, as another process would have. */
  connect(): Database
}

/** A migrated, empty store; logs and handles are closed with the test. */
export async function place(t: Test, target: Target): Promise<Place> {
  const { settings, drop } = await target.create()
  const connect = () => openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
  const database = connect()
  const handles = [database]
  const logs: AuditLog[] = []
  const said: string[] = []
  const say = (...words: unknown[]) => void said.push(JSON.stringify(words))
  t.teardown(async () => {
    for (const log of logs) await log.close()
    for (const handle of handles) await handle.destroy()
    await drop()
  })
  await migrate(database)
  return {
    database,
    said,
    async open(on = database) {
      const log = await openAuditLog({ database: on, vault, log: { info: say, error: say } })
      logs.push(log)
      return log
    },
    connect() {
      const handle = connect()
      handles.push(handle)
      return handle
    },
  }
}

let calls = 0

export function entry(changes: Partial<AuditEntry> = {}): AuditEntry {
  calls++
  return {
    action: 'call',
    traceId: calls.toString(16).padStart(32, '0'),
    at: 1_790_000_000_000 + calls,
    app: 'app-mobile',
    user: 'pseudonym-of-somebody',
    enterprise: null,
    connector: 'housing-fund',
    service: 'personal-account',
    purpose: '本人查询',
    clientIp: '127.0.0.1',
    method: 'GET',
    outcome: 'ok',
    status: 200,
    durationMs: 12.5,
    upstreamStatus: 200,
    upstreamMs: 8,
    fields: ['name', 'balance'],
    rows: 1,
    ...changes,
  }
}

export interface StoredRow {
  chain: string
  seq: number
  at: number
  trace_id: string
  user: string | null
  connector: string | null
  service: string | null
  outcome: string
  record: string
  hash: string
}

export function rowsOf(database: Database, chain?: string): Promise<StoredRow[]> {
  const query = database('audit_rows').orderBy(['chain', 'seq']).select<StoredRow[]>('*')
  return Promise.resolve(chain === undefined ? query : query.where({ chain }))
}

/** Ids of the chains in the order of their opening. */
export async function chainsOf(database: Database): Promise<string[]> {
  const rows: { chain: string; at: number }[] = await database('audit_rows')
    .where({ seq: 1 })
    .orderBy(['at', 'chain'])
    .select('chain', 'at')
  return rows.map(({ chain }) => chain)
}

/** The hash as an outsider computes it, from the words of plugins/audit/chain.ts and nothing else. */
export function sha256(previous: string, record: string): string {
  return createHash('sha256').update(previous, 'ascii').update(record, 'utf8').digest('hex')
}
