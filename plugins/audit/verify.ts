import type { Database } from '../../core/base/database.ts'
import { beijing } from '../../core/base/time.ts'
import type { Vault } from '../../core/base/vault.ts'
import { GENESIS, hashRecord, sealOf } from './chain.ts'
import type { Head } from './entry.ts'
import { type Archived, manifestLines, readManifests } from './manifest.ts'
import { hashAt } from './rows.ts'
import { readHeads, type StoredHead } from './store.ts'
import type { Pin } from './witness.ts'

/** `cut`: a checkpoint saw more; `heads` and `archive`: something is wrong with the checkpoints or the archives themselves. */
export type FaultKind = 'altered' | 'missing' | 'order' | 'column' | 'seal' | 'head' | 'chain-missing' | 'cut' | 'heads' | 'archive'

/** Where the log is not what was written. `detail` is a Chinese sentence for an operator. */
export interface AuditFault {
  chain: string
  seq: number
  kind: FaultKind
  detail: string
}

export interface AuditReport {
  chains: number
  rows: number
  /** At most {@link MAX_FAULTS}. */
  faults: AuditFault[]
}

export const MAX_FAULTS = 1000
const PAGE = 500

interface StoredRow {
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

export interface VerifyOptions {
  database: Database
  vault: Vault
  /** What checkpoints vouch for, read before: whatever they tell of was in the database earlier still. */
  witnessed?: ReadonlyMap<string, Pin>
  /** Where archives end, looked at with the public key. Without it the manifests are taken as they stand. */
  archived?: Archived
  /** Told after every chain: how many of how many are done, and the rows so far. */
  onProgress?(chains: number, of: number, rows: number): void
}

type Accuse = (chain: string, seq: number, kind: FaultKind, detail: string) => void

/**
 * Recomputes every chain (form: plugins/audit/chain.ts) in pages, so memory stays bounded. Safe while
 * hubs are writing: a chain is checked up to the head that it had at the start.
 */
export async function verifyAudit({ database, vault, witnessed, archived, onProgress }: VerifyOptions): Promise<AuditReport> {
  const report: AuditReport = { chains: 0, rows: 0, faults: [] }
  const seen = new Set<string>()
  const accuse: Accuse = (chain, seq, kind, detail) => {
    const key = `${chain}|${seq}|${kind}`
    if (report.faults.length >= MAX_FAULTS || seen.has(key)) return
    seen.add(key)
    report.faults.push({ chain, seq, kind, detail })
  }

  const { ends, faults } = archived ?? readManifests(await manifestLines(database), null)
  for (const [index, fault] of faults.entries()) accuse('', index, 'archive', fault)
  // Last rows before heads: both move in one transaction, so no row is ahead of a head read later.
  const last = await lastRows(database)
  const heads = await readHeads(database)
  for (const head of heads) {
    report.chains++
    if ((last.get(head.chain) ?? 0) > head.seq) accuse(head.chain, head.seq + 1, 'head', '表头之后另有记录，不是由平台写入')
    if (head.seal !== sealOf(vault, head)) accuse(head.chain, head.seq, 'seal', '表头的签封不符，表头不是由平台写入')
    report.rows += await verifyChain({ database, ends, accuse }, head, head)
    last.delete(head.chain)
    onProgress?.(report.chains, heads.length, report.rows)
  }
  for (const [chain, seq] of last) {
    report.chains++
    accuse(chain, seq, 'chain-missing', '链的登记已被删除，记录尚在')
    report.rows += await verifyChain({ database, ends, accuse }, { chain, seq, hash: '' }, null)
  }
  const registered = new Set(heads.map(({ chain }) => chain))
  for (const { chain, seq } of ends.values())
    if (!registered.has(chain)) accuse(chain, seq, 'chain-missing', '链的登记已被删除，归档里有它')
  for (const pin of witnessed?.values() ?? []) await verifyPin({ database, ends, accuse }, pin)
  return report
}

async function lastRows(database: Database): Promise<Map<string, number>> {
  const rows: { chain: string; seq: number }[] = await database('audit_rows').groupBy('chain').select('chain').max({ seq: 'seq' })
  return new Map(rows.map(({ chain, seq }) => [chain, Number(seq)]))
}

interface Look {
  database: Database
  /** Where the archives end, by chain. */
  ends: ReadonlyMap<string, Head>
  accuse: Accuse
}

/** Checks the rows after the archive's end, up to `end.seq`; returns how many there were. */
async function verifyChain({ database, ends, accuse }: Look, end: Head, head: StoredHead | null): Promise<number> {
  const { chain } = end
  const start = ends.get(chain)
  // Hashes that the next row may build on; null where the row before can't tell.
  let previous: readonly string[] | null = [start?.hash ?? GENESIS]
  let seq = start?.seq ?? 0
  let count = 0
  for (let full = true; full; ) {
    const page: StoredRow[] = await database('audit_rows')
      .where({ chain })
      .where('seq', '>', seq)
      .where('seq', '<=', end.seq)
      .orderBy('seq')
      .limit(PAGE)
      .select('seq', 'at', 'trace_id', 'user', 'connector', 'service', 'outcome', 'record', 'hash')
    for (const row of page) {
      const expected = seq + 1
      seq = Number(row.seq)
      if (seq !== expected) {
        accuse(chain, expected, 'missing', `缺第 ${span(expected, seq - 1)} 条记录`)
        previous = null
      }
      const next = verifyRow(chain, row, previous, accuse)
      previous = next.hashes
      if (expected === 1 && head && next.record && next.record['at'] !== head.openedAt) {
        accuse(chain, seq, 'column', '链的开启时间与记录不符')
      }
      for (const claim of claims(next.record)) await verifyClaim({ database, ends, accuse }, chain, seq, claim)
    }
    count += page.length
    full = page.length === PAGE
  }
  if (seq < end.seq) accuse(chain, seq + 1, 'missing', `缺第 ${span(seq + 1, end.seq)} 条记录`)
  else if (head && previous && !previous.includes(head.hash)) accuse(chain, head.seq, 'head', '表头与最后一条记录不符')
  return count
}

type Parsed = Record<string, unknown>

function verifyRow(chain: string, row: StoredRow, previous: readonly string[] | null, accuse: Accuse) {
  const seq = Number(row.seq)
  const record = parse(row.record)
  if (record && (record['chain'] !== chain || record['seq'] !== seq)) {
    accuse(chain, seq, 'order', `此处是链 ${record['chain']} 的第 ${record['seq']} 条记录`)
    return { record: null, hashes: null }
  }
  const computed = (previous ?? []).map((hash) => hashRecord(hash, row.record))
  if (!record || (previous && !computed.includes(row.hash))) {
    accuse(chain, seq, 'altered', '记录或其摘要被改动，或前一条记录被替换')
    // Either of record and hash may be the one that is still true; the next row shows which.
    return { record, hashes: [row.hash, ...computed] }
  }
  const wrong = columns(row, record)
  if (wrong.length > 0) accuse(chain, seq, 'column', `检索列与记录不符：${wrong.join('、')}`)
  return { record, hashes: [row.hash] }
}

function columns(row: StoredRow, record: Parsed): string[] {
  const pairs: [string, unknown, unknown][] = [
    ['at', Number(row.at), record['at']],
    ['trace_id', row.trace_id, record['traceId']],
    ['user', row.user, record['user']],
    ['connector', row.connector, record['connector']],
    ['service', row.service, record['service']],
    ['outcome', row.outcome, record['outcome']],
  ]
  return pairs.filter(([, column, value]) => column !== value).map(([name]) => name)
}

function parse(text: string): Parsed | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Parsed) : null
  } catch {
    return null
  }
}

/** The heads of other chains that an open or close row bears witness to. */
function claims(record: Parsed | null): Head[] {
  return record && Array.isArray(record['heads']) ? (record['heads'] as Head[]) : []
}

async function verifyClaim({ database, ends, accuse }: Look, witness: string, at: number, claim: Head): Promise<void> {
  const { chain, seq, hash } = claim
  // What an archive holds is looked at there.
  if (seq < (ends.get(chain)?.seq ?? 0)) return
  const row = { hash: await hashAt(database, chain, seq, ends.get(chain)) }
  if (row.hash === hash) return
  const by = `（链 ${witness} 第 ${at} 条记录可证）`
  if (row.hash !== null) return accuse(chain, seq, 'altered', `记录的摘要与当时不同${by}`)
  const any = await database('audit_rows').where({ chain }).first('seq')
  if (any) accuse(chain, seq, 'missing', `缺第 ${seq} 条记录${by}`)
  else accuse(chain, seq, 'chain-missing', `整条链的记录已被删除${by}`)
}

/** What a checkpoint saw is still there: a chain only grows, and an older head put back cannot hide what was cut. */
async function verifyPin({ database, ends, accuse }: Look, { chain, seq, hash, at }: Pin): Promise<void> {
  const end = ends.get(chain)
  if (seq < (end?.seq ?? 0)) return
  const found = await hashAt(database, chain, seq, end)
  if (found === hash) return
  const by = `（${beijing(at)} 的检查点可证）`
  if (found !== null) return accuse(chain, seq, 'altered', `记录的摘要与当时不同${by}`)
  // A gap within the chain is told already.
  if (await database('audit_rows').where({ chain }).where('seq', '>', seq).first('seq')) return
  const last = await database('audit_rows').where({ chain }).where('seq', '<', seq).orderBy('seq', 'desc').first('seq')
  const from = Number(last?.seq ?? end?.seq ?? 0) + 1
  if (from === 1) accuse(chain, seq, 'chain-missing', `整条链不在库里：被删除，或数据库恢复到了早先的状态${by}`)
  else accuse(chain, from, 'cut', `缺第 ${span(from, seq)} 条记录：末尾被截去，或数据库恢复到了早先的状态${by}`)
}

function span(from: number, to: number): string {
  return from === to ? `${from}` : `${from} 至 ${to}`
}
