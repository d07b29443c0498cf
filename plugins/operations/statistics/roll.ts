import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { beijing } from '../../../core/base/time.ts'
import { transact } from '../../../core/base/transact.ts'
import { bucketNames, bucketOf } from './buckets.ts'
import { createSketch, type Sketch } from './sketch.ts'

export const HOUR_MS = 3_600_000
/** A row carries the time at which its call began, and is written when that ends. */
const SETTLED_MS = 300_000
/** What is older when the hub first adds up stays out. */
const FURTHEST_MS = 31 * 24 * HOUR_MS
const PAGE = 1000
/** Rows of one statement: SQLite takes so many values. */
const AT_ONCE = 50

interface Sum {
  connector: string
  service: string
  app: string
  calls: number
  failed: number
  unanswered: number
  unreadable: number
  durationMs: number
  buckets: number[]
}

/** Of one hour: calls by service and application, and who made them. */
interface Hour {
  sums: Map<string, Sum>
  callers: Map<string, { kind: string; name: string; sketch: Sketch }>
}

export interface Roll {
  /** Adds up all hours that are over and not added up yet, the oldest first. → how many. */
  roll(): Promise<number>
  purge(before: number): Promise<void>
}

/** Reads each hour of the audit log once, page by page along its index of time, so that calls go on meanwhile. */
export function createRoll(database: Database, now: () => number = Date.now): Roll {
  async function nextHour(): Promise<number | null> {
    const newest = (await database('statistics_hours').max({ hour: 'hour' }).first()) as { hour: number | string | null } | undefined
    if (newest?.hour !== null && newest?.hour !== undefined) return Number(newest.hour) + HOUR_MS
    const oldest = (await database('audit_rows')
      .where('at', '>', now() - FURTHEST_MS)
      .min({ at: 'at' })
      .first()) as { at: number | string | null } | undefined
    return oldest?.at === null || oldest?.at === undefined ? null : Math.floor(Number(oldest.at) / HOUR_MS) * HOUR_MS
  }

  async function read(hour: number): Promise<Hour> {
    const found: Hour = { sums: new Map(), callers: new Map() }
    let last: { at: number; chain: string; seq: number } = { at: hour, chain: '', seq: 0 }
    for (;;) {
      const rows: { at: number | string; chain: string; seq: number | string; record: string }[] = await database('audit_rows')
        .where('at', '>=', last.at)
        .where('at', '<', hour + HOUR_MS)
        .whereRaw('(at, chain, seq) > (?, ?, ?)', [last.at, last.chain, last.seq])
        .orderBy(['at', 'chain', 'seq'])
        .limit(PAGE)
        .select('at', 'chain', 'seq', 'record')
      for (const { record } of rows) add(found, JSON.parse(record))
      const end = rows.at(-1)
      if (!end || rows.length < PAGE) return found
      last = { at: Number(end.at), chain: end.chain, seq: Number(end.seq) }
    }
  }

  async function write(hour: number, { sums, callers }: Hour): Promise<void> {
    const text = beijing(hour)
    const [day, clock] = [text.slice(0, 10), Number(text.slice(11, 13))]
    const rows = [...sums.values()].map(({ connector, service, app, calls, failed, unanswered, unreadable, durationMs, buckets }) => ({
      ...{ hour, day, clock, connector, service, app, calls, failed, unanswered, unreadable, duration_ms: Math.round(durationMs) },
      ...Object.fromEntries(bucketNames.map((name, index) => [name, buckets[index] ?? 0])),
    }))
    await transact(database, async (transaction) => {
      // An hour is added up once: of two processes the second one finds it there.
      const claimed = await transaction('statistics_hours').where({ hour }).first('hour')
      if (claimed) return
      await transaction('statistics_hours').insert({ hour, rolled_at: now() })
      for (let from = 0; from < rows.length; from += AT_ONCE) await transaction('call_statistics').insert(rows.slice(from, from + AT_ONCE))
      for (const { kind, name, sketch } of callers.values()) await addCallers(transaction, { day, kind, name }, sketch)
    })
  }

  return {
    async roll() {
      let rolled = 0
      for (let hour = await nextHour(); hour !== null && hour + HOUR_MS + SETTLED_MS <= now(); hour += HOUR_MS) {
        await write(hour, await read(hour))
        rolled++
      }
      return rolled
    },
    async purge(before) {
      const day = beijing(before).slice(0, 10)
      await database('call_statistics').where('day', '<', day).delete()
      await database('caller_statistics').where('day', '<', day).delete()
    },
  }
}

interface Record {
  action: string
  connector: string | null
  service: string | null
  app: string | null
  user: string | null
  outcome: string
  durationMs: number
  /** Of several refusals that are one row together, how many. */
  rows: number | null
  clientIp: string | null
}

/** The agency did not answer, or not in time, or did not know the hub. */
const UNANSWERED = new Set(['HUB_UPSTREAM_UNREACHABLE', 'HUB_UPSTREAM_UNAVAILABLE', 'HUB_UPSTREAM_TIMEOUT', 'HUB_UPSTREAM_CREDENTIAL'])

function add({ sums, callers }: Hour, { action, connector, service, app, user, outcome, durationMs }: Record): void {
  if (action !== 'call' || connector === null) return
  const key = { connector, service: service ?? '', app: app ?? '' }
  const id = JSON.stringify(key)
  const sum = sums.get(id) ?? {
    ...key,
    calls: 0,
    failed: 0,
    unanswered: 0,
    unreadable: 0,
    durationMs: 0,
    buckets: bucketNames.map(() => 0),
  }
  sums.set(id, sum)
  sum.calls++
  if (outcome !== 'ok') sum.failed++
  if (UNANSWERED.has(outcome)) sum.unanswered++
  if (outcome === 'HUB_UPSTREAM_INVALID') sum.unreadable++
  sum.durationMs += durationMs
  const bucket = bucketOf(durationMs)
  sum.buckets[bucket] = (sum.buckets[bucket] ?? 0) + 1
  if (user === null) return
  const names = { all: '', connector, service: `${connector}.${key.service}`, app: key.app }
  for (const [kind, name] of Object.entries(names)) {
    const caller = callers.get(`${kind} ${name}`) ?? { kind, name, sketch: createSketch() }
    callers.set(`${kind} ${name}`, caller)
    caller.sketch.add(user)
  }
}

/** Into the day's sketch, which earlier hours have begun. */
async function addCallers(transaction: Knex, key: { day: string; kind: string; name: string }, sketch: Sketch): Promise<void> {
  const row: { sketch: string } | undefined = await transaction('caller_statistics').where(key).first('sketch')
  if (row) sketch.merge(createSketch(row.sketch))
  await transaction('caller_statistics')
    .insert({ ...key, sketch: sketch.toText() })
    .onConflict(['day', 'kind', 'name'])
    .merge()
}
