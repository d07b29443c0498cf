import fp from 'fastify-plugin'
import { HubError } from '../../../core/base/errors.ts'
import { systemsOf } from '../../../core/contract/systems.ts'
import { joined, votesOf } from './join.ts'
import { findOutages, MOST_OUTAGES, type Outage, type OutageQuestion } from './outages.ts'
import { createHistoryRows, type HistoryRows } from './rows.ts'

declare module 'fastify' {
  interface FastifyInstance {
    healthHistory: Pick<HistoryRows, 'list' | 'known' | 'lasting'> & {
      /** Writes down how all systems are now, as all processes together find it. → keys of those that are not well. */
      look(): Promise<string[]>
      /** When systems of a connector could not be reached. Throws HUB_TOO_MANY_ROWS. */
      outages(question: OutageQuestion): Promise<Outage[]>
    }
  }
}

const KEPT_MS = 365 * 86_400_000

/** How every system was, kept (docs/monitoring.md). Whoever holds the lease of its schedule writes for all processes. */
export default fp<{ now?: () => number }>(
  async (app, { now = Date.now }) => {
    const rows = createHistoryRows(app.database)
    const systems = app.connectors.flatMap((connector) => systemsOf(connector).map(([system]) => system))

    app.schedules.add({
      name: 'health-history.purge',
      title: '清理过期的系统状况',
      pattern: '43 4 * * *',
      run: () => rows.purge(now() - KEPT_MS),
    })

    app.decorate('healthHistory', {
      list: rows.list,
      known: rows.known,
      lasting: rows.lasting,
      async look() {
        await app.processes.publish()
        const votes = votesOf(await app.processes.live(), now())
        const ailing: string[] = []
        for (const system of systems) {
          const isPlanned = app.calendar.systemClosure(system) !== null
          const state = isPlanned ? 'planned-maintenance' : joined(votes.get(system) ?? [])
          // Of what nobody says anything nothing new is known.
          if (state === null) continue
          await rows.note(system, state, now(), isPlanned)
          if (state !== 'up' && !isPlanned) ailing.push(system)
        }
        return ailing
      },
      async outages(question) {
        const found = await findOutages({ list: rows.list, database: app.database, now }, question)
        if (!found) throw new HubError('HUB_TOO_MANY_ROWS', { detail: `中断超过 ${MOST_OUTAGES} 次，请缩短起止日期。` })
        return found
      },
    })
  },
  { name: 'health-history', dependencies: ['database', 'schedules', 'connectors', 'processes', 'calendar'] },
)
