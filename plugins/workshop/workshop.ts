import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type ErrorCode, HubError } from '../../core/base/errors.ts'
import { createWorkbench } from './bench.ts'
import type { Order, Rows } from './worker.ts'

/** Makes files beside the thread that answers calls: few at a time, a few of each user's, whoever waits in a fair order. */
export interface Workshop {
  /** A place in it, before anything is fetched for a file. Throws HUB_RATE_LIMITED where this user has several, `full` where all are taken. */
  enter(user: string, full: ErrorCode): Place
  close(): Promise<void>
}

export interface Place {
  /** → the file, from its first part on; the place is left when it has been read, or given up. Rejects when it can't be made. */
  make(order: Order, pieces?: Iterable<Rows>): Promise<Readable>
  /** The same as a whole. */
  print(order: Order): Promise<Buffer>
  /** Leaves the place; what was under way is given up. */
  leave(): void
}

export interface WorkshopOptions {
  /** Files that are made at once. */
  benches?: number
  /** Places of one user. */
  ownPlaces?: number
  /** Places of all together: a file that is made, waits, or is being read. */
  places?: number
  timeoutMs?: number
  /**
   * How far making files steps back behind the calls of this machine (nice); 0 where nobody calls. 10 is a tenth of a core beside
   * a busy thread: a file that takes a second is there within ten. 19 would be a seventieth: on one core that never rests no file would be ready in time.
   */
  niceness?: number
}

interface Job {
  start(bench: ReturnType<typeof createWorkbench>): Promise<void>
}

export function createWorkshop({
  benches = 1,
  ownPlaces = 2,
  places = 24,
  timeoutMs = 30_000,
  niceness = 10,
}: WorkshopOptions = {}): Workshop {
  const idle = Array.from({ length: benches }, () => createWorkbench(timeoutMs, niceness))
  const all = [...idle]
  /** Whoever has waited longest for a turn comes first; his next file goes behind everybody else's. */
  const waiting = new Map<string, Set<Job>>()
  const entered = new Map<string, number>()
  const inside = new Set<Place>()
  let closed = false

  function next(): void {
    const bench = idle.pop()
    if (!bench) return
    const [turn] = waiting
    if (!turn) return void idle.push(bench)
    const [user, jobs] = turn
    const [job] = jobs as Set<Job> & Iterable<Job>
    waiting.delete(user)
    jobs.delete(job as Job)
    if (jobs.size > 0) waiting.set(user, jobs)
    void (job as Job).start(bench).finally(() => {
      idle.push(bench)
      next()
    })
  }

  function enter(user: string, full: ErrorCode): Place {
    const own = entered.get(user) ?? 0
    if (own >= ownPlaces) throw new HubError('HUB_RATE_LIMITED', { retryAfter: 5, detail: '您还有文件正在生成或下载，请等它完成后再试。' })
    if (closed || inside.size >= places) throw new HubError(full, { retryAfter: 5 })
    entered.set(user, own + 1)
    const aborting = new AbortController()
    const { signal } = aborting

    function wait(order: Order, pieces: Iterable<Rows>): Promise<Readable> {
      const { promise, resolve, reject } = Promise.withResolvers<Readable>()
      const jobs = waiting.get(user) ?? new Set<Job>()
      const job: Job = {
        start(bench) {
          if (signal.aborted) return Promise.resolve()
          const { file, done } = bench.make(order, pieces, signal, full)
          file.then(resolve, reject)
          return done
        },
      }
      signal.addEventListener('abort', () => {
        jobs.delete(job)
        if (jobs.size === 0 && waiting.get(user) === jobs) waiting.delete(user)
        reject(signal.reason as Error)
      })
      jobs.add(job)
      waiting.set(user, jobs)
      next()
      return promise
    }

    const place: Place = {
      async make(order, pieces = []) {
        const file = await wait(order, pieces)
        return file.once('close', place.leave)
      },
      async print(order) {
        return buffer(await place.make(order))
      },
      leave() {
        if (!inside.delete(place)) return
        const left = (entered.get(user) ?? 1) - 1
        if (left > 0) entered.set(user, left)
        else entered.delete(user)
        aborting.abort(new HubError(full, { retryAfter: 5 }))
      },
    }
    inside.add(place)
    return place
  }

  return {
    enter,
    async close() {
      closed = true
      for (const place of [...inside]) place.leave()
      await Promise.all(all.map((bench) => bench.close()))
    },
  }
}
