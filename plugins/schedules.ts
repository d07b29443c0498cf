import fp from 'fastify-plugin'
import { createQueue, type Queue, timerWaker } from './queue/queue.ts'
import { createSchedules, type Schedules } from './queue/schedules.ts'

declare module 'fastify' {
  interface FastifyInstance {
    schedules: Schedules
  }
}

export interface SchedulesPluginOptions {
  /** Milliseconds between two looks at the database. 0: nothing runs by itself, for tests. */
  sweepMs?: number
}

const SWEEP_MS = 10_000
/** How long closing waits for what is under way. */
const GRACE_MS = 10_000
const WORDS = { id: 'schedule', interrupted: '定时任务中断，稍后继续', unreadable: '定时任务读取失败' }

/** What the hub does at set times. Plugins add theirs before the hub is ready. */
export default fp<SchedulesPluginOptions>(
  async (app, { sweepMs = SWEEP_MS }) => {
    const { database, log } = app
    const schedules = createSchedules({ database, log })
    app.decorate('schedules', schedules)
    // A command that builds the hub without running it does nothing by the clock.
    let queue: Queue | null = null
    app.addHook('onReady', async () => {
      if (sweepMs === 0) return
      await schedules.begin()
      queue = createQueue({
        waker: timerWaker(sweepMs),
        concurrency: 2,
        sweepMs,
        due: schedules.due,
        work: schedules.work,
        log,
        words: WORDS,
      })
    })
    // While all that they work with is still there.
    app.addHook('preClose', async () => queue?.close(GRACE_MS))
  },
  { name: 'schedules', dependencies: ['database'] },
)
