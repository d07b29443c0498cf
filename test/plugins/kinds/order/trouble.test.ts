import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { billing, OFF, OFF_STATUS } from '../../../helper/bills.ts'
import { build } from '../../../helper/hub.ts'
import { call, userId } from '../../../helper/identity.ts'
import { openOrders } from '../../../helper/orders.ts'
import { confirm, inOffice } from '../../../helper/second-person.ts'
import { targets } from '../../../helper/targets.ts'

/** By the kinds of trouble in which money is lost or doubled. */
for (const target of targets) {
  t.test(target.name, async (t) => {
    const { hub, sandbox, make, hand, until, payments, read } = await openOrders(t, target)
    const orders = () => hub.app.database('orders')
    let month = 1
    const fresh = () => `B1${String(month++).padStart(2, '0')}`
    for (const person of [5, 6]) await inOffice(hub, person)
    t.afterEach(() => sandbox.faults.clear())

    async function ask(path: string, id: string, body: object) {
      const asked = await call(hub, 'POST', `/admin/orders/${id}/${path}`, { person: 5, body: { purpose: '核实', ...body } })
      return (await confirm(hub, asked, 6)).statusCode
    }
    /** An order that was paid, whose write-off arrived although nobody knows of it, and that is over. */
    async function unclear(service: string) {
      const order = await make(fresh(), { service })
      await hand(order, 'wechat')
      sandbox.faults.set({ kind: 'accepted-then-reset', sid: OFF, times: 1 })
      sandbox.faults.set({ kind: 'http-500', sid: OFF_STATUS })
      payments.pay('wechat', order.number)
      while ((await orders().where({ id: order.id }).whereNotNull('sent_at')).length === 0) await sleep(10)
      await orders().where({ id: order.id }).update({ taken_at: 1 })
      await until(order.statusUrl, ['exception'])
      return order
    }
    const cause = async (id: string) => (await hub.app.database('order_events').where({ order_id: id }).orderBy('id', 'desc').first()).cause

    t.test('a write-off of which nobody knows stays one for staff too: it is asked for, not sent, not given back', async (t) => {
      const order = await unclear('orders')
      t.equal(await cause(order.id), 'unclear')
      sandbox.faults.clear()
      t.equal(await ask('resolve', order.id, { outcome: 'paid' }), 200)
      await until(order.statusUrl, ['written-off'])
      t.equal(sandbox.counts('order').get(order.number), 1, 'sent once')
      t.equal(payments.ledger('wechat').find(order.number)?.refunds.size, 0)
    })

    t.test('what two people give back of it stays, where the company then says that it has it', async (t) => {
      const order = await unclear('staff-orders')
      sandbox.faults.clear()
      t.equal(await ask('refund', order.id, {}), 200)
      await until(order.statusUrl, ['exception'])
      t.equal(await cause(order.id), 'written-off-after-all')
      t.equal(payments.ledger('wechat').find(order.number)?.refunds.size, 0)
      t.equal(await ask('resolve', order.id, { outcome: 'written-off' }), 200)
      t.match(await read(order.statusUrl), { state: 'written-off', writtenOffAt: /\+08:00$/ })
    })

    t.test('and goes back where the company cannot be asked at all', async (t) => {
      const order = await unclear('staff-orders')
      t.equal(await ask('refund', order.id, {}), 200)
      await until(order.statusUrl, ['refunded'])
    })

    t.test('a company that is closed by plan gets its write-off when it opens, although the time is over', async (t) => {
      const { announced } = hub.app.calendar
      const order = await make(fresh())
      await hand(order, 'wechat')
      const hour = 3_600_000
      const closing = { system: 'waterworks', title: '系统升级', from: Date.now() - hour, to: Date.now() + hour, createdBy: userId(5) }
      const { id } = await announced.add(closing)
      payments.pay('wechat', order.number)
      while ((await orders().where({ id: order.id, state: 'paid', last_error: 'HUB_AGENCY_CLOSED' })).length === 0) await sleep(10)
      await orders().where({ id: order.id }).update({ taken_at: 1, paid_at: 1 })
      t.notOk(sandbox.counts('order').has(order.number), 'nothing was sent')
      t.equal(await announced.end(id, userId(5)), true)
      await until(order.statusUrl, ['written-off'])
      t.equal(sandbox.counts('order').get(order.number), 1)
      t.equal(payments.ledger('wechat').find(order.number)?.refunds.size, 0)
    })

    t.test('staff may have it written off long after its time', async (t) => {
      const order = await make(fresh(), { service: 'staff-orders' })
      await hand(order, 'alipay')
      sandbox.faults.set({ kind: 'http-503', sid: OFF })
      payments.pay('alipay', order.number)
      await until(order.statusUrl, ['paid'])
      await orders().where({ id: order.id }).update({ taken_at: 1, paid_at: 1 })
      await until(order.statusUrl, ['exception'])
      t.equal(await cause(order.id), 'too-late')
      sandbox.faults.clear()
      t.equal(await ask('resolve', order.id, { outcome: 'paid' }), 200)
      await until(order.statusUrl, ['written-off'])
    })

    t.test('a channel whose clock is behind, or a hub that was away for a day, does not make a payment too late', async () => {
      const order = await make(fresh())
      await hand(order, 'wechat')
      payments.pay('wechat', order.number)
      const trade = payments.ledger('wechat').find(order.number)
      if (trade) trade.paidAt = Date.now() - 86_400_000
      await until(order.statusUrl, ['written-off'])
    })

    t.test('an answer of the company about another number, or another amount, is no answer', async (t) => {
      for (const values of [{ lsh: '"1"' }, { je: '"0.01"' }] as Record<string, string>[]) {
        const order = await make(fresh())
        await hand(order, 'alipay')
        sandbox.faults.set({ kind: 'accepted-then-reset', sid: OFF, times: 1 })
        sandbox.faults.set({ kind: 'values', sid: OFF_STATUS, values })
        payments.pay('alipay', order.number)
        const disbelieved = () => hub.app.database('audit_rows').where({ service: 'orders', outcome: 'HUB_UPSTREAM_INVALID' })
        const before = (await disbelieved()).length
        while ((await disbelieved()).length < before + 2) await sleep(20)
        t.equal((await read(order.statusUrl)).state, 'paid')
        sandbox.faults.clear()
        await until(order.statusUrl, ['written-off'])
      }
    })

    t.test('money for what was closed long ago goes back once the channel says so', async (t) => {
      const order = await make(fresh())
      await hand(order, 'wechat')
      await orders().where({ id: order.id }).update({ state: 'closed', due_at: null, open_bill: null, lease_owner: null, lease_until: 0 })
      payments.pay('wechat', order.number)
      await until(order.statusUrl, ['refunded'])
      t.equal(payments.ledger('wechat').find(order.number)?.refunds.size, 1)
    })

    t.test('two workers, of which one has lost its lease, pay and give back once', async (t) => {
      const order = await make(fresh())
      await hand(order, 'wechat')
      sandbox.faults.set({ kind: 'refuse-submission', sid: OFF, times: 2 })
      sandbox.faults.set({ kind: 'slow', sid: OFF, ms: 300, times: 1 })
      payments.pay('wechat', order.number)
      while ((await orders().where({ id: order.id }).whereNotNull('sent_at')).length === 0) await sleep(5)
      await orders().where({ id: order.id }).update({ lease_until: 0, due_at: 0 })
      await until(order.statusUrl, ['refunded', 'written-off'])
      const { state } = await read(order.statusUrl)
      const gone = payments.ledger('wechat').find(order.number)?.refunds.size
      t.equal((sandbox.counts('order').get(order.number) ?? 0) + (gone ?? 0), 1, state)
    })
  })
}

t.test('an order outlives its connector', async (t) => {
  const [target] = targets
  if (!target) throw new Error('no store')
  const { settings, drop } = await target.create()
  t.teardown(drop)
  const first = await openOrders(t, target, billing(), settings)
  const [paid, unpaid] = [await first.make('B101'), await first.make('B102')]
  await first.hand(paid, 'wechat')
  first.sandbox.faults.set({ kind: 'http-503', sid: OFF })
  first.payments.pay('wechat', paid.number)
  await first.until(paid.statusUrl, ['paid'])
  await first.hub.app.close()

  const hub = await build(t, { target, store: settings, declarations: [], jobs: { sweepMs: 20, pace: { baseMs: 20, maxMs: 100 } } })
  await hub.app.database('orders').where({ id: unpaid.id }).update({ due_at: 0 })
  const state = async ({ id }: { id: string }) => (await hub.app.database('orders').where({ id }).first()).state
  while ((await state(paid)) === 'paid' || (await state(unpaid)) === 'created') await sleep(20)
  t.equal(await state(paid), 'exception', 'a person looks')
  t.equal(await state(unpaid), 'closed')
  for (const person of [5, 6]) await inOffice(hub, person)
  const asked = await call(hub, 'POST', `/admin/orders/${paid.id}/refund`, { person: 5, body: { purpose: '系统已下线' } })
  t.equal((await confirm(hub, asked, 6)).statusCode, 200)
  while ((await state(paid)) === 'refunding') await sleep(20)
  t.equal(await state(paid), 'refunded')
})
