import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { inspect, LOOKS, type Look, looks, openChromium, openPage, withoutBrowser } from '../../helper/chromium.ts'
import { openOrders } from '../../helper/orders.ts'
import { paymentPages } from '../../helper/payment-page.ts'
import { targets } from '../../helper/targets.ts'

const skip = withoutBrowser
/** Both widths and both schemes; all four of their pairs where pictures are wanted. */
const [embedded] = targets

t.test('a bill is paid in a browser', { skip }, async (t) => {
  if (!embedded) return
  const orders = await openOrders(t, embedded)
  const { make, sandbox } = orders
  const { handOver, origin } = paymentPages(orders)
  const browser = await openChromium(t)
  let month = 1
  const fresh = () => make(`B1${String(month++).padStart(2, '0')}`)
  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).click()
  const heading = (page: Page, words: string | RegExp) => page.getByRole('heading', { level: 1, name: words }).waitFor()

  for (const [index, look] of looks.entries()) {
    const channel = index % 2 === 0 ? '微信支付' : '支付宝支付'
    t.test(`${look.name}, ${channel}`, async (t) => {
      const order = await fresh()
      const page = await openPage(t, browser, look)
      await page.goto((await handOver(order)).url)
      t.equal(page.url(), `${origin}/pay/${order.number}`, 'the code is gone from the address')
      await inspect(t, page, look, '1-bill')
      await press(page, channel)
      await heading(page, /沙箱，不收真钱/)
      t.ok(!page.url().startsWith(origin), 'at the cashier')
      await page.goBack()
      await heading(page, /核对账单/)
      await inspect(t, page, look, '2-bill-again')
      await press(page, `继续${channel}`)
      await heading(page, /沙箱，不收真钱/)
      await inspect(t, page, look, '3-cashier')
      await press(page, '支付')
      await heading(page, /支付结果确认中|正在销账|缴费成功/)
      t.equal(new URL(page.url()).pathname, `/pay/${order.number}/result`)
      await heading(page, '缴费成功')
      await inspect(t, page, look, '5-done')
      t.equal(sandbox.counts('order').get(order.number), 1)
      await page.goBack()
      await heading(page, /缴费成功|沙箱/)
    })
  }

  t.test('who leaves the cashier waits, honestly, and is told once it is paid', async (t) => {
    const [look] = LOOKS
    const order = await fresh()
    const page = await openPage(t, browser, look)
    await page.goto((await handOver(order)).url)
    await press(page, '微信支付')
    await heading(page, /沙箱/)
    await press(page, '放弃')
    await heading(page, '支付结果确认中')
    await inspect(t, page, look, '4-waiting')
    orders.payments.pay('wechat', order.number)
    await heading(page, '缴费成功')
  })

  t.test('without script the same', async (t) => {
    const [, , look] = LOOKS
    const order = await fresh()
    const page = await openPage(t, browser, look, { javaScriptEnabled: false })
    await page.goto((await handOver(order)).url)
    await press(page, '支付宝支付')
    await heading(page, /沙箱/)
    await press(page, '放弃')
    await heading(page, '支付结果确认中')
    orders.payments.pay('alipay', order.number)
    await heading(page, '缴费成功')
  })

  t.test('pages that say no', async (t) => {
    const order = await fresh()
    const { url } = await handOver(order)
    for (const look of [LOOKS[0], LOOKS[3]]) {
      const page = await openPage(t, browser, look)
      await refusals(t, page, look, order.number, url)
    }
  })

  async function refusals(t: Test, page: Page, look: Look, number: string, url: string): Promise<void> {
    await page.goto(`${origin}/pay/${number}`)
    await heading(page, '请从应用打开')
    await inspect(t, page, look, '6-stranger')
    await page.goto(url)
    // The first look uses it up.
    if (look === LOOKS[0]) {
      await press(page, '取消这个订单')
      await heading(page, '订单已关闭')
      await inspect(t, page, look, '7-closed')
    } else {
      await heading(page, '链接已失效')
      await inspect(t, page, look, '8-used')
    }
  }
})
