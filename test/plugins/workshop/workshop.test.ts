import { buffer, text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import type { Rows } from '../../../plugins/workshop/worker.ts'
import { createWorkshop } from '../../../plugins/workshop/workshop.ts'
import { best } from '../../helper/best.ts'
import { readXlsx } from '../../helper/xlsx.ts'

const HEAD = ['姓名', '金额']
const sheets = [{ name: '表', head: HEAD, money: [false, false] }]
const csv = { type: 'csv', sheets } as const
const xlsx = { type: 'xlsx', sheets } as const

function* table(rows: number, piece = 250): Generator<Rows> {
  for (let at = 0; at < rows; at += piece)
    yield { sheet: 0, rows: Array.from({ length: Math.min(piece, rows - at) }, (_, index) => [`=甄小禾${at + index}`, at + index]) }
}

t.test('a table comes whole and in order, in both forms', async (t) => {
  const shop = createWorkshop()
  t.teardown(() => shop.close())
  const lines = (await buffer(await shop.enter('a', 'HUB_EXPORT_BUSY').make(csv, table(1001)))).toString().split('\r\n')
  t.equal(lines.length, 1003)
  t.strictSame([lines[0], lines[1], lines[1001]], ['\ufeff姓名,金额', "'=甄小禾0,0", "'=甄小禾1000,1000"])
  const sheet = readXlsx(await buffer(await shop.enter('a', 'HUB_EXPORT_BUSY').make(xlsx, table(1001))))
  t.match(JSON.stringify(sheet).includes('甄小禾1000'), true)
  t.equal((await text(await shop.enter('a', 'HUB_EXPORT_BUSY').make(csv, []))).split('\r\n').length, 2, 'no rows at all')
})

t.test('ten thousand rows hold nobody up', async (t) => {
  const shop = createWorkshop({ niceness: 0 })
  t.teardown(() => shop.close())
  // Of this thread alone, so that a busy machine doesn't count.
  const used = () => process.threadCpuUsage().user / 1000
  const longestTurn = async () => {
    let longest = 0
    let before = used()
    const ticking = setInterval(() => {
      const now = used()
      longest = Math.max(longest, now - before)
      before = now
    }, 1)
    const file = await buffer(await shop.enter('a', 'HUB_EXPORT_BUSY').make(xlsx, table(10_000)))
    clearInterval(ticking)
    t.ok(file.length > 100_000)
    return longest
  }
  const longest = await best(longestTurn, 49)
  t.ok(longest < 50, `the longest turn took ${longest} ms`)
})

t.test('a user has few places, all together have some, and whoever waits is served in turn', async (t) => {
  const shop = createWorkshop({ ownPlaces: 3, places: 5, niceness: 0 })
  t.teardown(() => shop.close())
  const served: string[] = []
  const order = async (user: string, name: string) => {
    const file = await shop.enter(user, 'HUB_EXPORT_BUSY').make(csv, table(2000))
    served.push(name)
    await buffer(file)
  }
  const all = [order('a', 'a1'), order('a', 'a2'), order('a', 'a3'), order('b', 'b1')]
  t.throws(() => shop.enter('a', 'HUB_EXPORT_BUSY'), { code: 'HUB_RATE_LIMITED', status: 429, extras: { retryAfter: 5 } })
  all.push(order('c', 'c1'))
  t.throws(() => shop.enter('d', 'HUB_EXPORT_BUSY'), { code: 'HUB_EXPORT_BUSY', status: 503, extras: { retryAfter: 5 } })
  await Promise.all(all)
  t.strictSame(served, ['a1', 'a2', 'b1', 'c1', 'a3'], 'the third of one waits behind the first of others')
  t.ok(await buffer(await shop.enter('a', 'HUB_EXPORT_BUSY').make(csv, table(1))), 'free again')
})

t.test('what nobody waits for any more is given up', async (t) => {
  const shop = createWorkshop({ niceness: 0 })
  t.teardown(() => shop.close())
  const place = shop.enter('a', 'HUB_EXPORT_BUSY')
  let handed = 0
  function* endless(): Generator<Rows> {
    for (;;) {
      handed++
      yield { sheet: 0, rows: [['x', 1]] }
    }
  }
  const making = place.make(xlsx, endless())
  const queued = shop.enter('b', 'HUB_EXPORT_BUSY')
  const waiting = queued.make(csv, table(1))
  const refused = t.rejects(waiting, { code: 'HUB_EXPORT_BUSY' })
  queued.leave()
  await refused
  while (handed < 100) await wait(1)
  place.leave()
  await t.rejects(making)
  const seen = handed
  await wait(20)
  t.ok(handed <= seen + 1, 'nothing more is handed over')
  const file = await shop.enter('a', 'HUB_EXPORT_BUSY').make(csv, table(5000))
  file.destroy()
  t.ok(await buffer(await shop.enter('a', 'HUB_EXPORT_BUSY').make(csv, table(1))), 'the next one is made')
})

t.test('what takes too long, and what the close meets, is refused', async (t) => {
  const hasty = createWorkshop({ timeoutMs: 1 })
  await t.rejects(hasty.enter('a', 'HUB_EXPORT_BUSY').make(xlsx, table(10_000)), { code: 'HUB_EXPORT_BUSY' })
  const shop = createWorkshop({ niceness: 0 })
  const left = t.rejects(shop.enter('a', 'HUB_EXPORT_BUSY').make(xlsx, table(10_000)), { code: 'HUB_EXPORT_BUSY' })
  await shop.close()
  await left
  t.throws(() => shop.enter('a', 'HUB_EXPORT_BUSY'), { code: 'HUB_EXPORT_BUSY' })
  await hasty.close()
})
