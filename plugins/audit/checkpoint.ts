import { GENESIS } from './chain.ts'
import type { Head } from './entry.ts'
import type { EvidenceKey } from './evidence-key.ts'
import { parse, readLine, type Signed, signLine } from './signed.ts'

/**
 * A line of the second place (setting AUDIT_HEADS): what all chains were at a moment, signed (plugins/audit/signed.ts).
 *
 *     {"at":…,"chains":…,"heads":[{"chain":…,"hash":…,"seq":…}],"n":…,"previous":…,"rows":…}
 *
 * Lines are numbered 1, 2, 3 …; `previous` is the hash of the line before (64 zeros before the first), so the lines are a
 * chain as well and one good signature vouches for all before it. `heads` holds those chains that the lines before do not
 * say as much of: read together, the greatest `seq` of each is the state of all. `chains` and `rows` count what there was:
 * a chain's rows are numbered without a gap, so `seq` is their number. `at` is what the clock said and orders nothing.
 */
export interface Checkpoint {
  readonly at: number
  readonly chains: number
  readonly heads: readonly Head[]
  readonly n: number
  readonly previous: string
  readonly rows: number
}

export interface ReadCheckpoint extends Checkpoint {
  readonly signed: Signed
}

/** The line that follows `previous`; the first one where there is none. */
export function writeCheckpoint(
  key: EvidenceKey,
  previous: { n: number; hash: string } | null,
  { at, chains, heads, rows }: Pick<Checkpoint, 'at' | 'chains' | 'heads' | 'rows'>,
): { line: string; n: number; hash: string } {
  const n = (previous?.n ?? 0) + 1
  const plain = heads.map(({ chain, hash, seq }) => ({ chain, hash, seq }))
  return { n, ...signLine(key, { at, chains, heads: plain, n, previous: previous?.hash ?? GENESIS, rows }) }
}

/** → null for a line that is none, for example the half of one that a power cut left. */
export function readCheckpoint(line: string): ReadCheckpoint | null {
  const signed = readLine(line)
  if (!signed) return null
  const value = parse(signed.text) as Partial<Checkpoint> | null
  if (typeof value !== 'object' || value === null) return null
  const { at, chains, heads, n, previous, rows } = value
  const numbers = [at, chains, n, rows].every((each) => typeof each === 'number')
  if (!numbers || typeof previous !== 'string' || !Array.isArray(heads) || !heads.every(isHead)) return null
  return { ...(value as Checkpoint), signed }
}

export function isHead(value: unknown): value is Head {
  const { chain, seq, hash } = (value ?? {}) as Record<string, unknown>
  return typeof chain === 'string' && typeof seq === 'number' && typeof hash === 'string'
}
