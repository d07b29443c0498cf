import fp from 'fastify-plugin'
import { pseudonymOf } from '../../users/users.ts'
import type { ActContext } from './perform.ts'
import { createActRows } from './rows.ts'

declare module 'fastify' {
  interface FastifyInstance {
    acts: ActContext
  }
}

/** What acts are kept in, sent through and put on record by. */
export default fp(
  async (app) => {
    const { database, vault, upstreams, audit } = app
    app.decorate('acts', {
      rows: createActRows(database, vault),
      vault,
      upstreams,
      // The call's own row says how it went; this one is there even if the hub dies before it knows.
      announce: (row, { contract }) =>
        audit.write({
          action: 'delivery',
          traceId: row.trace_id,
          at: Date.now(),
          app: null,
          user: pseudonymOf(vault, row.user_id),
          enterprise: row.enterprise_id,
          connector: row.connector,
          service: row.service,
          purpose: null,
          clientIp: null,
          method: contract.upstream?.method ?? 'POST',
          outcome: 'sending',
          status: 0,
          durationMs: 0,
          upstreamStatus: null,
          upstreamMs: null,
          fields: [],
          rows: null,
          submission: row.id,
        }),
    })
  },
  { name: 'acts', dependencies: ['database', 'audit', 'auth', 'upstreams', 'accounts'] },
)
