import type { Head } from './entry.ts'
import type { PublicKey } from './evidence-key.ts'
import { readManifests } from './manifest.ts'
import { type Stretch, walkRows } from './rows.ts'
import { readLine } from './signed.ts'
import { type AuditFault, type AuditReport, MAX_FAULTS } from './verify.ts'
import { type Pin, readWitness, type Witness } from './witness.ts'

export interface OfflineOptions {
  /** Of an export (form: plugins/audit/export.ts). */
  lines: AsyncIterable<string>
  /** Of the second place. */
  heads: AsyncIterable<string>
  keys: readonly PublicKey[]
  expect?: string
}

/** Rows are dated when their call began and written when it ended; so much may lie between. */
const MARGIN_MS = 10 * 60_000

interface Pins {
  /** The last before the span: what the export need not hold. */
  before?: Pin
  /** The last within it: what the export must hold. */
  within?: Pin
}

/**
 * Checks an export against the checkpoints with the public key and nothing else: no database, no master key. Every row is
 * recomputed; what a checkpoint vouches for within the span must be there and be the same.
 */
export async function verifyExport({ lines, heads, keys, expect }: OfflineOptions): Promise<AuditReport & { witness: Witness }> {
  const faults: AuditFault[] = []
  const accuse = (chain: string, seq: number, kind: AuditFault['kind'], detail: string) => {
    if (faults.length < MAX_FAULTS) faults.push({ chain, seq, kind, detail })
  }
  const iterator = lines[Symbol.asyncIterator]()
  const { from, to } = spanOf((await iterator.next()).value, accuse)
  const pins = new Map<string, Pins>()
  const witness = await readWitness(heads, { keys, ...(expect ? { expect } : {}), visit: (pin) => note(pins, pin, from, to) })
  for (const fault of witness.faults) accuse('', 0, 'heads', fault)

  const manifests: string[] = []
  let end: { chains?: number; rows?: number } | undefined
  const visit = ({ chain, seq, hash }: Head) => {
    for (const pin of Object.values(pins.get(chain) ?? {}) as Pin[])
      if (pin.seq === seq && pin.hash !== hash) accuse(chain, seq, 'altered', '记录的摘要与检查点不同：记录被改写')
  }
  const { stretches, rows } = await walkRows(rest(iterator), { accuse, visit }, (other) => {
    const line = JSON.stringify(other)
    if (readLine(line)) manifests.push(line)
    else end = (other as { end?: { chains?: number; rows?: number } } | null)?.end ?? end
  })
  if (end?.rows !== rows || end.chains !== stretches.size) accuse('', 0, 'missing', '导出的文件不完整：没有结尾，或行数与结尾所说不符')
  const archived = readManifests(manifests, keys)
  for (const fault of archived.faults) accuse('', 0, 'archive', fault)
  for (const [chain, stretch] of stretches)
    checkBeginning(stretch, from === null, archived.ends.get(chain), pins.get(chain)?.before, accuse)
  for (const [chain, { before, within }] of pins)
    checkHeld(chain, stretches.get(chain), archived.ends.get(chain), from === null ? undefined : before, within, accuse)
  return { chains: stretches.size, rows, faults, witness }
}

type Accuse = (chain: string, seq: number, kind: AuditFault['kind'], detail: string) => void

function spanOf(line: unknown, accuse: Accuse): { from: number | null; to: number | null } {
  try {
    const { from, to } = JSON.parse(String(line)).export
    return { from, to }
  } catch {
    accuse('', 0, 'missing', '不是导出的文件：没有开头的一行')
    return { from: null, to: null }
  }
}

function note(pins: Map<string, Pins>, pin: Pin, from: number | null, to: number | null): void {
  const known = pins.get(pin.chain) ?? {}
  if (from !== null && pin.at < from + MARGIN_MS && pin.seq >= (known.before?.seq ?? 0)) known.before = pin
  if ((to === null || pin.at <= to) && pin.seq >= (known.within?.seq ?? 0)) known.within = pin
  pins.set(pin.chain, known)
}

/** Without a lower bound a chain begins with its first row, or where the archives end. */
function checkBeginning(stretch: Stretch, whole: boolean, end: Head | undefined, before: Pin | undefined, accuse: Accuse): void {
  const { chain, first } = stretch
  const from = whole ? (end?.seq ?? 0) : Math.max(end?.seq ?? 0, before?.seq ?? 0)
  if (first > from + 1) accuse(chain, from + 1, 'missing', `缺第 ${from + 1} 至 ${first - 1} 条记录`)
  const base = first === 1 ? '0'.repeat(64) : first === (end?.seq ?? 0) + 1 ? end?.hash : stretch.before
  if (base !== stretch.before) accuse(chain, first, 'altered', '第一条记录不接着归档的末尾')
}

function checkHeld(
  chain: string,
  found: Stretch | undefined,
  end: Head | undefined,
  before: Pin | undefined,
  within: Pin | undefined,
  accuse: Accuse,
): void {
  if (!within || within.seq <= Math.max(before?.seq ?? 0, end?.seq ?? 0)) return
  if (!found) accuse(chain, within.seq, 'chain-missing', '检查点有这条链，导出里没有')
  else if (found.seq < within.seq) accuse(chain, found.seq + 1, 'cut', `缺第 ${found.seq + 1} 至 ${within.seq} 条记录：检查点说有`)
}

async function* rest(iterator: AsyncIterator<string>): AsyncGenerator<string> {
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
}
