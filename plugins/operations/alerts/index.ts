import fp from 'fastify-plugin'
import { type AlertReceiver, readAlertSettings } from '../../../config/alerts.ts'
import { ChannelError } from '../../messages/channels/channel.ts'
import { createQueue, type Queue, timerWaker } from '../../queue/queue.ts'
import { publicAddress } from '../../route-kit/public-address.ts'
import { openChannels } from './channels/index.ts'
import { createAlertDeliver } from './deliver.ts'
import { createEvaluate } from './evaluate.ts'
import { createReadings } from './readings.ts'
import { type AlertRow, type AlertRows, createAlertRows, type EventRow } from './rows.ts'
import { type AlertRule, rulesOf } from './rules.ts'
import { createSilences, isSilenced, type Silences } from './silences.ts'
import { createTell, type Notification } from './tell.ts'

/** Whether a connector is down on purpose at a time, as its agency announced it. */
export type IsPlanned = (connector: string, at: number) => boolean | Promise<boolean>

export interface Alerts {
  readonly rules: readonly AlertRule[]
  readonly receivers: readonly Pick<AlertReceiver, 'name'>[]
  readonly silences: Silences
  list: AlertRows['list']
  find(id: string): Promise<{ row: AlertRow; events: EventRow[] } | null>
  /** Whether nothing is told of an alert at the moment. */
  isQuiet(alert: AlertRow): Promise<boolean>
  /** Somebody is at it. → whether it was still firing. */
  acknowledge(id: string, by: string, words: string): Promise<boolean>
  /** Sends something harmless over every channel of a receiver while somebody waits. → how it went, or null for no such receiver. */
  test(receiver: string): Promise<{ kind: string; error: string | null }[] | null>
  /** Looks at everything, and decides what is told: one turn of what is done every minute. */
  evaluate(): Promise<void>
  /** Sends all that is due now. */
  settle(): Promise<void>
}

declare module 'fastify' {
  interface FastifyInstance {
    alerts: Alerts
  }
}

export interface AlertsPluginOptions {
  /** Planned windows of agencies; by default those of the calendar. */
  isPlanned?: IsPlanned
  sweepMs?: number
  firstRetryMs?: number
  timeoutMs?: number
  now?: () => number
}

const CONCURRENCY = 4
const GRACE_MS = 10_000
const KEPT_MS = 365 * 86_400_000
const PASSED_KEPT_MS = 86_400_000
const WORDS = { id: 'alertDelivery', interrupted: '告警发送中断，稍后继续', unreadable: '待发告警读取失败' }

/** What is wrong, who is told of it, and who is at it (docs/monitoring.md). */
export default fp<AlertsPluginOptions>(
  async (
    app,
    {
      isPlanned = (connector) => app.calendar.systemClosure(connector) !== null,
      sweepMs = 2000,
      firstRetryMs = 10_000,
      timeoutMs,
      now = Date.now,
    },
  ) => {
    const { database, settings, log } = app
    const own = readAlertSettings(settings.ALERTS_FILE)
    const { receivers = [] } = own
    const rules = rulesOf(own.rules)
    const channels = await openChannels(own, settings, { source: publicAddress(app), ...(timeoutMs === undefined ? {} : { timeoutMs }) })
    const rows = createAlertRows(database)
    const silences = createSilences(database, now)
    const evaluate = createEvaluate({ rows, rules, read: createReadings(app, now), log, now })
    const names = new Map(app.connectors.map(({ id, name }) => [id, name]))
    const nameOf = (target: string, connector: string | null) => names.get(connector ?? '') ?? target
    const tell = createTell({ database, rows, silences, rules, receivers, isPlanned, nameOf, now })
    const deliver = createAlertDeliver({ database, receivers, channels, firstRetryMs, now, log })
    app.jobs.add(deliver.job)

    const turn = async () => {
      await evaluate()
      await tell()
    }
    app.schedules.add({ name: 'alerts.evaluate', title: '检查告警条件', pattern: '* * * * *', run: turn })
    app.schedules.add({
      name: 'alerts.purge',
      title: '清理过期的告警',
      pattern: '13 * * * *',
      run: () => rows.purge(now() - KEPT_MS, now() - PASSED_KEPT_MS),
    })

    let queue: Queue | null = null
    app.addHook('onReady', async () => {
      queue = createQueue({ ...deliver, waker: timerWaker(sweepMs), concurrency: CONCURRENCY, sweepMs, log, words: WORDS })
    })
    app.addHook('onClose', async () => {
      await queue?.close(GRACE_MS)
      for (const each of [...channels.values()].flat()) each.close()
    })

    app.decorate('alerts', {
      rules,
      receivers,
      silences,
      list: rows.list,
      find: rows.find,
      async isQuiet(alert) {
        return isSilenced(await silences.list(), alert, now()) || (alert.connector !== null && (await isPlanned(alert.connector, now())))
      },
      acknowledge: (id, by, words) =>
        rows.move(
          id,
          'acknowledged',
          { acknowledged_by: by, acknowledged_at: now() },
          { event: 'acknowledged', by, detail: words.slice(0, 400) },
          now(),
        ),
      async test(name) {
        const receiver = receivers.find((each) => each.name === name)
        if (!receiver) return null
        const found = []
        for (const [index, { kind }] of receiver.channels.entries())
          found.push({ kind, error: await tried(channels.get(name)?.[index]?.send(crypto.randomUUID(), testOf(now()))) })
        return found
      },
      evaluate: turn,
      async settle() {
        for (let ids = await deliver.due(100); ids.length > 0; ids = await deliver.due(100)) for (const id of ids) await deliver.work(id)
      },
    })
  },
  { name: 'alerts', dependencies: ['settings', 'database', 'schedules', 'jobs', 'connectors', 'processes', 'metrics', 'calendar'] },
)

async function tried(sending: Promise<void> | undefined): Promise<string | null> {
  return sending === undefined
    ? 'NO-CHANNEL'
    : sending.then(
        () => null,
        (error: unknown) => (error instanceof ChannelError ? error.code : 'INTERNAL'),
      )
}

function testOf(at: number): Notification {
  const alert = { id: '-', target: 'test', name: '测试', words: '这是一条测试，不必处理', since: at }
  return { telling: 'test', rule: 'test', title: '测试', severity: 'info', at, alerts: [alert] }
}
