import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { type ChannelBook, createChannelBook } from '../../payments/merchants.ts'
import { createQueue, type Queue, timerWaker } from '../../queue/queue.ts'
import { publicAddress } from '../../route-kit/public-address.ts'
import { storeName } from '../../store/open.ts'
import { pseudonymOf } from '../../users/users.ts'
import { purgeNotices } from '../notice-record.ts'
import { createOrderMoves, type OrderMoves } from './moves.ts'
import { createOrders, type Orders } from './orders.ts'
import { resultPath } from './page-path.ts'
import { openReconciliations, type Reconciliations } from './reconciliation/index.ts'
import { createRefundRows } from './refunds.ts'
import { createOrderRows } from './rows.ts'
import { createOrderParts, createStaffOrders, type StaffOrders } from './staff.ts'
import type { OrderState } from './states.ts'
import { createStep } from './step.ts'
import { defaultPace, type Note, type OrderContext, type Pace } from './task.ts'

declare module 'fastify' {
  interface FastifyInstance {
    orders: Orders & {
      channels: ChannelBook
      staff: StaffOrders
      /** Address of one of the hub's own pages. */
      addressOf(path: string): string
      reconciliations: Reconciliations
      /** A channel says that something happened to an order: it is looked at now. */
      hurry(number: string): Promise<boolean>
      /** Tells of every change of an order, in its transaction. */
      onMove: OrderMoves['on']
    }
  }
}

export interface OrdersPluginOptions {
  concurrency?: number
  /** Milliseconds between two looks at the database. */
  sweepMs?: number
  pace?: Partial<Pace>
  /** By which clock days are over, and how soon one is looked at again; for tests. */
  reconciling?: { now?: () => number; againMs?: number }
}

/** How long closing waits for calls to channels and companies that are under way. */
const GRACE_MS = 10_000

/** Keeps orders and works on them in the background: asks channels, writes off, gives back. */
export default fp<OrdersPluginOptions>(
  async (app, { concurrency = 8, sweepMs = 2000, pace = {}, reconciling = {} }) => {
    const { database, vault, services, upstreams, settings, log, connectorSettings, sandbox } = app
    const pageAt = (path: string) => `${publicAddress(app)}${path}`
    const moves = createOrderMoves()
    const rows = createOrderRows(database, vault, Date.now, moves)
    const channels = createChannelBook({
      log,
      merchantsOf(connector) {
        const own = connectorSettings[connector]?.payment
        if (own || !sandbox) return own ?? {}
        return sandbox.payments.merchants()
      },
      opened: (key, name, { upstream }) => void app.platforms.set(key, { name, upstream }),
    })
    const context: OrderContext = {
      rows,
      closedFor: (service) => app.calendar.systemClosure(service.system)?.waitMs ?? 0,
      refunds: createRefundRows(database),
      vault,
      services,
      upstreams,
      channelOf: channels.channelOf,
      noticeUrl: (connector, channel) => pageAt(`/v1/payment-notices/${connector}/${channel}`),
      audit: (note) => writeAudit(app, note),
      log,
      pace: { ...defaultPace, ...pace },
    }
    const work = createStep(context)
    const name = storeName(settings.DATABASE_URL, settings.DATA_DIR)
    // A command that builds the hub without running it works on nothing.
    let queue: Queue | null = null
    const wake = (id: string, dueAt: number) => queue?.wake(id, dueAt)
    app.addHook('onReady', async () => {
      const takesMoney = [...services.values()].some(({ contract }) => contract.order)
      // Of a connector that was removed money may still be on its way.
      if (!takesMoney && !(await database('orders').whereNotNull('due_at').first('id'))) return
      const waker = settings.REDIS_URL
        ? (await import('../../queue/bull.ts')).bullWaker({ redisUrl: settings.REDIS_URL, name: `${name}:orders`, concurrency, log })
        : timerWaker(sweepMs)
      const words = { id: 'order', interrupted: '订单处理中断，稍后继续', unreadable: '待办订单读取失败' }
      queue = createQueue({ waker, concurrency, sweepMs, due: rows.due, work, log, words })
    })
    async function hurry(number: string): Promise<boolean> {
      const id = await rows.hurry(number)
      if (id !== null) wake(id, rows.now())
      return id !== null
    }
    const reconciliations = openReconciliations(app, { context, has: channels.has, hurry, sweepMs, ...reconciling })
    app.jobs.add({
      name: 'orders',
      title: '订单的查询、销账与退款',
      table: 'orders',
      failed: (query) => void query.where({ state: 'exception' }),
      states: ['created', 'paying', 'paid', 'refunding', 'exception'] satisfies OrderState[],
    })
    // Channels have yesterday's bill at ten; whatever was missed is caught up with.
    app.schedules.add({
      name: 'reconciliations.plan',
      title: '开始前一日的对账',
      pattern: '30 10,14 * * *',
      run: () => reconciliations.plan(),
    })
    app.schedules.add({
      name: 'payment-notices.purge',
      title: '清理过期的支付通知记录',
      pattern: '41 * * * *',
      run: () => purgeNotices(database, 'payment_notices'),
    })
    app.addHook('onClose', async () => {
      await Promise.all([queue?.close(GRACE_MS), reconciliations.close(GRACE_MS)])
      await channels.close()
    })

    app.decorate('orderParts', { ...createOrderParts(context.refunds, wake, moves), settle: reconciliations.rows.resolve })
    app.decorate('orders', {
      staff: createStaffOrders(database, vault, context.refunds),
      ...createOrders({ context, wake, returnUrl: ({ number }) => pageAt(resultPath(number)) }),
      channels,
      addressOf: pageAt,
      reconciliations,
      hurry,
      onMove: moves.on,
    })
  },
  { name: 'orders', dependencies: ['settings', 'database', 'schedules', 'jobs', 'audit', 'auth', 'connectors', 'upstreams', 'accounts'] },
)

function writeAudit({ audit, vault }: FastifyInstance, { row, what, outcome, status, ms }: Note): Promise<void> {
  return audit.write({
    action: 'status',
    traceId: row.trace_id,
    at: Date.now(),
    app: null,
    user: pseudonymOf(vault, row.user_id),
    enterprise: row.enterprise_id,
    connector: row.connector,
    service: row.service,
    purpose: what,
    clientIp: null,
    method: null,
    outcome,
    status: status ?? 0,
    durationMs: Math.round(ms * 10) / 10,
    upstreamStatus: status,
    upstreamMs: Math.round(ms * 10) / 10,
    fields: [],
    rows: null,
    submission: row.id,
  })
}
