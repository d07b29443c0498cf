import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'

/** How a candidate is used: not at all, asked for comparison, or besides answering a part of the users. */
export const candidateModes = { off: '不用', shadow: '影子比对', canary: '灰度' } as const
export type CandidateMode = keyof typeof candidateModes

/** Shares are whole percents. */
export interface Mode {
  connector: string
  /** Of the candidate: to another one it says nothing. */
  version: string
  mode: CandidateMode
  /** Of the reads that the running version answered those that the candidate is asked as well. */
  shadowShare: number
  /** Of the users those whom the candidate answers. */
  share: number
  /** Why the hub itself took the share back; null where a person has set it. */
  reason: string | null
  changedBy: string | null
  /** Epoch milliseconds. */
  changedAt: number
}

export interface Modes {
  /** As this process last read it. */
  of(connector: string, version: string): Mode | null
  set(change: Omit<Mode, 'changedAt' | 'reason'>, transaction?: Knex.Transaction): Promise<Mode>
  /** Takes the share back where it is still the one that was judged. → whether it was. */
  fallBack(mode: Mode, reason: string): Promise<boolean>
  /** Reads them now. */
  load(): Promise<void>
}

type Row = Record<'connector' | 'version', string> & {
  mode: CandidateMode
  shadow_share: number
  share: number
  reason: string | null
  changed_by: string | null
  changed_at: number | string
}

/** What administrators have said of candidates, as every process has it once it has read them again. */
export function createModes(database: Database): Modes {
  let known: ReadonlyMap<string, Mode> = new Map()
  // One after the other, so that what was read earlier never replaces what was read later.
  let reading = Promise.resolve()

  async function read(): Promise<void> {
    const rows: Row[] = await database('candidate_modes').select()
    known = new Map(rows.map((row) => [row.connector, toMode(row)]))
  }

  function load(): Promise<void> {
    const work = reading.then(read)
    reading = work.catch(() => undefined)
    return work
  }

  return {
    of(connector, version) {
      const mode = known.get(connector)
      return mode?.version === version ? mode : null
    },
    async set({ connector, version, mode, shadowShare, share, changedBy }, transaction) {
      const row = {
        connector,
        version,
        mode,
        shadow_share: shadowShare,
        share,
        reason: null,
        changed_by: changedBy,
        changed_at: Date.now(),
      }
      await (transaction ?? database)('candidate_modes').insert(row).onConflict('connector').merge()
      if (!transaction) await load()
      return toMode(row)
    },
    async fallBack({ connector, version, changedAt }, reason) {
      const row = { share: 0, reason: reason.slice(0, 200), changed_by: null, changed_at: Date.now() }
      const changed = await database('candidate_modes')
        .where({ connector, version, changed_at: changedAt })
        .where('share', '>', 0)
        .update(row)
      await load()
      return changed > 0
    },
    load,
  }
}

function toMode({ connector, version, mode, shadow_share, share, reason, changed_by, changed_at }: Row): Mode {
  const shares = { shadowShare: Number(shadow_share), share: Number(share) }
  return { connector, version, mode, ...shares, reason, changedBy: changed_by, changedAt: Number(changed_at) }
}
