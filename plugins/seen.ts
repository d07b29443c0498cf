import fp from 'fastify-plugin'
import { createSeen, type Seen } from './operations/metrics/seen.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What calls were like, where METRICS_PORT has somebody look. */
    seen: Seen | null
  }
}

/** Counts calls as they are answered. Without metrics nothing is counted, and no call pays for it. */
export default fp(
  async (app) => {
    const seen = app.settings.METRICS_PORT === '' ? null : createSeen()
    app.decorate('seen', seen)
    if (!seen) return
    app.addHook('onResponse', (request, _reply, done) => {
      const { connector, service, outcome, status, durationMs } = request.audit ?? {}
      // What has no audit row is no call: pages, health, documents.
      if (status) seen.request(isKnown(connector) ? connector : '', service ?? '', outcome ?? '', durationMs ?? 0)
      done()
    })

    /** Some routes note what stands in the path, whether it is there or not. */
    function isKnown(connector: string | null | undefined): connector is string {
      return connector === 'hub' || connector === 'admin' || app.openConnectors.has(connector ?? '')
    }
  },
  { name: 'seen', dependencies: ['settings'] },
)
