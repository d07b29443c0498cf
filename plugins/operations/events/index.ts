import fp from 'fastify-plugin'
import { type ShownEvents, shownEvents } from '../statistics/few.ts'
import { askEvents, type EventFilter } from './ask.ts'
import { type Consents, createConsents } from './consents.ts'
import { createEventCounter, type EventCounter } from './counter.ts'
import { createSlips, type Slips } from './slips.ts'
import { createEventSources, type EventSources } from './sources.ts'

declare module 'fastify' {
  interface FastifyInstance {
    events: EventCounter & {
      readonly sources: EventSources
      readonly consents: Consents
      readonly slips: Slips
      /** As it may be shown: no number of people below STATISTICS_FEWEST_PEOPLE. */
      ask(filter: EventFilter): Promise<ShownEvents[]>
    }
  }
}

const FLUSH_MS = 5000
const KEPT_MS = 3 * 366 * 86_400_000

/** What is done in apps, counted (docs/statistics.md). What was counted within the last seconds is lost with a process that dies. */
export default fp<{ now?: () => number }>(
  async (app, { now = Date.now }) => {
    const { database, vault, log, settings } = app
    const counter = createEventCounter(database, now)
    let timer: NodeJS.Timeout | null = null
    app.addHook('onListen', async () => {
      timer = setInterval(
        () => void counter.flush().catch((error: unknown) => log.warn({ err: error }, '事件未能计入，稍后再试')),
        FLUSH_MS,
      ).unref()
    })
    app.addHook('preClose', async () => {
      if (timer) clearInterval(timer)
      await counter.flush().catch(() => undefined)
    })
    app.schedules.add({
      name: 'events.purge',
      title: '清理过期的事件统计',
      pattern: '33 4 * * *',
      run: () =>
        database('event_statistics')
          .where('hour', '<', now() - KEPT_MS)
          .delete(),
    })
    app.decorate('events', {
      ...counter,
      sources: createEventSources(database),
      consents: createConsents(database, now),
      slips: createSlips(vault, now),
      ask: async (filter) => (await askEvents(database, filter)).map((row) => shownEvents(row, settings.STATISTICS_FEWEST_PEOPLE)),
    })
  },
  { name: 'events', dependencies: ['database', 'schedules'] },
)
