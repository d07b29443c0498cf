import fp from 'fastify-plugin'
import { systemsOf } from '../../../core/contract/systems.ts'
import type { Signer } from '../../../core/upstream/dialect.ts'
import { carrying, traceparent, within } from './carry.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The signer of a system, which tells where a call came from if the agency takes that. */
    traced(system: string, signer: Signer): Signer
  }
}

/**
 * Traces: sent on to agencies that take them, and with TRACES_URL to a collector (docs/monitoring.md). Where neither is wanted no call
 * pays for it. Registered before whatever adds hooks or routes.
 */
export default fp(
  async (app) => {
    const { connectors, connectorSettings, settings } = app
    const takers = new Set(
      connectors.flatMap((connector) => {
        const own = connectorSettings[connector.id] ?? {}
        return systemsOf(connector).flatMap(([key, name, declaration]) => {
          const given = name === undefined ? own.traceparent : own.systems?.[name]?.traceparent
          return (given ?? declaration.traceparent ?? false) ? [key] : []
        })
      }),
    )
    if (takers.size > 0) app.addHook('onRequest', (request, _reply, done) => within(request.id, done))
    const telemetry = settings.TRACES_URL ? await (await import('./telemetry.ts')).openTelemetry(app) : null
    const parent = (traceId: string) => traceparent(traceId, telemetry?.spanId())
    app.decorate('traced', (system, signer) => (takers.has(system) ? carrying(signer, parent) : signer))
  },
  { name: 'traces', dependencies: ['settings', 'connectors'] },
)
