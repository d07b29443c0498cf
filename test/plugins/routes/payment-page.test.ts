import t from 'tap'
import { OFF } from '../../helper/bills.ts'
import { openOrders } from '../../helper/orders.ts'
import { onTo, paymentPages, submit } from '../../helper/payment-page.ts'
import { targets } from '../../helper/targets.ts'

for (const target of targets) {
  t.test(target.name, async (t) => {
    const orders = await openOrders(t, target)
    const { hub, sandbox, read, until, make, payments } = orders
    const { browser: newBrowser, enter, handOver, atCashier, origin } = paymentPages(orders)
    let month = 1
    const fresh = () => make(`B1${String(month++).padStart(2, '0')}`)
    t.afterEach(() => sandbox.faults.clear())

    for (const [channel, name] of [
      ['wechat', '微信支付'],
      ['alipay', '支付宝'],
    ] as const)
      t.test(`${channel}: from the bill to the result`, async (t) => {
        const order = await fresh()
        const { browser, page } = await enter(order)
        t.equal(page.status, 200)
        for (const words of ['核对账单', '许昌水务公司', order.amount, '贾*', order.number, `value="${channel}"`, '取消这个订单'])
          t.ok(page.text.includes(words), words)
        t.match(page.headers.get('content-security-policy'), /default-src 'none'.*form-action 'self'/)
        t.match(page.headers.get('cache-control'), 'no-store')
        t.notMatch(page.text, /<script/, 'no script where a form does')

        const leaving = await submit(browser, page, channel)
        t.equal(leaving.status, 200)
        t.match(leaving.headers.get('referrer-policy'), 'origin')
        t.ok(leaving.text.includes(`打开${name}`))
        const again = await submit(browser, page, channel)
        t.strictSame(
          [again.status, new URL(onTo(again)).pathname],
          [200, new URL(onTo(leaving)).pathname],
          'a second press leads to the same',
        )

        const unpaid = await browser.open(`/pay/${order.number}/result?trade_status=TRADE_SUCCESS&out_trade_no=${order.number}`)
        t.match(unpaid.text, /支付结果确认中[\s\S]*不要重复付款/, 'what the address says is not believed')
        t.match(unpaid.headers.get('content-security-policy'), /connect-src 'self'/)
        const back = await browser.open(`/pay/${order.number}`)
        t.ok(back.text.includes(`继续${name}`) && back.text.includes('如果已经付款，请不要再付'), 'back from the cashier')
        t.ok(!back.text.includes(channel === 'wechat' ? '支付宝' : '微信'), 'by the other channel it could be paid twice')

        const returned = await atCashier(onTo(leaving), 'pay')
        t.ok(returned.startsWith(`${origin}/pay/${order.number}/result`), returned)
        await until(order.statusUrl, ['written-off'])
        const result = await browser.open(returned)
        t.match(result.text, /缴费成功[\s\S]*账单已销账/)
        t.notMatch(result.text, /<script|http-equiv/, 'nothing is waited for')
        t.same(await (await browser.open(`/pay/${order.number}/state`)).text, '{"state":"written-off"}')
        for (const late of [await browser.open(`/pay/${order.number}`), await submit(browser, page, channel)])
          t.strictSame([late.status, late.location], [303, `${origin}/pay/${order.number}/result`], 'a paid order is not paid again')
        t.equal(
          payments
            .ledger(channel)
            .all()
            .filter(({ number }) => number === order.number).length,
          1,
        )
        t.equal(sandbox.counts('order').get(order.number), 1)
      })

    t.test('pressed twice at once, it leads to one payment; by two channels, to one of them', async (t) => {
      const order = await fresh()
      const { browser, page } = await enter(order)
      const both = await Promise.all([submit(browser, page, 'wechat'), submit(browser, page, 'wechat')])
      t.strictSame(
        both.map((leaving) => [leaving.status, onTo(leaving).includes(`number=${order.number}`)]),
        [
          [200, true],
          [200, true],
        ],
      )
      const other = await fresh()
      const second = await enter(other)
      const mixed = await Promise.all((['wechat', 'alipay'] as const).map((channel) => submit(second.browser, second.page, channel)))
      t.strictSame(mixed.map(({ status }) => status).sort(), [200, 409])
      t.match(mixed.find(({ status }) => status === 409)?.text, '已选了另一种支付方式')
    })

    t.test('a code is good once, for a minute, for its user’s own order', async (t) => {
      const order = await fresh()
      const { url, status } = await handOver(order)
      t.equal(status, 201)
      t.notMatch(url, /eyJ|Bearer|token/i, 'no token in an address')
      const browser = newBrowser()
      const first = await browser.open(url)
      t.strictSame([first.status, first.location], [303, `${origin}/pay/${order.number}`])
      t.match(browser.lastSetCookies[0], /^hub_visit_order=[\w-]{43}; Path=\/pay; Max-Age=1800; HttpOnly; SameSite=Lax$/)
      t.match(first.headers.get('referrer-policy'), 'no-referrer')
      const other = newBrowser()
      const second = await other.open(url)
      t.strictSame([second.status, other.cookie('hub_visit_order')], [410, undefined])
      t.match(second.text, '链接已失效')
      const raced = await handOver(order)
      const both = await Promise.all([newBrowser().open(raced.url), newBrowser().open(raced.url)])
      t.strictSame(both.map((page) => page.status).sort(), [303, 410], 'of two who bring one code, one finds it')
      const late = await handOver(order)
      await hub.app
        .database('page_visits')
        .whereNotNull('code_hash')
        .update({ expires_at: Date.now() - 1 })
      t.equal((await newBrowser().open(late.url)).status, 410)
      t.match(await handOver(order, 3), { status: 404, code: 'HUB_NO_RECORD' })
      t.equal((await hub.app.inject({ method: 'POST', url: `${order.statusUrl}/page` })).statusCode, 401)
      const kept = JSON.stringify(await hub.app.database('page_visits').select())
      t.notOk(kept.includes(browser.cookie('hub_visit_order') ?? '-'), 'neither cookie nor code can be read from the store')
    })

    t.test('one visit, one order: nobody else’s, not even one’s own other', async (t) => {
      const [mine, other] = [await fresh(), await make('B301', { person: 3 })]
      const { browser, page } = await enter(mine)
      for (const path of [`/pay/${other.number}`, `/pay/${other.number}/result`, `/pay/${'1'.repeat(26)}`]) {
        const shut = await browser.open(path)
        t.equal(shut.status, 403, path)
        t.match(shut.text, '请从应用打开')
        t.notMatch(shut.text, /43\.\d\d/)
      }
      t.equal((await browser.open(`/pay/${other.number}/state`)).status, 401)
      t.equal((await newBrowser().open(`/pay/${mine.number}`)).status, 403, 'without the cookie')
      const theirs = await enter(other, 3)
      for (const refused of [
        await submit(browser, theirs.page, 'wechat'),
        await submit(browser, page, 'wechat', { seal: 'x'.repeat(43) }),
        await submit(browser, theirs.page, 'wechat', { seal: /name="seal" value="([^"]*)"/.exec(page.text)?.[1] ?? '' }),
        await submit(theirs.browser, page, 'close'),
      ])
        t.equal(refused.status, 403)
      t.equal((await submit(browser, page, 'cash')).status, 400, 'no such way')
      t.strictSame([(await read(mine.statusUrl)).state, (await read(other.statusUrl, { person: 3 })).state], ['created', 'created'])
      await hub.app
        .database('users')
        .where({ id: (await hub.app.database('orders').where({ id: other.id }).first()).user_id })
        .update({ status: 'disabled' })
      t.equal((await theirs.browser.open(`/pay/${other.number}`)).status, 403, 'a shut account')
    })

    t.test('closed, expired, changed and refused are each told', async (t) => {
      const closed = await fresh()
      const first = await enter(closed)
      t.strictSame((await submit(first.browser, first.page, 'close')).location, `${origin}/pay/${closed.number}/result`)
      t.match((await first.browser.open(`/pay/${closed.number}/result`)).text, /订单已关闭[\s\S]*您取消了这个订单/)
      t.equal((await submit(first.browser, first.page, 'wechat')).status, 303, 'a closed order is shown, not paid')

      const changed = await fresh()
      const second = await enter(changed)
      sandbox.faults.set({ kind: 'values', sid: 'waterworks.bills', values: { je: '"99.99"' } })
      const refused = await submit(second.browser, second.page, 'wechat')
      t.match((await second.browser.open(refused.location ?? '')).text, /订单已关闭[\s\S]*账单变了/)
      sandbox.faults.clear()

      const expired = await fresh()
      const third = await enter(expired)
      await hub.app
        .database('orders')
        .where({ id: expired.id })
        .update({ expires_at: Date.now() - 1, due_at: Date.now() + 60_000 })
      t.match((await third.browser.open(`/pay/${expired.number}/result`)).text, /订单已关闭[\s\S]*超过了支付时间/)
      t.equal((await submit(third.browser, third.page, 'wechat')).status, 303)

      const unreachable = await fresh()
      const fourth = await enter(unreachable)
      sandbox.faults.set({ kind: 'http-503', sid: 'waterworks.bills', times: 9 })
      const trouble = await submit(fourth.browser, fourth.page, 'wechat')
      t.ok(trouble.status >= 500)
      t.match(trouble.text, /追踪号[\s\S]*/)
      t.ok(trouble.text.includes(`href="/pay/${unreachable.number}"`), 'the way back')
      sandbox.faults.clear()

      const gone = await fresh()
      const fifth = await enter(gone)
      const leaving = await submit(fifth.browser, fifth.page, 'alipay')
      sandbox.faults.set({ kind: 'refuse-submission', sid: OFF, times: 1 })
      await atCashier(onTo(leaving), 'pay')
      await until(gone.statusUrl, ['refunded'])
      t.match((await fifth.browser.open(`/pay/${gone.number}/result`)).text, /已退款[\s\S]*原路退回/)
    })

    t.test('every page is on record, and none of it holds a code or a cookie', async (t) => {
      const rows = await hub.app.database('audit_rows').where({ service: 'payment-page' })
      t.ok(rows.length > 10)
      const [row] = rows
      t.equal(row?.purpose ?? JSON.parse(row?.record ?? '{}').purpose, '支付页面')
      t.notMatch(hub.logged(), /code=[\w-]{43}/)
    })
  })
}
