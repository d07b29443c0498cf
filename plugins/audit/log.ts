import { randomUUID } from 'node:crypto'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import type { Log } from '../../core/base/log.ts'
import type { Vault } from '../../core/base/vault.ts'
import { GENESIS, link, milestoneEntry, sealOf, witnessOf } from './chain.ts'
import type { AuditEntry, Head, Row } from './entry.ts'
import { appendRows, markWitnessed, readHeads, reasonOf } from './store.ts'

export interface AuditLog {
  /** Id of the chain that is written to. */
  readonly chain: string
  /** Resolves once the entry is on the disk. Rejects with HUB_AUDIT_UNAVAILABLE: then withhold what it was to vouch for. */
  write(entry: AuditEntry): Promise<void>
  /** False once a write failed, until the database takes one again (tried every second). */
  readonly healthy: boolean
  /** Entries that wait for their commit, and those that have had it. */
  readonly waiting: number
  readonly written: number
  /** Writes what is waiting, then the close row. Later writes are rejected. */
  close(): Promise<void>
}

export interface AuditLogOptions {
  database: Database
  vault: Vault
  log: Pick<Log, 'info' | 'error'>
}

const MAX_BATCH = 200
const MAX_WAITING = 10_000
/** While calls come together, waiting for company costs less than a commit of one's own: for as many as last time, but no longer than this. */
const WINDOW_MS = 5
const TRIAL_MS = 1000

interface Waiting {
  entry: AuditEntry
  resolve(): void
  reject(error: HubError): void
}

/** Opens a chain of this process (form: plugins/audit/chain.ts) and writes to it in group commits. */
export async function openAuditLog({ database, vault, log }: AuditLogOptions): Promise<AuditLog> {
  let head = await openChain()
  let waiting: Waiting[] = []
  let running: Promise<void> | null = null
  // How many rows the last commit had: as many are waited for. None: nothing is.
  let company = 0
  let gather: (() => void) | null = null
  let closed = false
  let written = 0
  let healthy = true
  // Whether a commit failed, so that only the database knows which head is the true one.
  let doubtful = false
  let trial: NodeJS.Timeout | null = null

  function run(): void {
    running ??= pause().then(drain)
  }

  /** Until the end of this turn of the event loop at least: whoever comes in it comes along. */
  function pause(): Promise<void> {
    return new Promise((resolve) => {
      if (company === 0) return setImmediate(resolve)
      const late = setTimeout(resolve, WINDOW_MS)
      gather = () => {
        gather = null
        clearTimeout(late)
        setImmediate(resolve)
      }
    })
  }

  async function drain(): Promise<void> {
    do {
      const batch = waiting.length > MAX_BATCH ? waiting.splice(0, MAX_BATCH) : waiting
      if (batch === waiting) waiting = []
      company = batch.length > 1 ? batch.length : 0
      await flush(batch)
    } while (waiting.length > 0)
    running = null
  }

  async function flush(batch: readonly Waiting[]): Promise<void> {
    try {
      if (doubtful) await settle()
    } catch (error) {
      // Not even a read succeeds: nobody waits for his turn to be refused.
      return fail([...batch, ...waiting.splice(0)], error)
    }
    try {
      await commit(batch)
    } catch (error) {
      doubtful = true
      return fail(batch, error)
    }
    if (!healthy) recovered()
    for (const { resolve } of batch) resolve()
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    let to = head
    const rows: Row[] = []
    for (const { entry } of batch) {
      const linked = link(to, entry)
      rows.push(linked.row)
      to = linked.head
    }
    await appendRows(database, { from: head, to, seal: sealOf(vault, to), rows })
    head = to
    written += rows.length
  }

  /** After a failed commit: takes over what the database has, unless it lost rows that were acknowledged. */
  async function settle(): Promise<void> {
    const [stored] = await readHeads(database, head.chain)
    const intact = stored && (stored.seq > head.seq ? stored.seal === sealOf(vault, stored) : stored.hash === head.hash)
    if (!intact) log.error({ chain: head.chain, seq: head.seq }, '审计链的末尾与本进程所写不符，可能被改动；另起新链并记录在案')
    head = intact ? { chain: stored.chain, seq: stored.seq, hash: stored.hash } : await openChain(head)
    doubtful = false
  }

  /** `lost`: a head of this process that the database no longer has; the new chain bears witness to it. */
  async function openChain(lost?: Head): Promise<Head> {
    const start: Head = { chain: randomUUID(), seq: 0, hash: GENESIS }
    const opened = await milestone(start, 'open', lost)
    log.info({ chain: opened.chain }, '审计链已开启')
    return opened
  }

  async function milestone(from: Head, action: 'open' | 'close', lost?: Head): Promise<Head> {
    const others = (await readHeads(database)).filter(({ chain }) => chain !== from.chain && chain !== lost?.chain)
    const heads: Head[] = others.filter((other) => other.witness !== witnessOf(vault, other))
    const { row, head: to } = link(from, milestoneEntry(from.chain, action, lost ? [...heads, lost] : heads))
    await appendRows(database, { from, to, seal: sealOf(vault, to), rows: [row] })
    // On its own, after the commit: a mark that gets lost only means that a head is recorded twice.
    for (const other of heads) await markWitnessed(database, other.chain, witnessOf(vault, other)).catch(() => {})
    return to
  }

  function fail(batch: readonly Waiting[], error: unknown): void {
    const reason = reasonOf(error)
    // A trial that fails again is no news.
    if (healthy || batch.length > 0) log.error({ chain: head.chain, seq: head.seq, rows: batch.length, reason }, '审计日志写入失败')
    healthy = false
    // A readiness check that heeds `healthy` keeps calls away, so recovery can't wait for one.
    trial ??= setInterval(run, TRIAL_MS).unref()
    const cause = new Error(reason)
    for (const { reject } of batch) reject(new HubError('HUB_AUDIT_UNAVAILABLE', {}, cause))
  }

  function recovered(): void {
    healthy = true
    if (trial) clearInterval(trial)
    trial = null
    log.info({ chain: head.chain, seq: head.seq }, '审计日志恢复写入')
  }

  return {
    get chain() {
      return head.chain
    },
    get healthy() {
      return healthy
    },
    get waiting() {
      return waiting.length
    },
    get written() {
      return written
    },
    write(entry) {
      if (closed || waiting.length >= MAX_WAITING) return Promise.reject(new HubError('HUB_AUDIT_UNAVAILABLE'))
      return new Promise((resolve, reject) => {
        waiting.push({ entry, resolve, reject })
        run()
        if (waiting.length >= company) gather?.()
      })
    },
    async close() {
      if (closed) return
      closed = true
      while (running) await running
      if (trial) clearInterval(trial)
      try {
        if (doubtful) await settle()
        head = await milestone(head, 'close')
        log.info({ chain: head.chain, seq: head.seq, hash: head.hash }, '审计链已关闭')
      } catch (error) {
        log.error({ chain: head.chain, seq: head.seq, hash: head.hash, reason: reasonOf(error) }, '审计链未能写入关闭记录')
      }
    },
  }
}
