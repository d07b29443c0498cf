import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { transact } from '../../../core/base/transact.ts'
import { createSketch, type Sketch } from '../statistics/sketch.ts'
import type { Received } from './emptiness.ts'

const HOUR_MS = 3_600_000
/** Spans of what the candidate and the running version answered to callers: of the last few the hub judges. */
const ANSWERS_MS = 300_000
const COMPARED_KEPT_MS = 14 * 24 * HOUR_MS
const ANSWERS_KEPT_MS = 2 * HOUR_MS

/** Of which version of which connector. */
export interface Subject {
  connector: string
  version: string
}

/** What is counted, and who are counted: of comparison by the hour, of answers to callers by five minutes. */
export type CallerKind = 'shadow' | 'answers'
export type CountKind = 'shadow' | 'equal' | 'missing' | 'added' | 'type' | 'value' | 'error' | 'ms.running' | 'ms.candidate'
export type SideName = 'running' | 'candidate'
export type AnswerKind = `answers.${SideName}`

export interface Count {
  service: string
  kind: string
  name: string
  n: number
}

export interface Counts {
  add(subject: Subject, service: string, kind: CountKind | AnswerKind, name: string): void
  caller(subject: Subject, kind: CallerKind, pseudonym: string): void
  /** Whom a version answered, and whether with anything. */
  receiver(subject: Subject, service: string, side: SideName, found: boolean, pseudonym: string): void
  /** What this process has counted of reads and answers since its start. */
  totals(): readonly (Subject & { kind: string; name: string; n: number })[]
  /** Adds what this process has counted to the store's. */
  flush(): Promise<void>
  /** Sums over all processes: all of the comparison that is kept, or the answers of the last so many milliseconds. */
  read(subject: Subject, of: CallerKind, lastMs?: number): Promise<{ counts: Count[]; callers: number; since: number | null }>
  /** Over all processes, of one service and the last so many milliseconds. */
  receivers(subject: Subject, service: string, lastMs: number): Promise<Record<SideName, Received>>
  purge(): Promise<void>
}

/** Those of a service stand in a table of their own. */
type SketchKey = Subject & { at: number; kind: string; service?: string }
interface Seen {
  key: SketchKey
  sketch: Sketch
}

interface Pending extends Subject {
  at: number
  service: string
  kind: string
  name: string
  n: number
}

export function createCounts(database: Database, now: () => number = Date.now): Counts {
  let counted = new Map<string, Pending>()
  let seen = new Map<string, Seen>()
  const totals = new Map<string, Subject & { kind: string; name: string; n: number }>()
  let flushing = Promise.resolve()

  const spanOf = (kind: string) => {
    const span = kind.startsWith('answers') ? ANSWERS_MS : HOUR_MS
    return Math.floor(now() / span) * span
  }

  function total(key: Subject & { kind: string; name: string }): void {
    const id = JSON.stringify(key)
    totals.set(id, { ...key, n: (totals.get(id)?.n ?? 0) + 1 })
  }

  function see(key: SketchKey, pseudonym: string): void {
    const id = JSON.stringify(key)
    const found = seen.get(id) ?? { key, sketch: createSketch() }
    seen.set(id, found)
    found.sketch.add(pseudonym)
  }

  /** All who are in any of the sketches that `which` names. */
  async function union(table: string, which: object, from: number): Promise<number> {
    const sketches: { sketch: string }[] = await database(table).where(which).where('at', '>=', from).select('sketch')
    const all = createSketch()
    for (const { sketch } of sketches) all.merge(createSketch(sketch))
    return all.count()
  }

  async function write(rows: readonly Pending[], sketches: readonly Seen[]) {
    await transact(database, async (transaction) => {
      for (const { n, ...key } of rows) {
        await transaction('candidate_counts')
          .insert({ ...key, n: 0 })
          .onConflict(['at', 'connector', 'version', 'service', 'kind', 'name'])
          .ignore()
        await transaction('candidate_counts').where(key).increment('n', n)
      }
      for (const { key, sketch } of sketches) await addCallers(transaction, key, sketch)
    })
  }

  async function writeAll(): Promise<void> {
    const [rows, sketches] = [counted, seen]
    if (rows.size === 0 && sketches.size === 0) return
    counted = new Map()
    seen = new Map()
    try {
      await write([...rows.values()], [...sketches.values()])
    } catch (error) {
      takeBack(rows, sketches)
      throw error
    }
  }

  /** What could not be written is written with the next. */
  function takeBack(rows: typeof counted, sketches: typeof seen): void {
    for (const [id, row] of rows) counted.set(id, { ...row, n: row.n + (counted.get(id)?.n ?? 0) })
    for (const [id, caller] of sketches) {
      const since = seen.get(id)
      if (since) caller.sketch.merge(since.sketch)
      seen.set(id, caller)
    }
  }

  return {
    add({ connector, version }, service, kind, name) {
      const key = { at: spanOf(kind), connector, version, service, kind, name: name.slice(0, 140) }
      const id = JSON.stringify(key)
      const found = counted.get(id)
      if (found) found.n++
      else counted.set(id, { ...key, n: 1 })
      if (kind === 'shadow' || kind.startsWith('answers')) total({ connector, version, kind, name })
    },
    totals: () => [...totals.values()],
    caller({ connector, version }, kind, pseudonym) {
      see({ at: spanOf(kind), connector, version, kind }, pseudonym)
    },
    receiver({ connector, version }, service, side, found, pseudonym) {
      const key = { at: spanOf('answers'), connector, version, service }
      see({ ...key, kind: `${side}.all` }, pseudonym)
      if (found) see({ ...key, kind: `${side}.found` }, pseudonym)
    },
    flush() {
      const work = flushing.then(writeAll)
      flushing = work.catch(() => undefined)
      return work
    },
    async read({ connector, version }, of, lastMs) {
      const from = lastMs === undefined ? 0 : now() - lastMs
      const isAnswers = of === 'answers'
      const rows: { service: string; kind: string; name: string; n: number | string; since: number | string }[] = await database(
        'candidate_counts',
      )
        .where({ connector, version })
        .where('at', '>=', from)
        .where('kind', isAnswers ? 'like' : 'not like', 'answers%')
        .groupBy('service', 'kind', 'name')
        .orderBy(['service', 'kind', 'name'])
        .select('service', 'kind', 'name')
        .sum({ n: 'n' })
        .min({ since: 'at' })
      const callers = await union('candidate_callers', { connector, version, kind: of }, from)
      const counts = rows.map(({ service, kind, name, n }) => ({ service, kind, name, n: Number(n) }))
      return { counts, callers, since: rows.length === 0 ? null : Math.min(...rows.map(({ since }) => Number(since))) }
    },
    async receivers({ connector, version }, service, lastMs) {
      const of = (kind: string) => union('candidate_receivers', { connector, version, service, kind }, now() - lastMs)
      const side = async (name: SideName) => ({ callers: await of(`${name}.all`), found: await of(`${name}.found`) })
      return { running: await side('running'), candidate: await side('candidate') }
    },
    async purge() {
      await database('candidate_receivers')
        .where('at', '<', now() - ANSWERS_KEPT_MS)
        .delete()
      for (const table of ['candidate_counts', 'candidate_callers']) {
        await database(table)
          .where('at', '<', now() - COMPARED_KEPT_MS)
          .delete()
        await database(table)
          .where('at', '<', now() - ANSWERS_KEPT_MS)
          .where('kind', 'like', 'answers%')
          .delete()
      }
    },
  }
}

/** Into the span's sketch, which other processes have begun. */
async function addCallers(transaction: Knex, key: SketchKey, sketch: Sketch): Promise<void> {
  const table = key.service === undefined ? 'candidate_callers' : 'candidate_receivers'
  const empty = createSketch().toText()
  await transaction(table)
    .insert({ ...key, sketch: empty })
    .onConflict(Object.keys(key))
    .ignore()
  const row: { sketch: string } | undefined = await transaction(table).where(key).forUpdate().first('sketch')
  if (row) sketch.merge(createSketch(row.sketch))
  await transaction(table).where(key).update({ sketch: sketch.toText() })
}
