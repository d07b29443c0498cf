import type { Database } from '../../core/base/database.ts'
import type { Log } from '../../core/base/log.ts'
import { type ReadCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import type { Head } from './entry.ts'
import type { EvidenceKey } from './evidence-key.ts'
import type { HeadsPlace, Seen } from './heads-place.ts'
import { isGenuine } from './signed.ts'
import { readHeads, reasonOf } from './store.ts'

export interface CheckpointState {
  /** False once a checkpoint could not be written, until one is. */
  readonly healthy: boolean
  /** The newest line known of, whoever wrote it; null before the first. */
  readonly last: { readonly n: number; readonly at: number; readonly hash: string } | null
  /** Since when it is the newest, by a clock that nobody turns; null before the first. */
  readonly ageMs: number | null
}

export interface Checkpoints {
  readonly state: CheckpointState
  /** Writes one that names whatever the place doesn't know yet. Rejects when that cannot be done. */
  write(): Promise<void>
  /** The same, unless somebody wrote one lately; never rejects: it is told in the log and in `state`, and tried again. */
  writeIfDue(): Promise<void>
}

export interface CheckpointOptions {
  database: Database
  place: HeadsPlace
  /** Asked at each line: it may have been replaced. */
  keyNow(): EvidenceKey
  /** For a process that lives for one act: names this chain alone. */
  only?: string
  log: Pick<Log, 'info' | 'error'>
}

/** With a look every {@link LOOK_MS}, no minute passes without a line. */
const DUE_MS = 40_000
export const LOOK_MS = 10_000

/** Writes what all chains are to the second place (form: plugins/audit/checkpoint.ts). */
export function createCheckpoints({ database, place, keyNow, only, log }: CheckpointOptions): Checkpoints {
  // What the lines of the place say of each chain, as far as this process has seen them.
  const known = new Map<string, number>()
  let last: { n: number; at: number; hash: string } | null = null
  let since = 0
  let healthy = true

  async function write(due: () => boolean): Promise<void> {
    // Before the place is looked at: whatever a line there says was in the database earlier still.
    const heads = await readHeads(database)
    // Against what was known then: another process may write of later rows before this one's turn comes.
    for (const { chain, seq } of heads) if (seq < (known.get(chain) ?? 0)) accuse(chain, seq)
    const chains = heads.length
    const rows = heads.reduce((sum, { seq }) => sum + seq, 0)
    const key = keyNow()
    let made: { last: NonNullable<CheckpointState['last']>; news: Head[] } | null = null
    await place.append((seen) => {
      take(seen, key)
      made = null
      if (!due()) return null
      const news = heads.filter(({ chain, seq }) => (only ?? chain) === chain && seq > (known.get(chain) ?? 0))
      const at = Date.now()
      const { line, n, hash } = writeCheckpoint(key, last, { at, chains, heads: news, rows })
      made = { last: { n, at, hash }, news }
      return line
    })
    // Only now is it there: a line that failed is none that the next one could follow.
    if (made) settle(made)
  }

  function settle({ last: written, news }: { last: NonNullable<CheckpointState['last']>; news: Head[] }): void {
    learn(news)
    last = written
    since = performance.now()
  }

  function take({ lines, shrunk }: Seen, key: EvidenceKey): void {
    if (shrunk) {
      log.error({ place: place.name, n: last?.n }, '存放检查点的地方少了内容：被移走，或被截去；从头写起')
      known.clear()
    }
    // From the end: the last genuine line is the one to follow. What somebody else put there must not get this one's word.
    const [seen, first] = [last?.n ?? 0, last === null]
    const genuine: ReadCheckpoint[] = []
    for (const line of lines.toReversed()) {
      const checkpoint = readCheckpoint(line)
      if (!checkpoint || checkpoint.n <= seen || !isGenuine(checkpoint.signed, [key, ...key.former])) continue
      genuine.unshift(checkpoint)
      if (first) break
    }
    for (const checkpoint of genuine) follow(checkpoint)
  }

  function follow({ n, at, heads, signed }: ReadCheckpoint): void {
    learn(heads)
    last = { n, at, hash: signed.hash }
    since = performance.now() - Math.max(0, Date.now() - at)
  }

  function learn(heads: readonly Head[]): void {
    for (const { chain, seq } of heads) known.set(chain, Math.max(seq, known.get(chain) ?? 0))
  }

  /** A chain never gets shorter: a commit is in the database before a checkpoint tells of it. */
  function accuse(chain: string, seq: number): void {
    log.error({ chain, seq, before: known.get(chain) }, '审计链比先前的检查点短：记录被截去，或数据库恢复到了早先的状态')
  }

  const isDue = () => last === null || performance.now() - since >= DUE_MS

  async function tell(work: Promise<void>): Promise<void> {
    try {
      await work
      if (!healthy) log.info({ place: place.name }, '检查点恢复写入')
      healthy = true
    } catch (error) {
      if (healthy) log.error({ place: place.name, reason: reasonOf(error) }, '检查点未能写入，稍后再试；中枢照常办理')
      healthy = false
      throw error
    }
  }

  // One turn at a time: two would write one after the other what one says.
  let running: Promise<void> = Promise.resolve()
  function turn(due: () => boolean): Promise<void> {
    running = running.catch(() => {}).then(() => tell(write(due)))
    return running
  }

  return {
    get state() {
      return { healthy, last, ageMs: last && performance.now() - since }
    },
    write: () => turn(() => true),
    async writeIfDue() {
      if (isDue() || !healthy) await turn(isDue).catch(() => {})
    },
  }
}
