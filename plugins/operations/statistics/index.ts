import fp from 'fastify-plugin'
import { askStatistics, type StatisticsFilter } from './ask.ts'
import { type ShownStatistics, shownStatistics } from './few.ts'
import { createRoll } from './roll.ts'

declare module 'fastify' {
  interface FastifyInstance {
    statistics: {
      /** As it may be shown: no number of people below STATISTICS_FEWEST_PEOPLE. */
      ask(filter: StatisticsFilter): Promise<ShownStatistics[]>
      /** Adds up what is over. → how many hours. */
      roll(): Promise<number>
    }
  }
}

const KEPT_MS = 3 * 366 * 86_400_000

/** How much the hub is used, from its evidence (docs/monitoring.md). */
export default fp<{ now?: () => number }>(
  async (app, { now = Date.now }) => {
    const { database, settings } = app
    const roll = createRoll(database, now)
    app.schedules.add({ name: 'statistics.roll', title: '按小时汇总调用', pattern: '7 * * * *', run: () => roll.roll() })
    app.schedules.add({ name: 'statistics.purge', title: '清理过期的汇总', pattern: '23 4 * * *', run: () => roll.purge(now() - KEPT_MS) })
    app.decorate('statistics', {
      ask: async (filter) => (await askStatistics(database, filter)).map((row) => shownStatistics(row, settings.STATISTICS_FEWEST_PEOPLE)),
      roll: roll.roll,
    })
  },
  { name: 'statistics', dependencies: ['database', 'schedules', 'audit'] },
)
