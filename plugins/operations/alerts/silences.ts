import { randomUUID } from 'node:crypto'
import type { Database } from '../../../core/base/database.ts'

/** For a while nothing is told of a rule, of a target, or of a target under a rule. */
export interface Silence {
  id: string
  rule: string | null
  target: string | null
  from: number
  until: number
  reason: string
  createdBy: string
  endedBy: string | null
}

export interface Silences {
  add(silence: Omit<Silence, 'id' | 'endedBy'>): Promise<Silence>
  /** Ends one before its time. → whether there was one that had not ended. */
  end(id: string, by: string): Promise<boolean>
  /** Those that hold now or will. */
  list(): Promise<Silence[]>
}

interface Row {
  id: string
  rule: string | null
  target: string | null
  from_at: number | string
  until_at: number | string
  reason: string
  created_by: string
  ended_by: string | null
}

export function createSilences(database: Database, now: () => number): Silences {
  const rows = () => database('alert_silences').where('until_at', '>', now())
  return {
    async add({ from, until, createdBy, ...rest }) {
      const id = randomUUID()
      const row = { id, ...rest, from_at: from, until_at: until, created_by: createdBy, created_at: now() }
      await database('alert_silences').insert(row)
      return { id, from, until, createdBy, ...rest, endedBy: null }
    },
    end: async (id, by) => (await rows().where({ id }).update({ until_at: now(), ended_by: by })) === 1,
    list: async () => ((await rows().orderBy('from_at')) as Row[]).map(readRow),
  }
}

/** Whether something is not told of at a time. A connector's name stands for all its systems. */
export function isSilenced(
  silences: readonly Silence[],
  alert: { rule: string; target: string; connector: string | null },
  at: number,
): boolean {
  return silences.some(
    ({ rule, target, from, until }) =>
      from <= at &&
      at < until &&
      (rule === null || rule === alert.rule) &&
      (target === null || target === alert.target || target === alert.connector),
  )
}

function readRow({ id, rule, target, from_at, until_at, reason, created_by, ended_by }: Row): Silence {
  return { id, rule, target, from: Number(from_at), until: Number(until_at), reason, createdBy: created_by, endedBy: ended_by }
}
