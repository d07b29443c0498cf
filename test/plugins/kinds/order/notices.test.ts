import t from 'tap'
import { purgeNotices } from '../../../../plugins/kinds/order/notices.ts'
import { openDatabase } from '../../../../plugins/store/open.ts'
import { targets } from '../../../helper/targets.ts'

const DAY_MS = 86_400_000

for (const target of targets)
  t.test(`what somebody made up is not kept without end: ${target.name}`, async (t) => {
    const { settings, drop } = await target.create()
    const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
    t.teardown(async () => {
      await database.destroy()
      await drop()
    })
    const now = Date.now()
    const notice = (verdict: 'taken' | 'refused', at: number) => ({
      connector: 'water',
      channel: 'wechat',
      verdict,
      body_hash: 'a'.repeat(64),
      trace_id: 'b'.repeat(32),
      at,
    })
    const kept = async () => {
      const rows = await database('payment_notices').orderBy('at')
      return rows.map(({ verdict, at }) => `${verdict} ${(now - Number(at)) / DAY_MS}`)
    }
    await database('payment_notices').insert([
      ...[93, 91, 1].map((days) => notice('taken', now - days * DAY_MS)),
      ...[8, 6, 5, 4, 3].map((days) => notice('refused', now - days * DAY_MS)),
    ])
    await purgeNotices(database, now)
    t.same(await kept(), ['taken 91', 'refused 6', 'refused 5', 'refused 4', 'refused 3', 'taken 1'])
    await purgeNotices(database, now, 2)
    t.same(await kept(), ['taken 91', 'refused 4', 'refused 3', 'taken 1'], 'nor more than so many')
  })
