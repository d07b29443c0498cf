/** One thing the hub did for somebody. It names people by pseudonym and fields by name: no personal data. */
export interface AuditEntry {
  /**
   * A caller's request; a job filing a submission; a job asking for its status; a job asking for what was subscribed to; the same
   * question to a connector's candidate version, whose answer nobody sees.
   */
  action: 'call' | 'delivery' | 'status' | 'subscription' | 'shadow'
  /** Like user, connector, service and outcome: printable ASCII, at most 64 characters. */
  traceId: string
  /** Start, in epoch milliseconds. */
  at: number
  app: string | null
  /** Pseudonym; never a name or an id number. */
  user: string | null
  enterprise: string | null
  connector: string | null
  service: string | null
  purpose: string | null
  clientIp: string | null
  method: string | null
  /** `ok` or the HUB_* code. */
  outcome: string
  status: number
  durationMs: number
  upstreamStatus: number | null
  upstreamMs: number | null
  /** Names of the fields that were returned; never a value. */
  fields: readonly string[]
  rows: number | null
  /** Names of those that were shown whole, at their owner's wish, where others are masked. */
  revealed?: readonly string[]
  /** Pseudonym of who acts for the user: a guardian, or an operator at a counter. */
  actor?: string
  /** Id of the submission concerned. */
  submission?: string
  /** Whom or what an administrator's act concerned: a user's pseudonym, the id of an enterprise or mandate. */
  target?: string
  /** Pseudonyms of those whose data a list showed to somebody else. */
  subjects?: readonly string[]
  /** The role in which an administrator acted. */
  role?: string
  /** What was handed out of an agency's file: SHA-256 in hex, and its bytes. */
  file?: { sha256: string; size: number }
  /** Of the connector, where not the running one answered but its candidate. */
  version?: string
}

export interface Head {
  readonly chain: string
  readonly seq: number
  readonly hash: string
}

/** What a row says: an entry, or the opening or closing of the chain. */
export type ChainEntry = Omit<AuditEntry, 'action'> & { action: AuditEntry['action'] | 'open' | 'close'; heads?: readonly Head[] }

export const COLUMNS = ['chain', 'seq', 'at', 'trace_id', 'user', 'connector', 'service', 'outcome', 'record', 'hash'] as const

/** Values in the order of {@link COLUMNS}. */
export type Row = readonly (string | number | null)[]
