import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { attachFiles, fillFiles } from '../../files/attach.ts'
import { createQueue, type Queue, timerWaker } from '../../queue/queue.ts'
import { pseudonymOf } from '../../users/users.ts'
import { type LookAgainOptions, lookAgain } from './look-again.ts'
import type { ActContext } from './perform.ts'
import { type ActRow, createActRows } from './rows.ts'

declare module 'fastify' {
  interface FastifyInstance {
    acts: ActContext
  }
}

/** How long closing waits for what agencies are being asked. */
const GRACE_MS = 10_000

/** What acts are kept in, sent through and put on record by. */
export default fp<{ sweepMs?: number }>(
  async (app, { sweepMs = 5000 }) => {
    const { database, vault, services, upstreams, log } = app
    app.files.holders.set('act', async (id) => {
      const row: Pick<ActRow, 'state'> | undefined = await database('acts').where({ id }).first('state')
      return row !== undefined && row.state !== 'done' && row.state !== 'refused'
    })
    const context: ActContext = {
      rows: createActRows(database, vault, Date.now, (transaction, { by, service, input }, id) =>
        attachFiles(transaction, by, `act:${id}`, service.contract.inputs, (input['given'] ?? {}) as Readonly<Record<string, unknown>>),
      ),
      fill: ({ id }, { contract }, input) => fillFiles(app, `act:${id}`, contract.inputs, input),
      vault,
      upstreams,
      // The call's own row says how it went; this one is there even if the hub dies before it knows.
      announce: (row, { contract }) => writeAudit(app, row, 'delivery', contract.upstream?.method ?? 'POST'),
    }
    app.decorate('acts', context)

    const options: LookAgainOptions = {
      context,
      services,
      asker: (row, { key }) => app.users.asker(row.user_id, row.enterprise_id, key),
      note: (row) => writeAudit(app, row, 'status', 'GET'),
    }
    // A command that builds the hub without running it asks nobody.
    let queue: Queue | null = null
    app.addHook('onReady', async () => {
      if (![...services.values()].some(({ contract }) => contract.act?.statusSid !== undefined)) return
      const words = { id: 'act', interrupted: '办理结果的查询中断，稍后继续', unreadable: '结果待确认的办理读取失败' }
      const work = (id: string) => lookAgain(options, id)
      queue = createQueue({ waker: timerWaker(sweepMs), concurrency: 2, sweepMs, due: context.rows.due, work, log, words })
    })
    app.addHook('onClose', async () => queue?.close(GRACE_MS))
  },
  { name: 'acts', dependencies: ['database', 'audit', 'auth', 'connectors', 'upstreams', 'accounts', 'files'] },
)

function writeAudit({ audit, vault }: FastifyInstance, row: ActRow, action: 'delivery' | 'status', method: string): Promise<void> {
  return audit.write({
    action,
    traceId: row.trace_id,
    at: Date.now(),
    app: null,
    user: pseudonymOf(vault, row.user_id),
    enterprise: row.enterprise_id,
    connector: row.connector,
    service: row.service,
    purpose: null,
    clientIp: null,
    method,
    outcome: 'sending',
    status: 0,
    durationMs: 0,
    upstreamStatus: null,
    upstreamMs: null,
    fields: [],
    rows: null,
    submission: row.id,
  })
}
