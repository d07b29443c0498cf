import fp from 'fastify-plugin'
import { askStatistics, isOfTime, type StatisticsFilter, type StatisticsRow } from './ask.ts'
import { mostFirst, type ShownStatistics, shownStatistics } from './few.ts'
import { createRoll } from './roll.ts'

declare module 'fastify' {
  interface FastifyInstance {
    statistics: {
      /** As administrators may see it: nothing about fewer people than STATISTICS_FEWEST_PEOPLE. */
      ask(filter: StatisticsFilter): Promise<ShownStatistics[]>
      /** As it is: for whoever may see each of the calls. */
      askExactly(filter: StatisticsFilter): Promise<StatisticsRow[]>
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
      async ask(filter) {
        const rows = (await askStatistics(database, filter)).map((row) => shownStatistics(row, settings.STATISTICS_FEWEST_PEOPLE))
        return isOfTime(filter.by) ? rows : mostFirst(rows, ({ calls }) => calls)
      },
      askExactly: (filter) => askStatistics(database, filter),
      roll: roll.roll,
    })
  },
  { name: 'statistics', dependencies: ['database', 'schedules', 'audit'] },
)
