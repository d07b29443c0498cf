import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createQueue, type Queue, timerWaker } from '../../queue/queue.ts'
import { storeName } from '../../store/open.ts'
import { pseudonymOf } from '../../users/users.ts'
import { type BookingContext, defaultPace, type Note, type Pace, takerOf } from './context.ts'
import { createDeeds, type Deeds } from './deeds.ts'
import { type GateReader, gateRoutes } from './gate-route.ts'
import { type BookingRows, createBookingRows } from './rows.ts'
import { createSeats, type Seats } from './seats.ts'
import { proceed } from './step.ts'

declare module 'fastify' {
  interface FastifyInstance {
    bookings: {
      readonly context: BookingContext
      readonly rows: BookingRows
      readonly seats: Seats
      readonly deeds: Deeds
    }
  }
}

export interface BookingsPluginOptions {
  concurrency?: number
  /** Milliseconds between two looks at the database. */
  sweepMs?: number
  pace?: Partial<Pace>
  /** For tests: the hub's clock for bookings. */
  bookingNow?: () => number
}

/** How long closing waits for calls to agencies that are under way. */
const GRACE_MS = 10_000
/** How long a booking is remembered after its end, in milliseconds: long enough to answer for it. */
const KEPT_MS = 180 * 24 * 3_600_000

/** Keeps bookings and works on them in the background: clears up, lets go, closes what is over (docs/bookings.md). */
export default fp<BookingsPluginOptions>(
  async (app, { concurrency = 4, sweepMs = 2000, pace = {}, bookingNow = Date.now }) => {
    const { database, vault, services, upstreams, settings, log } = app
    const rows = createBookingRows(database, vault, bookingNow)
    const context: BookingContext = {
      rows,
      vault,
      agencies: { services, upstreams, vault },
      asker: (userId, enterpriseId, serviceKey) => app.users.asker(userId, enterpriseId, serviceKey),
      audit: (note) => writeAudit(app, note),
      log,
      pace: { ...defaultPace, ...pace },
    }
    const name = storeName(settings.DATABASE_URL, settings.DATA_DIR)
    // A command that builds the hub without running it works on nothing.
    let queue: Queue | null = null
    app.addHook('onReady', async () => {
      const takes = [...services.values()].some(({ contract }) => contract.booking)
      // Of a connector that was removed places may still be held.
      if (!takes && !(await database('bookings').whereNotNull('due_at').first('id'))) return
      const waker = settings.REDIS_URL
        ? (await import('../../queue/bull.ts')).bullWaker({ redisUrl: settings.REDIS_URL, name: `${name}:bookings`, concurrency, log })
        : timerWaker(sweepMs)
      const words = { id: 'booking', interrupted: '预约处理中断，稍后继续', unreadable: '待办预约读取失败' }
      queue = createQueue({ waker, concurrency, sweepMs, due: rows.due, work, log, words })
    })
    async function work(id: string): Promise<number | null> {
      return (await proceed(context, id, false))?.due_at ?? null
    }
    app.jobs.add({ name: 'bookings', title: '预约的确认、退回与到期', table: 'bookings' })
    app.schedules.add({
      name: 'bookings.purge',
      title: '清理早已结束的预约',
      pattern: '53 3 * * *',
      run: () => rows.purge(rows.now() - KEPT_MS),
    })
    app.addHook('onClose', async () => queue?.close(GRACE_MS))
    app.decorate('bookings', {
      context,
      rows,
      seats: createSeats(database, vault, rows, (row) => takerOf(context, row)?.policy.rules ?? null),
      deeds: createDeeds(context, database, (id, dueAt) => queue?.wake(id, dueAt)),
    })
    await app.register(async (scope) => gateRoutes(scope, readersOf(app)))
  },
  {
    name: 'bookings',
    dependencies: [
      ...['settings', 'database', 'schedules', 'jobs', 'audit', 'auth', 'connectors', 'upstreams', 'accounts'],
      ...['rate-limit', 'problems', 'validation', 'openapi'],
    ],
  },
)

/** What verifies the questions of each agency's scanners: the key of its notices. */
function readersOf({ connectors, connectorSettings, sandbox }: FastifyInstance): ReadonlyMap<string, GateReader> {
  return new Map(
    connectors.flatMap(({ id, upstream: { callback }, services }): [string, GateReader][] => {
      if (!callback || !services.some(({ contract }) => contract.booking)) return []
      const given = { ...sandbox?.callbacks.credentialsOf(id), ...connectorSettings[id]?.credentials }
      const names = Object.keys(callback.credentials)
      // Without a key nothing is believed.
      if (!names.every((name) => given[name])) return [[id, () => null]]
      return [[id, callback.createReader(Object.fromEntries(names.map((name) => [name, given[name] ?? ''])))]]
    }),
  )
}

function writeAudit({ audit, vault }: FastifyInstance, { row, what, outcome, status, ms }: Note): Promise<void> {
  const upstreamMs = Math.round(ms * 10) / 10
  return audit.write({
    action: what === 'status' ? 'status' : 'delivery',
    traceId: row.trace_id,
    at: Date.now(),
    app: null,
    user: pseudonymOf(vault, row.user_id),
    enterprise: row.enterprise_id,
    connector: row.connector,
    service: row.service,
    purpose: what,
    clientIp: null,
    method: what === 'status' ? 'GET' : 'POST',
    outcome,
    status: status ?? 0,
    durationMs: upstreamMs,
    upstreamStatus: status,
    upstreamMs,
    fields: [],
    rows: null,
    submission: row.id,
  })
}
