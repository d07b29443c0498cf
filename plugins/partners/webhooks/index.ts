import fp from 'fastify-plugin'
import { resolver } from '../../agency-files/address.ts'
import { createPost } from '../../messages/channels/post.ts'
import { createQueue, type Queue, timerWaker } from '../../queue/queue.ts'
import { createWebhookDeliver } from './deliver.ts'
import { createWebhooks, replayDelivery, type Webhooks } from './rows.ts'

declare module 'fastify' {
  interface FastifyInstance {
    webhooks: Webhooks & {
      /** Does all that is due now: one turn of what the background does anyway. */
      settle(): Promise<void>
    }
  }
}

export interface WebhooksPluginOptions {
  /** Milliseconds between two looks at the database. */
  sweepMs?: number
  firstRetryMs?: number
  /** How long a receiver may take. */
  timeoutMs?: number
  /** Receivers may stand inside; for tests. */
  internal?: boolean
  now?: () => number
}

/** Receivers that are asked at a time, by this process. */
const CONCURRENCY = 4
const GRACE_MS = 10_000
const BATCH = 100
const KEPT_MS = 30 * 86_400_000
/** Steps of the hub's own on the way to the agency are no news. */
const SILENT: ReadonlySet<string> = new Set(['sending'])

/** Applications are told what moves of users who consented (docs/partners.md#webhooks). */
export default fp<WebhooksPluginOptions>(
  async (app, { sweepMs = 2000, firstRetryMs = 30_000, timeoutMs = 5000, internal = false, now = Date.now }) => {
    const { database, vault, log } = app
    const sender = createPost({ timeoutMs, lookup: resolver(internal) })
    const { issuer: source } = app.authorizationStore
    const { queue: tell, purge, ...worker } = createWebhookDeliver({ database, vault, sender, source, firstRetryMs, internal, now })

    // What is done for somebody else, or for an enterprise, no user granted to an application.
    app.submissions.onTransition(async (transaction, { filing, to, at }) => {
      if (filing.principal !== 'self' || SILENT.has(to)) return
      const { id, connector, service, user_id: userId } = filing
      await tell(transaction, { kind: 'filing', id, service: `${connector}.${service}`, state: to, userId, at })
    })
    app.orders.onMove(async (transaction, { order, to, at }) => {
      if (order.principal !== 'self') return
      const { id, connector, service, user_id: userId } = order
      await tell(transaction, { kind: 'order', id, service: `${connector}.${service}`, state: to, userId, at })
    })

    app.jobs.add({
      name: 'webhook-deliveries',
      title: '向第三方应用推送事件',
      table: 'webhook_deliveries',
      failed: (query) => void query.where({ state: 'failed' }),
      letters: {
        read: (row) => ({
          id: String(row['id']),
          about: `${row['kind']} ${row['webhook_id']}`,
          lastError: row['last_error'] === null ? null : String(row['last_error']),
          attempts: Number(row['attempts']),
          createdAt: Number(row['created_at']),
          updatedAt: Number(row['updated_at']),
        }),
        replay: (id) => replayDelivery(database, id),
        drop: async (id) =>
          (await database('webhook_deliveries').where({ id, state: 'failed' }).update({ state: 'dropped', updated_at: now() })) === 1,
      },
    })
    app.schedules.add({ name: 'webhooks.purge', title: '清理过期的事件推送', pattern: '27 * * * *', run: () => purge(now() - KEPT_MS) })

    // A command that builds the hub without running it tells nobody anything.
    let queue: Queue | null = null
    app.addHook('onReady', async () => {
      const words = { id: 'delivery', interrupted: '事件推送中断，稍后继续', unreadable: '待推送事件读取失败' }
      const work = async (id: string) => {
        const next = await worker.work(id)
        // Its webhook is free again, and may have more to be told.
        for (const following of await worker.due(1)) queue?.wake(following, Date.now())
        return next
      }
      queue = createQueue({ ...worker, work, waker: timerWaker(sweepMs), concurrency: CONCURRENCY, sweepMs, log, words })
    })
    app.addHook('onClose', async () => {
      await queue?.close(GRACE_MS)
      sender.close()
    })

    app.decorate('webhooks', {
      ...createWebhooks(database, vault, internal),
      async settle() {
        for (let ids = await worker.due(BATCH); ids.length > 0; ids = await worker.due(BATCH)) for (const id of ids) await worker.work(id)
      },
    })
  },
  { name: 'webhooks', dependencies: ['partners', 'submissions', 'orders', 'jobs', 'schedules', 'authorization-store'] },
)
