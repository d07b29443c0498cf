import type { FastifyInstance } from 'fastify'
import { NO_CALL } from '../../../audit/chain.ts'
import type { ChannelId } from '../../../payments/channel.ts'
import { createQueue, type Queue, timerWaker } from '../../../queue/queue.ts'
import type { OrderContext } from '../task.ts'
import { createReconciler } from './reconcile.ts'
import { createReconciliationRows, type ReconciliationRow, type ReconciliationRows } from './rows.ts'
import type { ReconciliationState } from './states.ts'

export interface Reconciliations {
  rows: ReconciliationRows
  /** Writes down the days that are over, and sets to work on them. */
  plan(): Promise<number>
  /** Has a day looked at anew. Throws HUB_NO_RECORD, HUB_RECONCILIATION_STATE. */
  again(id: string): Promise<ReconciliationRow>
}

interface Options {
  context: OrderContext
  has(connector: string, channel: ChannelId): boolean
  hurry(number: string): Promise<boolean>
  sweepMs: number
  now?: () => number
  againMs?: number
}

const AGAIN_MS = 10 * 60_000
const WORDS = { id: 'reconciliation', interrupted: '对账中断，稍后继续', unreadable: '待对账的日期读取失败' }

/** The daily comparison of three ledgers, worked on in the background. */
export function openReconciliations(
  app: FastifyInstance,
  { context, has, hurry, sweepMs, now = Date.now, againMs = AGAIN_MS }: Options,
): Reconciliations & { close(graceMs: number): Promise<void> } {
  const { database, audit, log } = app
  const rows = createReconciliationRows(database, now)
  const { work, plan } = createReconciler({ database, rows, context, orders: context.rows, has, hurry, ended, againMs, now })
  // A command that builds the hub without running it compares nothing.
  let queue: Queue | null = null
  app.addHook('onReady', async () => {
    // One at a time: a day is read whole.
    queue = createQueue({ waker: timerWaker(sweepMs), concurrency: 1, sweepMs, due: rows.due, work, log, words: WORDS })
  })

  app.jobs.add({
    name: 'reconciliations',
    title: '每日对账',
    table: 'reconciliations',
    failed: (query) => void query.where({ state: 'failed' }),
    states: ['due', 'running', 'differing', 'failed'] satisfies ReconciliationState[],
    letters: {
      read: (row) => ({
        id: String(row['id']),
        about: `${row['connector']} ${row['channel']} ${row['day']}`,
        lastError: row['last_error'] === null ? null : String(row['last_error']),
        attempts: Number(row['failures']),
        createdAt: Number(row['created_at']),
        updatedAt: Number(row['updated_at']),
      }),
      replay: (id) => rows.revive(id),
      // Nobody gives a day's books up.
      drop: async () => false,
    },
  })

  async function ended(row: ReconciliationRow, error: string | null): Promise<void> {
    const { id, connector, channel, day, state, differing } = row
    await audit.write({
      ...NO_CALL,
      action: 'status',
      traceId: id.replaceAll('-', ''),
      at: Date.now(),
      connector,
      service: 'reconciliation',
      purpose: `${channel} ${day} 对账`,
      outcome: error === null || error.startsWith('HUB_') ? (error ?? 'ok') : 'HUB_INTERNAL',
      rows: differing,
      submission: id,
    })
    if (state === 'failed') log.error({ reconciliation: id, connector, channel, day, code: error }, '对账失败，须人工处理')
    if (state === 'differing') log.warn({ reconciliation: id, connector, channel, day, differences: differing }, '三方账目有差异')
  }

  return {
    rows,
    async plan() {
      const made = await plan()
      if (made > 0) for (const id of await rows.due(made)) queue?.wake(id, Date.now())
      return made
    },
    async again(id) {
      const row = await rows.again(id)
      queue?.wake(id, Date.now())
      return row
    },
    close: async (graceMs) => queue?.close(graceMs),
  }
}
