import fp from 'fastify-plugin'
import type { Refused } from './admission.ts'
import { ownAct } from './audit/own-act.ts'

const NOT_PRINTABLE = /[^!-~]/g

export interface RefusedTrailOptions {
  candidates?: readonly Refused[]
}

/**
 * A connector, or a candidate of one, that does not run leaves its row in the evidence at every start: which, and of what sort its fault is. The reason itself
 * may be a text of the connector's own, and stays in the log.
 */
export default fp<RefusedTrailOptions>(
  async (app, { candidates = [] }) => {
    app.addHook('onReady', async () => {
      const refused = { 'connector.refused': app.refusedConnectors, 'candidate.refused': candidates }
      for (const [service, { id, code }] of Object.entries(refused).flatMap(([service, all]) =>
        all.map((each) => [service, each] as const),
      ))
        await app.audit.write(
          ownAct(service, { outcome: `HUB_CONNECTOR_${code}`, status: 503, target: id.replace(NOT_PRINTABLE, '?').slice(0, 64) }),
        )
    })
  },
  { name: 'refused-trail', dependencies: ['audit', 'connectors'] },
)
