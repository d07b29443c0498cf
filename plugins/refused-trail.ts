import fp from 'fastify-plugin'
import { NO_CALL } from './audit/chain.ts'

const NOT_PRINTABLE = /[^!-~]/g

/**
 * A connector that does not run leaves its row in the evidence at every start: which, and of what sort its fault is. The reason itself
 * may be a text of the connector's own, and stays in the log.
 */
export default fp(
  async (app) => {
    app.addHook('onReady', async () => {
      for (const { id, code } of app.refusedConnectors)
        await app.audit.write({
          ...NO_CALL,
          action: 'call',
          traceId: crypto.randomUUID().replaceAll('-', ''),
          at: Date.now(),
          connector: 'hub',
          service: 'connector.refused',
          outcome: `HUB_CONNECTOR_${code}`,
          status: 503,
          target: id.replace(NOT_PRINTABLE, '?').slice(0, 64),
        })
    })
  },
  { name: 'refused-trail', dependencies: ['audit', 'connectors'] },
)
