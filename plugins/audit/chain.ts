import { hash as digest } from 'node:crypto'
import type { Vault } from '../../core/base/vault.ts'
import type { AuditEntry, ChainEntry, Head, Row } from './entry.ts'

/**
 * The form of the audit log, exact enough to be checked with nothing but SHA-256.
 *
 * Each process appends to a chain of its own, named by a UUID. Rows are numbered 1, 2, 3 … without
 * a gap; the first is an `open` row and, after an orderly stop, the last a `close` row.
 *
 *     record = JSON text, RFC 8785: keys in order, no spaces; holds the chain's id and the seq
 *     hash   = SHA-256(previous ‖ record) in lower-case hex, where `previous` is the hash of the
 *              row before as 64 ASCII characters, and 64 zeros before the first row
 *
 *     printf '%s%s' "$previous" "$record" | sha256sum
 *
 * `audit_chains` keeps seq and hash of each chain's last row, changed in the transaction that adds
 * rows, with a seal: an HMAC over `chain|seq|hash` (purpose `audit-head`, core/base/vault.ts). Who can
 * write the database but lacks the key can neither rebuild a chain nor cut off its end.
 *
 * An open or close row records the `heads` of other chains, so that a whole chain cannot vanish
 * either. A head that such a row holds already is left out (the chain's `witness`, an HMAC with
 * purpose `audit-witness`, says so): dropping a chain means dropping its witness, and the witness's
 * witness, up to the newest chain. That newest one, rows added since a chain was last witnessed, and
 * all of it against somebody who puts an older state back, are guarded by the checkpoints in a second
 * place (plugins/audit/checkpoint.ts). docs/evidence.md says what is found and what is not.
 */
export const GENESIS = '0'.repeat(64)

/** The row that follows `previous`, and the head that it makes. */
export function link(previous: Head, entry: ChainEntry): { row: Row; head: Head } {
  const { chain } = previous
  const seq = previous.seq + 1
  const at = Math.trunc(entry.at)
  const traceId = code(entry.traceId) ?? ''
  const user = code(entry.user)
  const connector = code(entry.connector)
  const service = code(entry.service)
  const outcome = code(entry.outcome) ?? ''
  // Keys in the order of RFC 8785; those that are undefined are left out.
  const record = JSON.stringify({
    action: entry.action,
    actor: entry.actor,
    app: text(entry.app),
    at,
    chain,
    clientIp: text(entry.clientIp),
    connector,
    durationMs: entry.durationMs,
    enterprise: text(entry.enterprise),
    fields: entry.fields,
    file: entry.file && { sha256: entry.file.sha256, size: entry.file.size },
    heads: entry.heads?.map((head) => ({ chain: head.chain, hash: head.hash, seq: head.seq })),
    method: text(entry.method),
    outcome,
    purpose: text(entry.purpose),
    revealed: entry.revealed,
    role: entry.role,
    rows: entry.rows,
    seq,
    service,
    status: entry.status,
    subjects: entry.subjects,
    submission: entry.submission,
    target: entry.target,
    traceId,
    upstreamMs: entry.upstreamMs,
    upstreamStatus: entry.upstreamStatus,
    user,
    version: entry.version,
  })
  const hash = hashRecord(previous.hash, record)
  return { row: [chain, seq, at, traceId, user, connector, service, outcome, record, hash], head: { chain, seq, hash } }
}

/** What is on record of something that nobody asked for by HTTP; whoever writes it adds what there is to say. */
export const NO_CALL = {
  app: null,
  user: null,
  enterprise: null,
  connector: null,
  service: null,
  purpose: null,
  clientIp: null,
  method: null,
  outcome: 'ok',
  status: 0,
  durationMs: 0,
  upstreamStatus: null,
  upstreamMs: null,
  fields: [],
  rows: null,
} as const satisfies Partial<AuditEntry>

/** The first or last entry of a chain. */
export function milestoneEntry(chain: string, action: 'open' | 'close', heads: readonly Head[]): ChainEntry {
  return { ...NO_CALL, action, traceId: chain.replaceAll('-', ''), at: Date.now(), heads }
}

export function hashRecord(previous: string, record: string): string {
  return digest('sha256', previous + record, 'hex')
}

export function sealOf(vault: Vault, head: Head): string {
  return vault.fingerprint(`${head.chain}|${head.seq}|${head.hash}`, 'audit-head')
}

export function witnessOf(vault: Vault, head: Head): string {
  return vault.fingerprint(`${head.chain}|${head.seq}|${head.hash}`, 'audit-witness')
}

const PLAIN = /^[!-~]{0,64}$/

/**
 * A value that also has a column. One that would not fit there, or come back changed, would take
 * every row of its batch down with it, so it is cut to what every database keeps as it is.
 */
function code(value: string | null): string | null {
  if (value === null || PLAIN.test(value)) return value
  return value.slice(0, 64).replace(/[^!-~]/g, '?')
}

function text(value: string | null): string | null {
  return value === null || value.length <= 200 ? value : value.slice(0, 200)
}
