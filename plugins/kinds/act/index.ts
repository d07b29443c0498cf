import fp from 'fastify-plugin'
import { attachFiles, fillFiles } from '../../files/attach.ts'
import { pseudonymOf } from '../../users/users.ts'
import type { ActContext } from './perform.ts'
import { type ActRow, createActRows } from './rows.ts'

declare module 'fastify' {
  interface FastifyInstance {
    acts: ActContext
  }
}

/** What acts are kept in, sent through and put on record by. */
export default fp(
  async (app) => {
    const { database, vault, upstreams, audit } = app
    app.files.holders.set('act', async (id) => {
      const row: Pick<ActRow, 'state'> | undefined = await database('acts').where({ id }).first('state')
      return row !== undefined && row.state !== 'done' && row.state !== 'refused'
    })
    app.decorate('acts', {
      rows: createActRows(database, vault, Date.now, (transaction, { by, service, input }, id) =>
        attachFiles(transaction, by, `act:${id}`, service.contract.inputs, (input['given'] ?? {}) as Readonly<Record<string, unknown>>),
      ),
      fill: ({ id }, { contract }, input) => fillFiles(app, `act:${id}`, contract.inputs, input),
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
  { name: 'acts', dependencies: ['database', 'audit', 'auth', 'upstreams', 'accounts', 'files'] },
)
