import fp from 'fastify-plugin'
import { HubError } from '../../core/base/errors.ts'
import { NO_CALL } from '../audit/chain.ts'
import { createQueue, type Queue, timerWaker } from '../queue/queue.ts'
import { pseudonymOf } from '../users/users.ts'
import { createAddresses } from './addresses.ts'
import { type Centre, createCentre } from './centre.ts'
import { ChannelError } from './channels/channel.ts'
import { openTransports, type Transports } from './channels/index.ts'
import { createDeliver } from './deliver.ts'
import { createDeliveries, type Deliveries } from './deliveries.ts'
import { noticeExpiries } from './expiry.ts'
import { createFanOut } from './fan-out.ts'
import { messageJobs } from './jobs.ts'
import { createPlanner } from './plan.ts'
import { createPreferences, type Preferences } from './preferences.ts'
import { createSubscriptions, type Subscriptions } from './subscription-rows.ts'
import type { Channel } from './topics.ts'
import { createWatch } from './watch.ts'

declare module 'fastify' {
  interface FastifyInstance {
    messages: {
      centre: Centre
      preferences: Preferences
      deliveries: Deliveries
      subscriptions: Subscriptions
      /** Channels that this hub has, in the order in which they are tried. */
      readonly channels: readonly Channel[]
      /** Sends a letter while somebody waits for it. Throws HUB_UPSTREAM_UNREACHABLE. */
      mail(to: string, title: string, text: string): Promise<void>
      /** Does all that is due now, and what comes of it: one turn of what the background does anyway. */
      settle(): Promise<void>
      /** Puts what ends soon into the outbox. */
      noticeExpiries(): Promise<void>
    }
  }
}

export interface MessagesPluginOptions {
  /** Milliseconds between two looks at the database. */
  sweepMs?: number
  /** Milliseconds until something is sent again that could not be. */
  firstRetryMs?: number
  /** How long a gateway may take. */
  timeoutMs?: number
  now?: () => number
}

const DAY_MS = 86_400_000
const CONCURRENCY = 4
/** How long closing waits for what is being sent. */
const GRACE_MS = 10_000
const BATCH = 100

/** What people are told, how, and what they have themselves told of (docs/messages.md). */
export default fp<MessagesPluginOptions>(
  async (app, { sweepMs = 2000, firstRetryMs = 30_000, timeoutMs, now = Date.now }) => {
    const { database, vault, services, connectors, calendar, settings, users, upstreams, log } = app
    const transports: Transports = await openTransports(settings, app.sandbox?.messages ?? null, timeoutMs)
    const order = settings.MESSAGE_CHANNELS.split(',').filter((name): name is Channel => transports.has(name as Channel))
    const addresses = createAddresses(vault)
    const preferences = createPreferences(database, vault, settings.MESSAGE_QUIET_HOURS, now)
    const plan = createPlanner({ vault, order, addresses, preferences, hourly: settings.MESSAGE_HOURLY_LIMIT, now })
    const scopeTitle = (id: string) => app.authorization.scopes.get(id)?.title ?? id
    const centre = createCentre(database, vault, now)
    const deliveries = createDeliveries(database, now)
    const fanOut = createFanOut({ database, vault, context: { database, vault, services, connectors, calendar, scopeTitle }, plan, now })
    for (const type of messageJobs(fanOut, deliveries)) app.jobs.add(type)
    const workers = [
      {
        ...createWatch({
          database,
          vault,
          services,
          users,
          upstreams,
          withAccount: (service, asker, binding) => app.accounts.withAccount(service, asker, binding),
          note: ({ userId, ...said }) =>
            app.audit.write({ ...NO_CALL, action: 'subscription', method: 'GET', user: pseudonymOf(vault, userId), ...said }),
          now,
        }),
        words: { id: 'subscription', interrupted: '订阅查询中断，稍后继续', unreadable: '订阅读取失败' },
      },
      {
        ...fanOut,
        words: { id: 'notice', interrupted: '消息分发中断，稍后继续', unreadable: '待发消息读取失败' },
      },
      {
        ...createDeliver({ database, vault, transports, addresses, preferences, firstRetryMs, now }),
        words: { id: 'delivery', interrupted: '消息发送中断，稍后继续', unreadable: '待发消息读取失败' },
      },
    ]

    app.schedules.add({ name: 'messages.expiries', title: '到期提醒', pattern: '3 * * * *', run: () => noticeExpiries(database, now()) })
    app.schedules.add({
      name: 'messages.purge',
      title: '清理过期的消息',
      pattern: '33 * * * *',
      run: () => centre.purge(now() - settings.MESSAGE_RETENTION_DAYS * DAY_MS),
    })

    async function settle(): Promise<void> {
      for (const { due, work } of workers)
        for (let ids = await due(BATCH); ids.length > 0; ids = await due(BATCH)) for (const id of ids) await work(id)
    }

    // A command that builds the hub without running it tells nobody anything.
    let queues: Queue[] = []
    app.addHook('onReady', async () => {
      queues = workers.map((worker) => createQueue({ ...worker, waker: timerWaker(sweepMs), concurrency: CONCURRENCY, sweepMs, log }))
    })
    app.addHook('onClose', async () => {
      await Promise.all(queues.map((queue) => queue.close(GRACE_MS)))
      for (const transport of transports.values()) transport.close()
    })

    app.decorate('messages', {
      centre,
      preferences,
      deliveries,
      subscriptions: createSubscriptions(database, vault, services, now),
      channels: order,
      async mail(to, title, text) {
        try {
          const transport = transports.get('mail')
          if (!transport) throw new ChannelError('NO-CHANNEL', false)
          await transport.send({ id: crypto.randomUUID(), to, title, text, urgent: true })
        } catch (error) {
          throw new HubError('HUB_UPSTREAM_UNREACHABLE', { detail: '邮件现在发不出去，请核对邮箱地址，或稍后再试。' }, error)
        }
      },
      settle,
      noticeExpiries: () => noticeExpiries(database, now()),
    })
  },
  {
    name: 'messages',
    dependencies: ['settings', 'database', 'schedules', 'jobs', 'audit', 'auth', 'connectors', 'upstreams', 'accounts', 'sandbox'],
  },
)
