import { Redis } from 'ioredis'
import t from 'tap'
import { storeName } from '../../../plugins/store/open.ts'
import { billing } from '../../helper/bills.ts'
import { openOrders } from '../../helper/orders.ts'
import { targets } from '../../helper/targets.ts'

const MONTHS = 11

const servers = targets.find(({ name }) => name === 'servers')

t.test('Redis emptied in mid-run loses nothing: the rows are the work, bull only wakes', { skip: !servers }, async (t) => {
  if (!servers) return
  const { settings, drop } = await servers.create()
  t.teardown(drop)
  const { make, hand, until, payments, hub } = await openOrders(t, servers, billing(), settings)
  const redis = new Redis(settings.REDIS_URL)
  t.teardown(async () => redis.disconnect())
  /** All that this hub has in Redis, and nothing of anybody else's. */
  const empty = async () => {
    const keys = await redis.keys(`*${storeName(settings.DATABASE_URL, settings.DATA_DIR)}*`)
    if (keys.length > 0) await redis.del(keys)
    return keys.length
  }
  let emptied = 0
  const orders = []
  for (let month = 1; month <= MONTHS; month++) {
    const order = await make(`B1${String(month).padStart(2, '0')}`)
    await hand(order, month % 2 === 0 ? 'wechat' : 'alipay')
    payments.pay(month % 2 === 0 ? 'wechat' : 'alipay', order.number)
    orders.push(order)
    emptied += await empty()
  }
  t.ok(emptied > 0, 'there was something to lose')
  for (const { statusUrl } of orders) await until(statusUrl, ['written-off'])
  t.equal(hub.app.sandbox?.counts('order').size, MONTHS)
  t.same(new Set(hub.app.sandbox?.counts('order').values()), new Set([1]), 'each once')
})
