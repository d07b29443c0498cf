import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { fill, SPAN } from '../../../bench/audit-rows.ts'
import { migrate } from '../../../migrations/index.ts'
import { openDatabase } from '../../../plugins/store/open.ts'
import { build } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { inOffice } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'

/** `EXPORT_ROWS=1000000` for as many as the operators of a city have in a quarter. */
const ROWS = Number(process.env['EXPORT_ROWS'] ?? 100_000)
const AUDITOR = 5
/** Of a page of the search each. */
const PAGE = 500

const [target] = targets
if (!target) throw new Error('no store')

t.test('however many rows of evidence are exported, they come as they are read, and who stops reading stops the search', async (t) => {
  const { settings, drop } = await target.create({ bare: true })
  t.teardown(drop)
  const store = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
  await migrate(store)
  await fill(store, ROWS, Date.now() - SPAN)
  await store.destroy()
  const hub = await build(t, { store: settings, declarations: [minimalConnector()] })
  await inOffice(hub, AUDITOR, 'auditor')
  await hub.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = hub.app.server.address() as AddressInfo
  const searched = { pages: 0 }
  hub.app.database.on('query', ({ sql }: { sql: string }) => {
    if (/from `audit_rows`/.test(sql) && /order by/.test(sql)) searched.pages++
  })
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString()
  const query = new URLSearchParams({ from: day(90), to: day(0), purpose: '季度审计' })
  const headers = { authorization: `Bearer ${await hub.token({ person: AUDITOR })}` }
  const begin = async (): Promise<IncomingMessage> => {
    const asked = get({ port, host: '127.0.0.1', path: `/admin/audit/export?${query}`, headers })
    const [reply] = (await once(asked, 'response')) as [IncomingMessage]
    t.equal(reply.statusCode, 200)
    return reply
  }

  const most = Math.ceil(ROWS / 2 / PAGE)
  const reader = await begin()
  // Sockets hold some megabytes of it; nothing else does.
  await sleep(1500)
  t.ok(searched.pages > 0 && searched.pages < most / 2, `${searched.pages} pages of ${most} while nobody reads`)
  const before = process.memoryUsage().rss
  let [lines, peak] = [0, 0]
  for await (const chunk of reader) {
    for (const byte of chunk as Buffer) if (byte === 10) lines++
    if (lines % 1000 < 100) peak = Math.max(peak, process.memoryUsage().rss)
  }
  t.ok(lines > ROWS * 0.49 && lines < ROWS * 0.52, `${lines} lines`)
  t.ok(peak - before < 200 * 2 ** 20, `${Math.round((peak - before) / 2 ** 20)} MiB more at the most`)

  searched.pages = 0
  const leaving = await begin()
  leaving.destroy()
  for (let seen = -1; searched.pages !== seen; await sleep(500)) seen = searched.pages
  t.ok(searched.pages < most / 2, `${searched.pages} pages of ${most}: whoever has left is read nothing any more`)
})
