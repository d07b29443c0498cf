import { randomUUID } from 'node:crypto'
import t from 'tap'
import { billing, OFF, OFF_STATUS } from '../../../helper/bills.ts'
import { call } from '../../../helper/identity.ts'
import { openOrders } from '../../../helper/orders.ts'
import { confirm, inOffice } from '../../../helper/second-person.ts'
import { targets } from '../../../helper/targets.ts'

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { hub, sandbox, post, read, until, make, hand, payments } = await openOrders(t, target)
    let month = 1
    const fresh = () => `B1${String(month++).padStart(2, '0')}`
    t.afterEach(() => sandbox.faults.clear())

    for (const channel of ['wechat', 'alipay'] as const)
      t.test(`${channel}: a bill is paid and written off once`, async (t) => {
        const order = await make(fresh())
        t.match(order, { status: 201, state: 'created', stateName: '待支付', amount: /^43\.1\d$/, number: /^\d{26}$/, channel: null })
        t.match(order, { holder: '贾*', history: [{ state: 'created' }] })
        const handed = await hand(order, channel)
        t.match(handed, { status: 200, kind: 'redirect', url: channel === 'wechat' ? /wechat-pay\/cashier/ : /gateway\.do/ })
        t.equal((await read(order.statusUrl)).state, 'paying')
        t.ok(payments.pay(channel, order.number))
        const done = await until(order.statusUrl, ['written-off'])
        t.match(done, { stateName: '已缴费', channel, paidAt: /\+08:00$/, writtenOffAt: /\+08:00$/ })
        t.same(
          done.history.map(({ state }: { state: string }) => state),
          ['created', 'paying', 'paid', 'written-off'],
        )
        t.equal(sandbox.counts('order').get(order.number), 1)
        const [row] = await hub.app.database('orders').where({ id: order.id })
        t.equal(Number(row.amount_fen), Math.round(Number(order.amount) * 100))
        t.notMatch(JSON.stringify(row), /贾|10000001/, 'sealed')
        t.match((await hand(order, channel)).code, 'HUB_ORDER_STATE', 'a paid order is not paid')
        t.match((await post(`${order.statusUrl}/close`)).json().code, 'HUB_ORDER_STATE', 'nor closed')
      })

    t.test('notices are hints: duplicated, late, forged or wrong, they change nothing by themselves', async (t) => {
      const order = await make(fresh())
      await hand(order, 'wechat')
      for (const changes of [{}, { amountFen: 1 }])
        t.ok(await payments.notify('wechat', order.number, changes), 'it is its own, and makes the hub ask')
      for (const changes of [{ forged: true }, { unsigned: true }, { unknownKey: true }, { probe: true }, { reserialised: true }] as const)
        t.notOk(await payments.notify('wechat', order.number, changes), JSON.stringify(changes))
      t.notOk(await payments.notify('wechat', order.number, { at: Date.now() - 400_000 }), 'old')
      t.equal((await read(order.statusUrl)).state, 'paying', 'the channel says that nobody has paid')
      payments.pay('wechat', order.number)
      await until(order.statusUrl, ['written-off'])
      for (let again = 0; again < 3; again++) t.ok(await payments.notify('wechat', order.number), 'a duplicate is a success without effect')
      t.equal((await read(order.statusUrl)).state, 'written-off')
      t.equal(sandbox.counts('order').get(order.number), 1)
      const verdicts = await hub.app.database('payment_notices').where({ connector: 'waterworks' }).pluck('verdict')
      t.ok(verdicts.filter((verdict) => verdict === 'refused').length >= 6, 'all are on record')
      const rows = await hub.app.database('audit_rows').where({ service: 'payment-notice', outcome: 'HUB_NOTICE_INVALID' })
      t.ok(rows.length >= 6)
      const elsewhere = await hub.app.inject({ method: 'POST', url: '/v1/payment-notices/nobody/wechat', payload: '{}' })
      t.equal(elsewhere.statusCode, sandbox ? 401 : 404)
    })

    t.test('whose order, and which bill', async (t) => {
      const billNumber = fresh()
      const key = randomUUID()
      const order = await make(billNumber, { key })
      t.equal((await make(billNumber, { key })).id, order.id, 'the same key, the same order')
      t.match(await make('B1xx', { key }), { code: 'HUB_IDEMPOTENCY_CONFLICT' })
      t.match(await make(billNumber), { status: 409, code: 'HUB_ORDER_OPEN' }, 'one order for one bill')
      t.match(await make('B112'), { status: 409, code: 'HUB_ORDER_BILL' }, 'a paid bill')
      t.match(await make('B301'), { status: 404, code: 'HUB_NO_RECORD' }, 'a bill of another account')
      t.match(await make(billNumber, { person: 4 }), { status: 403, code: 'HUB_ACCOUNT_UNBOUND' })
      for (const url of [order.statusUrl, `${order.statusUrl}/pay`, `${order.statusUrl}/close`]) {
        const method = url === order.statusUrl ? 'GET' : 'POST'
        const payload = url.endsWith('pay') ? { payload: { channel: 'wechat', way: 'h5' } } : {}
        const authorization = `Bearer ${await hub.token({ person: 3, face: true })}`
        t.match((await hub.app.inject({ method, url, headers: { authorization }, ...payload })).json().code, 'HUB_NO_RECORD', url)
      }
      t.equal((await hub.app.inject({ method: 'POST', url: '/v1/waterworks/orders', payload: { billNumber } })).statusCode, 401)
      t.match((await post(`${order.statusUrl}/close`)).json().data, { state: 'closed', final: true })
      t.match(await make(billNumber), { status: 201 }, 'then another may be made')
    })

    t.test('an amount that changed closes the order', async (t) => {
      const billNumber = fresh()
      const order = await make(billNumber)
      sandbox.faults.set({ kind: 'values', sid: 'waterworks.bills', values: { je: '"99.99"' } })
      t.match(await hand(order, 'wechat'), { status: 409, code: 'HUB_ORDER_BILL' })
      sandbox.faults.clear()
      t.equal((await read(order.statusUrl)).state, 'closed')
      t.match(await make(billNumber), { status: 201 })
    })

    t.test('a write-off whose answer is lost is asked for, never sent blindly again', async (t) => {
      const order = await make(fresh())
      await hand(order, 'alipay')
      sandbox.faults.set({ kind: 'accepted-then-reset', sid: OFF, times: 1 })
      payments.pay('alipay', order.number)
      await until(order.statusUrl, ['written-off'])
      t.equal(sandbox.counts('order').get(order.number), 1)
    })

    t.test('one that surely did not arrive is sent again', async (t) => {
      const order = await make(fresh())
      await hand(order, 'alipay')
      sandbox.faults.set({ kind: 'http-503', sid: OFF, times: 2 })
      sandbox.faults.set({ kind: 'reset', sid: OFF_STATUS, times: 1 })
      payments.pay('alipay', order.number)
      await until(order.statusUrl, ['written-off'])
      t.equal(sandbox.counts('order').get(order.number), 1)
    })

    t.test('what the company refuses goes back, whole and once', async (t) => {
      for (const channel of ['wechat', 'alipay'] as const) {
        const order = await make(fresh())
        await hand(order, channel)
        sandbox.faults.set({ kind: 'refuse-submission', sid: OFF, times: 1 })
        payments.pay(channel, order.number)
        t.match(await until(order.statusUrl, ['refunded']), { stateName: '已退款', final: true })
        const refunds = payments.ledger(channel).find(order.number)?.refunds
        t.same(
          [...(refunds ?? [])].map(([number, { amountFen }]) => [number, amountFen]),
          [[`R${order.number}`, Math.round(Number(order.amount) * 100)]],
        )
        t.equal(sandbox.counts('order').get(order.number), undefined)
        await hub.app.messages.settle()
        const { data } = (await hub.get('/v1/me/messages')).json() as { data: { title: string; body: string }[] }
        const told = data.filter(({ body }) => body.includes(order.id))
        t.same(
          told.map(({ title }) => title),
          ['缴费已退款'],
        )
      }
    })

    t.test('where staff decide, they do', async (t) => {
      const order = await make(fresh(), { service: 'staff-orders' })
      await hand(order, 'wechat')
      sandbox.faults.set({ kind: 'refuse-submission', sid: OFF, times: 1 })
      payments.pay('wechat', order.number)
      t.match(await until(order.statusUrl, ['exception']), { stateName: '正在核实', final: false })
      const [last] = await hub.app.database('order_events').where({ order_id: order.id }).orderBy('id', 'desc')
      t.equal(last.cause, 'refused')

      for (const person of [5, 6]) await inOffice(hub, person)
      await inOffice(hub, 1)
      const admin = (method: 'GET' | 'POST', path: string, person = 5, body?: object) =>
        call(hub, method, `/admin/orders${path}`, { person, ...(body ? { body } : {}) })
      const shown = (await admin('GET', `/${order.id}`)).json().data
      t.match(shown, {
        state: 'exception',
        refund: null,
        history: [{ to: 'created' }, { to: 'paying' }, { to: 'paid' }, { to: 'exception', cause: 'refused' }],
      })
      const found = (await admin('GET', '?connector=waterworks&account=10000001&state=exception')).json()
      t.same(
        found.data.map(({ id }: { id: string }) => id),
        [order.id],
      )
      t.match((await admin('GET', '?account=10000001')).json(), { code: 'HUB_VALIDATION' })
      t.equal((await admin('GET', '?connector=waterworks&account=10000009')).json().meta.page.total, 0)
      t.match((await admin('GET', '', 7)).json(), { code: 'HUB_ROLE_REQUIRED' })

      const purpose = { purpose: '水务公司确认未入账' }
      t.match((await admin('POST', `/${order.id}/refund`, 1, purpose)).json(), { code: 'HUB_ROLE_REQUIRED' }, 'not whoever paid it')
      t.match(
        (await admin('POST', `/${order.id}/resolve`, 5, { ...purpose, outcome: 'closed' })).json(),
        { code: 'HUB_ORDER_STATE' },
        'it was paid',
      )
      const asked = await admin('POST', `/${order.id}/refund`, 5, purpose)
      t.match((await confirm(hub, asked, 5)).json(), { code: 'HUB_SECOND_PERSON' }, 'nobody alone')
      t.equal((await read(order.statusUrl)).state, 'exception', 'nothing is done yet')
      t.equal((await confirm(hub, asked, 6)).statusCode, 200)
      await until(order.statusUrl, ['refunded'])
      t.match((await admin('POST', `/${order.id}/refund`, 5, purpose)).json(), { code: 'HUB_ORDER_STATE' }, 'and not again')
      t.match((await admin('GET', `/${order.id}`)).json().data.refund, { number: `R${order.number}`, amount: order.amount, state: 'done' })
      t.equal(payments.ledger('wechat').find(order.number)?.refunds.size, 1)
    })

    t.test('what staff find to be paid is written off', async (t) => {
      const order = await make(fresh(), { service: 'staff-orders' })
      await hand(order, 'alipay')
      sandbox.faults.set({ kind: 'refuse-submission', sid: OFF, times: 1 })
      payments.pay('alipay', order.number)
      await until(order.statusUrl, ['exception'])
      const body = { purpose: '公司已恢复', outcome: 'paid' }
      const asked = await call(hub, 'POST', `/admin/orders/${order.id}/resolve`, { person: 5, body })
      t.equal((await confirm(hub, asked, 6)).statusCode, 200)
      await until(order.statusUrl, ['written-off'])
      t.equal(sandbox.counts('order').get(order.number), 1)
    })

    t.test('no log line holds whose bill it was, an account at the company or a key', async (t) => {
      t.notMatch(hub.logged(), /贾明|10000001|10000003|41100219900101000X|PRIVATE KEY|apiV3Key/)
    })
  })
}

t.test('money that came when it was not asked for', async (t) => {
  const [target] = targets
  const { hub, until, make, hand, payments, post, read } = await openOrders(t, target as (typeof targets)[number])

  t.test('another amount is a person’s matter', async (t) => {
    const order = await make('B101')
    await hand(order, 'wechat')
    const trade = payments.ledger('wechat').find(order.number)
    if (trade) trade.amountFen = 1
    payments.pay('wechat', order.number)
    await until(order.statusUrl, ['exception'])
    const [last] = await hub.app.database('order_events').where({ order_id: order.id }).orderBy('id', 'desc')
    t.equal(last.cause, 'differs: amount')
  })

  t.test('an order that is over is closed at the channel', async (t) => {
    const order = await make('B102')
    await hand(order, 'wechat')
    await hub.app
      .database('orders')
      .where({ id: order.id })
      .update({ expires_at: Date.now() - 1000 })
    await until(order.statusUrl, ['closed'])
    t.notOk(payments.pay('wechat', order.number))
    t.match(await hand(order, 'wechat'), { code: 'HUB_ORDER_STATE' })
  })

  t.test('what is paid after closing goes back', async (t) => {
    const order = await make('B103')
    const { url } = (await post(`${order.statusUrl}/pay`, { body: { channel: 'alipay', way: 'h5' } })).json().data
    t.match((await post(`${order.statusUrl}/close`)).json().data, { state: 'closed' }, 'Alipay has not heard of it')
    await fetch(url)
    t.ok(payments.pay('alipay', order.number), 'and then it has')
    t.match(await until(order.statusUrl, ['refunded']), { final: true })
    t.match(await make('B103'), { status: 201 })
  })

  t.test('one channel for one order', async (t) => {
    const order = await make('B104')
    await hand(order, 'wechat')
    t.match(await hand(order, 'alipay'), { code: 'HUB_ORDER_STATE' })
    t.equal((await hand(order, 'wechat')).status, 200, 'the same one again')
    t.match((await post(`${order.statusUrl}/pay`, { body: { channel: 'wechat', way: 'jsapi' } })).json().code, 'HUB_VALIDATION')
    const invoked = (await post(`${order.statusUrl}/pay`, { body: { channel: 'wechat', way: 'jsapi', payerId: 'o1' } })).json().data
    t.match(invoked, {
      kind: 'invoke',
      parameters: { appId: String, timeStamp: String, nonceStr: String, package: /^prepay_id=/, signType: 'RSA', paySign: String },
    })
    t.match((await post(`${order.statusUrl}/pay`, { body: { channel: 'paypal', way: 'h5' } })).statusCode, 400)
    const list = await read('/v1/waterworks/orders')
    t.ok(list.length >= 4)
    t.same(await read('/v1/waterworks/orders', { person: 2 }), [], 'a household’s orders are each their payer’s')
  })
})

t.test('one that could not be written off in time goes back', async (t) => {
  const [target] = targets
  const place = await openOrders(t, target as (typeof targets)[number], billing(60))
  const order = await place.make('B101')
  await place.hand(order, 'wechat')
  place.sandbox.faults.set({ kind: 'http-503', sid: OFF })
  place.payments.pay('wechat', order.number)
  await place.until(order.statusUrl, ['paid'])
  await place.hub.app
    .database('orders')
    .where({ id: order.id })
    .update({ taken_at: Date.now() - 61_000 })
  await place.until(order.statusUrl, ['refunded'])
})
