import t from 'tap'
import { purgeNotices } from '../../../plugins/kinds/notice-record.ts'
import { openDatabase } from '../../../plugins/store/open.ts'
import { targets } from '../../helper/targets.ts'

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
    const hashes = { body_hash: 'a'.repeat(64), trace_id: 'b'.repeat(32) }
    const senders = {
      payment_notices: { connector: 'water', channel: 'wechat' },
      filing_notices: { system: 'housing-fund' },
    }
    for (const [table, sender] of Object.entries(senders) as [keyof typeof senders, object][]) {
      const notice = (verdict: string, days: number) => ({ ...sender, ...hashes, verdict, at: now - days * DAY_MS })
      const kept = async () => {
        const rows = await database(table).orderBy('at')
        return rows.map(({ verdict, at }) => `${verdict} ${(now - Number(at)) / DAY_MS}`)
      }
      await database(table).insert([
        ...[93, 91, 1].map((days) => notice('taken', days)),
        ...[8, 6, 5, 4, 3].map((days) => notice('refused', days)),
        ...(table === 'filing_notices' ? [notice('repeated', 94), notice('repeated', 2)] : []),
      ])
      const repeated = table === 'filing_notices' ? ['repeated 2'] : []
      await purgeNotices(database, table, now)
      t.same(await kept(), ['taken 91', 'refused 6', 'refused 5', 'refused 4', 'refused 3', ...repeated, 'taken 1'], table)
      await purgeNotices(database, table, now, 2)
      t.same(await kept(), ['taken 91', 'refused 4', 'refused 3', ...repeated, 'taken 1'], `${table}: nor more than so many`)
    }
  })
