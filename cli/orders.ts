import { HubError } from '../core/base/errors.ts'
import { dayOf } from '../plugins/kinds/order/reconciliation/days.ts'
import { createReconciliationRows, type DayKey } from '../plugins/kinds/order/reconciliation/rows.ts'
import { reconciliationStates } from '../plugins/kinds/order/reconciliation/states.ts'
import type { Store } from './act.ts'
import { command, group } from './command.ts'
import { present, withStore } from './kit.ts'
import { UsageError } from './usage.ts'

const DAY = /^\d{4}-\d{2}-\d{2}$/

const reconcile = command({
  usage: 'reconcile <日期>',
  describe: '重新核对一天的账目；由运行中的中枢进行',
  examples: [['orders reconcile 2026-11-25 --reason 渠道补发了账单', '各渠道、各系统']],
  options: (own) =>
    own
      .positional('日期', { type: 'string', demandOption: true, describe: 'YYYY-MM-DD，早于今天' })
      .option('connector', { type: 'string', describe: '只核对一个系统' }),
  change: { what: '重新对账', reason: 'optional' },
  run: ({ 日期: day, connector, json }, io, act) =>
    withStore(io, async (store) => {
      if (!DAY.test(day) || day >= dayOf(Date.now())) throw new UsageError('日期须写作 YYYY-MM-DD，且早于今天')
      const rows = createReconciliationRows(store.database)
      await act(store, day, connector)
      await rows.plan(await keysOf(store, day, connector))
      const filter = { from: day, to: day, page: 1, pageSize: 1000, ...(connector === undefined ? {} : { connector }) }
      const { rows: found } = await rows.list(filter)
      const asked = []
      for (const row of found) asked.push({ id: row.id, connector: row.connector, channel: row.channel, day, asked: await again(row.id) })
      const lines = asked.map(
        (one) => `${one.connector}  ${one.channel}  ${day}  ${one.asked ? '将重新对账' : reconciliationStates.running.title}`,
      )
      present(io, json, asked, lines.length === 0 ? ['没有可以核对的系统：还没有收过款'] : lines)
      return lines.length === 0 ? 1 : 0

      /** One that is under way is left to its end. */
      async function again(id: string): Promise<boolean> {
        try {
          return (await rows.again(id)).state === 'due'
        } catch (error) {
          if (error instanceof HubError && error.code === 'HUB_RECONCILIATION_STATE') return false
          throw error
        }
      }
    }),
})

export const orders = group('orders', '缴费订单的账目', [reconcile])

/** The channels through which each connector has ever been paid. */
async function keysOf({ database }: Store, day: string, connector: string | undefined): Promise<DayKey[]> {
  const query = database('orders').whereNotNull('channel').distinct('connector', 'channel')
  const found = (await (connector === undefined ? query : query.where({ connector }))) as Omit<DayKey, 'day'>[]
  return found.map((key) => ({ ...key, day }))
}
