import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { beijing } from '../../../core/base/time.ts'
import { transact } from '../../../core/base/transact.ts'
import { createSketch, type Sketch } from '../statistics/sketch.ts'
import { type AppEvent, OTHER } from './kinds.ts'
import type { EventSource } from './sources.ts'

const HOUR_MS = 3_600_000

interface Sum {
  hour: number
  source: string
  kind: string
  name: string
  times: number
  seconds: number
}

export interface EventCounter {
  /** Counts in memory. `install`: the slip of whoever agreed to be told apart. → how many were of kinds that the source may send. */
  count(source: EventSource, events: readonly AppEvent[], install: string | null): number
  /** Adds what was counted to the store. */
  flush(): Promise<void>
}

/** Counts events of this process: no event takes the store's time, and no more is held than sources have names. */
export function createEventCounter(database: Database, now: () => number = Date.now): EventCounter {
  let sums = new Map<string, Sum>()
  let installs = new Map<string, { day: string; source: string; sketch: Sketch }>()

  function add({ times, seconds, ...key }: Sum): void {
    const id = JSON.stringify(Object.values(key))
    const sum = sums.get(id) ?? { ...key, times: 0, seconds: 0 }
    sums.set(id, { ...sum, times: sum.times + times, seconds: sum.seconds + seconds })
  }

  function see(day: string, source: string, sketchOrName: Sketch | string): void {
    const seen = installs.get(`${day} ${source}`) ?? { day, source, sketch: createSketch() }
    installs.set(`${day} ${source}`, seen)
    if (typeof sketchOrName === 'string') seen.sketch.add(sketchOrName)
    else seen.sketch.merge(sketchOrName)
  }

  return {
    count(source, events, install) {
      const hour = Math.floor(now() / HOUR_MS) * HOUR_MS
      let counted = 0
      for (const { kind, name, seconds = 0 } of events) {
        const names = source.names[kind]
        if (!names) continue
        add({ hour, source: source.id, kind, name: Object.hasOwn(names, name) ? name : OTHER, times: 1, seconds })
        counted++
      }
      if (install !== null && counted > 0) see(beijing(hour).slice(0, 10), source.id, install)
      return counted
    },
    async flush() {
      const [written, seen] = [sums, installs]
      sums = new Map()
      installs = new Map()
      if (written.size === 0) return
      try {
        await transact(database, async (transaction) => {
          for (const sum of written.values()) await addSum(transaction, sum)
          for (const { day, source, sketch } of seen.values())
            await addInstalls(transaction, { day, kind: 'install', name: source }, sketch)
        })
      } catch (error) {
        // Counted again with the next ones.
        for (const sum of written.values()) add(sum)
        for (const { day, source, sketch } of seen.values()) see(day, source, sketch)
        throw error
      }
    },
  }
}

async function addSum(transaction: Knex, { times, seconds, ...key }: Sum): Promise<void> {
  await transaction('event_statistics')
    .insert({ ...key, day: beijing(key.hour).slice(0, 10), times, seconds })
    .onConflict(['hour', 'source', 'kind', 'name'])
    .merge({ times: transaction.raw('times + ?', [times]), seconds: transaction.raw('seconds + ?', [seconds]) })
}

/** Several processes add to one sketch. */
async function addInstalls(transaction: Knex, key: { day: string; kind: string; name: string }, sketch: Sketch): Promise<void> {
  await transaction('caller_statistics')
    .insert({ ...key, sketch: createSketch().toText() })
    .onConflict(['day', 'kind', 'name'])
    .ignore()
  const known = await transaction('caller_statistics').where(key).forUpdate().first('sketch')
  const merged = createSketch(known.sketch)
  merged.merge(sketch)
  await transaction('caller_statistics').where(key).update({ sketch: merged.toText() })
}
