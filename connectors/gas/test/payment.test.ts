import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { dayOf, shift, startOf } from '../../../plugins/kinds/order/reconciliation/days.ts'
import { allOrderStates } from '../../../plugins/kinds/order/states.ts'
import { worldAt } from '../../../plugins/sandbox/world.ts'
import { build } from '../../../test/helper/hub.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import { orderStatuses } from '../codes.ts'
import gas from '../index.ts'
import { billsOf } from '../sandbox/books.ts'
import { householdsOf } from '../sandbox/households.ts'

const ORDERS = '/v1/gas/order-create'
/** Whoever reconciles stands at two in the afternoon of the day after. */
const reconciling = { now: () => startOf(shift(dayOf(Date.now()), 1)) + 14 * 3_600_000, againMs: 50 }
const jobs = { sweepMs: 50, pace: { baseMs: 20, maxMs: 100, settleMs: 200, closeMs: 0 }, reconciling }
/** Looked at more often than people look. */
const world = worldAt(Date.now())

const openOf = (person: number) => {
  const [home] = householdsOf(person, world)
  if (!home) throw new Error(`person ${person} has gas`)
  return billsOf(home, world).filter(({ payment }) => payment === null)
}

t.test('the states that the declaration names are the hub’s', async (t) => {
  t.same(Object.keys(orderStatuses.values).sort(), [...allOrderStates].sort())
})

t.test('what is bound, paid and certified', async (t) => {
  const hub = await build(t, { declarations: [unhurried(gas)], jobs })
  await hub.app.listen({ port: 0, host: '127.0.0.1' })
  const { sandbox } = hub.app
  if (!sandbox) throw new Error('no sandbox')
  const post = async (url: string, body: object, person = 1) => {
    const response = await hub.post(url, { person, headers: { 'idempotency-key': randomUUID() }, body })
    return { status: response.statusCode, ...response.json() }
  }
  const read = async (url: string, person = 1) => (await hub.get(url, { person })).json()
  const bind = (accountNumber: string, person = 1) => post('/v1/me/accounts/gas', { accountNumber }, person)
  const until = async (url: string, state: string, person = 1) => {
    for (const end = Date.now() + 15_000; ; await sleep(25)) {
      const { data } = await read(url, person)
      if (data.state === state || Date.now() > end) return data
    }
  }
  const [bill] = openOf(1)
  if (!bill) throw new Error('person 1 has an open bill')

  await t.test('an account is looked at, shortened, and bound by whom the company knows there', async (t) => {
    const shown = await read('/v1/gas/account-lookup?gasAccountNumber=5100011703')
    t.match(shown.data, [
      { gasAccountNumber: '******1703', accountHolderName: '贾*', gasAddress: '许昌市魏都区****', relation: { code: '1' } },
    ])
    t.same((await read('/v1/gas/account-lookup?gasAccountNumber=5100033029')).data, [], 'somebody else’s looks like none')
    for (const number of ['5100033029', '5199999999']) t.match(await bind(number), { status: 403, code: 'HUB_ACCOUNT_UNVERIFIED' })
    t.match(await bind('51000'), { status: 400 })
    for (const service of ['fee-query', 'usage-analysis', 'balance-query', 'bill-query', 'inspection-records'])
      t.match(await read(`/v1/gas/${service}`), { status: 403, code: 'HUB_ACCOUNT_UNBOUND' }, service)
    t.match(await post(ORDERS, { billNumber: bill.number }), { status: 403, code: 'HUB_ACCOUNT_UNBOUND' })
    t.match(await bind('5100011703'), { status: 201 })
    t.match(await bind('5100011703', 2), { status: 201 }, 'who lives there')
    t.match(await bind('5100033029', 3), { status: 201 })
  })

  await t.test('from the bill to the certificate, by WeChat', async (t) => {
    const { data: due } = await read('/v1/gas/bill-confirmation')
    t.match(due, { billNumber: bill.number, accountHolderName: '贾*', billStatus: { code: '0' } })
    t.equal((await read('/v1/gas/fee-query')).data.gasFee, due.amountDue)
    const made = await post(ORDERS, { billNumber: due.billNumber })
    t.match(made, {
      status: 201,
      data: { orderStatus: { code: 'created' }, orderAmount: due.amountDue, gasAccountNumber: '******1703' },
    })
    const { number, statusUrl } = made.data
    t.match(await post(ORDERS, { billNumber: bill.number }), { status: 409, code: 'HUB_ORDER_OPEN' })
    const [account] = (await read('/v1/me/accounts')).data
    const headers = { authorization: `Bearer ${await hub.token({ person: 1 })}` }
    const unbind = () => hub.app.inject({ method: 'DELETE', url: `/v1/me/accounts/${account.id}`, headers })
    t.match((await unbind()).json(), { status: 409, code: 'HUB_ACCOUNT_HELD' })

    t.match(await post(`${statusUrl}/pay`, { channel: 'wechat', way: 'h5' }), { status: 200 })
    sandbox.faults.set({ kind: 'accepted-then-reset', sid: 'api/v1/bills/write-off', times: 1 })
    t.ok(sandbox.payments.pay('wechat', number))
    t.match(await until(statusUrl, 'written-off'), { orderStatus: { name: '已缴费' } })
    t.equal(sandbox.counts('order').get(number), 1, 'once, although the answer was lost')
    t.equal((await read('/v1/gas/fee-query')).data.gasFee, 0)
    t.match(await post(ORDERS, { billNumber: bill.number }), { status: 409, code: 'HUB_ORDER_BILL' }, 'a paid bill is not paid again')
    t.match(await read('/v1/gas/bill-confirmation'), { status: 404, code: 'HUB_NO_RECORD' })

    const one = await read(`/v1/gas/gas-certificate?paymentRecord=${number}&purpose=1`)
    t.match(one.data, {
      amount: due.amountDue,
      paymentDetails: [{ transactionSerialNumber: number, paymentMethod: { name: '微信支付' } }],
    })
    const file = await hub.get(one.data.certificateFile[0].href, { person: 1 })
    t.match([file.statusCode, file.headers['content-type']], [200, 'application/pdf'], 'the company’s own file')
    const printed = await hub.get(`/v1/gas/gas-certificate?format=pdf&paymentRecord=${number}`, { person: 1 })
    t.equal(printed.rawPayload.subarray(0, 5).toString(), '%PDF-')
    const reveal = `/v1/gas/gas-certificate?reveal=true&paymentRecord=${number}`
    t.match((await read(reveal)).data, { gasAccountNumber: '5100011703', accountHolderName: '贾明', gasAddress: /2号楼3单元501室/ })
    t.match((await hub.get(reveal, { person: 1, face: false })).json(), { code: 'HUB_FACE_REQUIRED' })
    const { data: whole } = await read('/v1/gas/gas-certificate')
    const total = whole.paymentDetails.reduce((sum: number, row: { paymentAmount: number }) => sum + Math.round(row.paymentAmount * 100), 0)
    t.equal(total, Math.round(whole.amount * 100), 'the sum is that of the payments')
    t.match(await read('/v1/gas/gas-certificate?timeRange=2001-01-01/2001-12-31'), { status: 404 })
    t.equal((await unbind()).statusCode, 204, 'with nothing open it can go')
  })

  await t.test('the older of two bills by Alipay, and nobody else’s', async (t) => {
    const [, older] = openOf(3)
    if (!older) throw new Error('person 3 has two open bills')
    t.match((await read('/v1/gas/bill-confirmation', 3)).data, { billNumber: older.number }, 'the older first')
    t.match(await post(ORDERS, { billNumber: older.number }, 2), { status: 404, code: 'HUB_NO_RECORD' })
    t.match(
      await post(ORDERS, { billNumber: older.number, gasAccountNumber: '5100011703' }, 3),
      { status: 400 },
      'a request names no account',
    )
    t.match(await post(ORDERS, {}, 3), { status: 400 })
    const { data } = await post(ORDERS, { billNumber: older.number }, 3)
    const handed = await post(`${data.statusUrl}/pay`, { channel: 'alipay', way: 'h5' }, 3)
    t.match(handed, { status: 200, data: { kind: 'redirect' } })
    // Alipay knows of an order when its page is opened.
    await (await fetch(handed.data.url)).body?.cancel()
    t.ok(sandbox.payments.pay('alipay', data.number))
    t.match(await until(data.statusUrl, 'written-off', 3), { channel: 'alipay', state: 'written-off' })
    const { data: ledger } = await read('/v1/gas/payment-records?sort=-paymentTime&pageSize=1', 3)
    t.match(ledger, [{ transactionSerialNumber: data.number, paymentMethod: { name: '支付宝' }, transactionStatus: { name: '成功' } }])
  })

  await t.test('at the end of the day the company’s ledger, the channels’ bills and the hub’s orders agree', async (t) => {
    const number = await hub.app.orders.reconciliations.plan()
    t.ok(number >= 2, 'a day for each channel')
    const orders = () => hub.app.database('orders').where({ connector: 'gas' }).whereNotNull('paid_at').select('number', 'state')
    for (const end = Date.now() + 15_000; Date.now() < end; await sleep(25))
      if ((await orders()).every(({ state }) => state === 'settled')) break
    t.same(
      (await orders()).map(({ state }) => state),
      ['settled', 'settled'],
    )
    const days = await hub.app.database('reconciliations').select('channel', 'state')
    t.match(days.map(({ channel, state }) => `${channel} ${state}`).sort(), ['alipay matched', 'wechat matched'])
  })

  await t.test('a chart has a point a month, with the year before beside it', async (t) => {
    const { data } = await read('/v1/gas/usage-analysis', 2)
    const series = data.gasUsageAnalysis as { month: string; gasUsage: number; lastYearUsage: number; changePercent: number }[]
    t.equal(series.length, 24)
    t.same(
      series.map(({ month }) => month),
      series.map(({ month }) => month).sort(),
    )
    const [before, now] = [series.slice(0, 12), series.slice(12)]
    t.same(
      now.map(({ lastYearUsage }) => lastYearUsage),
      before.map(({ gasUsage }) => gasUsage),
    )
    for (const { gasUsage, lastYearUsage, changePercent } of now)
      t.ok(Math.abs(changePercent - ((gasUsage - lastYearUsage) / lastYearUsage) * 100) <= 0.05)
    const from = now[0]?.month ?? ''
    t.equal((await read(`/v1/gas/usage-analysis?timeRange=${from}-01/..`, 2)).data.gasUsageAnalysis.length, 12)
  })

  t.notMatch(hub.logged(), /5100011703|5100033029/, 'no log line says whose account it was')
})
