import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { textOfPdf } from '../../../conformance/pdf-text.ts'
import type { ConnectorDeclaration } from '../../../core/connector.ts'
import { allOrderStates } from '../../../plugins/kinds/order/states.ts'
import { build } from '../../../test/helper/hub.ts'
import { orderStatuses } from '../codes.ts'
import water from '../index.ts'
import { billsOf } from '../sandbox/bills.ts'
import { householdsOf } from '../sandbox/households.ts'
import { sandbox as sandboxRows } from '../sandbox/rows.ts'

interface Options {
  person?: number
  body?: object
}

/** The bill whose meter the company has read again since. */
let misread = ''
const readAgain: ConnectorDeclaration = {
  ...water,
  sandbox: {
    ...water.sandbox,
    'bill-confirmation': (subject) =>
      sandboxRows['bill-confirmation'](subject).map((row) => (row['zdh'] === misread ? { ...row, sysl: 5, yjje: '15.25' } : row)),
  },
}

const jobs = { sweepMs: 50, pace: { baseMs: 20, maxMs: 100, settleMs: 200, closeMs: 0 } }
const hub = await build(t, { declarations: [readAgain], jobs })
await hub.app.listen({ port: 0, host: '127.0.0.1' })
const sandbox = hub.app.sandbox
if (!sandbox) throw new Error('no sandbox')

const ORDERS = '/v1/water/order-create'
const post = async (url: string, { person = 1, body }: Options = {}) => {
  const response = await hub.post(url, { person, headers: { 'idempotency-key': randomUUID() }, ...(body ? { body } : {}) })
  return { status: response.statusCode, ...response.json<{ code?: string; detail?: string; data: never }>() }
}
const read = async (url: string, person = 1) => (await hub.get(url, { person })).json()
const bind = async (accountNumber: string, person = 1) =>
  (await post('/v1/me/accounts/water', { person, body: { accountNumber } })) as unknown as {
    status: number
    code: string
    data: { id: string }
  }
const unbind = async (id: string) =>
  hub.app.inject({ method: 'DELETE', url: `/v1/me/accounts/${id}`, headers: { authorization: `Bearer ${await hub.token({ person: 1 })}` } })

const [home, village] = householdsOf(1)
const openOf = (household: typeof home) => (household ? billsOf(household).filter(({ payment }) => payment === null) : [])
const [bill] = openOf(home)
const [later, earlier] = openOf(village)
if (!bill || !later || !earlier) throw new Error('the sandbox has open bills')

t.test('an account is looked at, shortened, and bound by whom the company knows there', async (t) => {
  const [own] = (await read('/v1/water/account-lookup?waterAccountNumber=3100010001')).data
  t.match(own, { waterAccountNumber: '******0001', accountHolderName: '贾*', waterAddress: '许昌市魏都区****', relation: { code: '1' } })
  t.same((await read('/v1/water/account-lookup?waterAccountNumber=3100020001')).data, [], 'somebody else’s looks like none')
  t.match(await bind('3100020001'), { status: 403, code: 'HUB_ACCOUNT_UNVERIFIED' })
  t.match(await bind('3109999999'), { status: 403, code: 'HUB_ACCOUNT_UNVERIFIED' })
  t.match(await bind('31000'), { status: 400 })
  t.match(await read('/v1/water/bill-query'), { status: 403, code: 'HUB_ACCOUNT_UNBOUND' })
  t.match(await post(ORDERS, { body: { billNumber: bill.number } }), { status: 403, code: 'HUB_ACCOUNT_UNBOUND' })
  const details = [
    { name: 'accountHolderName', title: '户主姓名', value: '贾*' },
    { name: 'waterAddress', title: '用水地址', value: '许昌市魏都区****' },
  ]
  t.match(await bind('3100010001'), { status: 201, data: { account: '******0001', details } })
  t.match((await read('/v1/me/accounts')).data, [{ details }], 'on the list as it was shown before')
  t.notMatch(JSON.stringify(await hub.app.database('agency_accounts')), /贾|魏都/, 'and sealed in the store')
  t.match(await bind('3100030001', 2), { status: 201 }, 'a lodger whom the company has on record')
})

t.test('a bill adds up: readings, tiers, charges', async (t) => {
  const { data } = await read('/v1/water/bill-detail')
  t.equal(data.currentMeterReading - data.previousMeterReading, data.waterUsage)
  const sum = (rows: Record<string, number>[], name: string) => rows.reduce((total, row) => total + Math.round((row[name] ?? 0) * 100), 0)
  t.equal(sum(data.tiers, 'waterUsage') / 100, data.waterUsage)
  t.equal(data.tiers.length, 2, 'into the second tier')
  t.equal(sum(data.tiers, 'amount'), Math.round(data.charges[0].amount * 100))
  t.equal(sum(data.charges, 'amount'), Math.round(data.amountDue * 100))
  t.match(data, { billStatus: { name: '未缴费' }, billNumber: bill.number })
  const { data: bills } = await read('/v1/water/bill-query')
  t.same(
    bills.map(({ arrearsAmount }: { arrearsAmount: number }) => arrearsAmount > 0),
    bills.map((_: unknown, position: number) => position === 0),
  )
  for (const [position, { before }] of billsOf(home as NonNullable<typeof home>).entries())
    t.equal(before, billsOf(home as NonNullable<typeof home>)[position + 1]?.now ?? before, 'each period begins where the last ended')
})

t.test('from the bill to the certificate', async (t) => {
  const { data: due } = await read('/v1/water/bill-confirmation')
  t.match(due, { billNumber: bill.number, accountHolderName: '贾*', unitPrice: 3.05, billStatus: { code: '0' } })
  const made = await post(ORDERS, { body: { billNumber: due.billNumber } })
  const order = made.data as unknown as Record<string, string>
  t.match(made, { status: 201 })
  t.match(order, {
    orderNumber: order['number'] ?? '',
    orderStatus: { code: 'created', name: '待支付' },
    orderAmount: due.amountDue,
    unitPrice: 3.05,
    waterAccountNumber: '******0001',
    waterAddress: '许昌市魏都区****',
    billNumber: bill.number,
  })
  t.match(await post(ORDERS, { body: { billNumber: bill.number } }), { status: 409, code: 'HUB_ORDER_OPEN' })

  const [account] = (await read('/v1/me/accounts')).data
  const held = await unbind(account.id)
  t.match(held.json(), { status: 409, code: 'HUB_ACCOUNT_HELD', detail: /没有办结的缴费订单/ })
  t.equal((await read('/v1/me/accounts')).data.length, 1, 'still bound')

  const url = order['statusUrl'] ?? ''
  t.match(await post(`${url}/pay`, { body: { channel: 'wechat', way: 'h5' } }), { status: 200, data: { kind: 'redirect' } })
  sandbox.faults.set({ kind: 'accepted-then-reset', sid: '/openapi/v1/bill/write-off', times: 1 })
  t.ok(sandbox.payments.pay('wechat', order['number'] ?? ''))
  const done = await until(url, 'written-off')
  t.match(done, { orderStatus: { code: 'written-off', name: '已缴费' }, channel: 'wechat' })
  t.equal(sandbox.counts('order').get(order['number'] ?? ''), 1, 'once, although the answer was lost')

  t.match((await read('/v1/water/bill-detail')).data, { billStatus: { name: '已缴费' } })
  t.match(await read('/v1/water/bill-confirmation'), { status: 404, code: 'HUB_NO_RECORD' }, 'nothing is due')
  t.match(
    await post(ORDERS, { body: { billNumber: bill.number } }),
    { status: 409, code: 'HUB_ORDER_BILL' },
    'a paid bill is not paid again',
  )

  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
  const { data: recent } = await read(`/v1/water/payment-records?timeRange=${today}/..`)
  t.match(recent, [
    {
      transactionSerialNumber: order['number'],
      paymentMethod: { name: '微信支付' },
      transactionStatus: { name: '成功' },
      paymentAmount: due.amountDue,
      waterAccountNumber: '******0001',
    },
  ])
  const { data: all } = await read('/v1/water/payment-records')
  t.ok(all.length > 6 && all.some((row: { transactionStatus: { code: string } }) => row.transactionStatus.code === '0'))

  const one = await read(`/v1/water/payment-certificate?paymentRecord=${order['number']}`)
  t.match(one.data, { amount: due.amountDue, paymentDetails: [{ transactionSerialNumber: order['number'] }], userInfo: '贾*' })
  t.equal(one.data.paymentDetails.length, 1)
  const kept = await hub.get(one.data.certificateFile[0].href, { person: 1 })
  t.match([kept.statusCode, kept.headers['content-type']], [200, 'application/pdf'], 'the company’s own file')
  const sum = (await read('/v1/water/payment-certificate')).data
  const total = sum.paymentDetails.reduce((total: number, row: { paymentAmount: number }) => total + Math.round(row.paymentAmount * 100), 0)
  t.equal(total, Math.round(sum.amount * 100), 'the sum is that of the payments')
  t.match(await read('/v1/water/payment-certificate?timeRange=2001-01-01/2001-12-31'), { status: 404 }, 'nothing paid, nothing certified')
  const printed = await hub.get(`/v1/water/payment-certificate?format=pdf&paymentRecord=${order['number']}`, { person: 1 })
  t.equal(printed.statusCode, 200)
  t.equal(printed.rawPayload.subarray(0, 5).toString(), '%PDF-')
  const whole = `/v1/water/payment-certificate?reveal=true&paymentRecord=${order['number']}`
  t.match((await read(whole)).data, { waterAccountNumber: '3100010001', userInfo: '贾明' }, 'for whoever it is shown to')
  t.match((await hub.get(whole, { person: 1, face: false })).json(), { code: 'HUB_FACE_REQUIRED' })
  const text = textOfPdf((await hub.get(`${whole}&format=pdf`, { person: 1 })).rawPayload).replace(/\s/g, '')
  for (const part of ['3100010001', '贾明']) t.ok(text.includes(part), part)
  t.match((await read('/v1/me/documents')).data, [{ service: '水费缴纳证明', state: 'valid' }], 'on the list of one’s certificates')

  t.equal((await unbind(account.id)).statusCode, 204, 'with nothing open it can go')
  t.match(await read('/v1/water/bill-query'), { code: 'HUB_ACCOUNT_UNBOUND' })
})

t.test('bills of others, several accounts, an amount that changed', async (t) => {
  await bind('3100010001')
  t.match(
    await post(ORDERS, { body: { billNumber: earlier.number } }),
    { status: 404, code: 'HUB_NO_RECORD' },
    'of an account that is not bound',
  )
  const { data: second } = await bind('3100010002')
  t.match(await read('/v1/water/bill-query'), { status: 409, code: 'HUB_SEVERAL_RECORDS' })
  const url = `${ORDERS}?binding=${second.id}`
  t.match((await read(`/v1/water/bill-confirmation?binding=${second.id}`)).data, { billNumber: earlier.number }, 'the older first')
  t.match(
    await post(url, { person: 2, body: { billNumber: earlier.number } }),
    { code: 'HUB_ACCOUNT_UNBOUND' },
    'another’s binding is none',
  )
  t.match(await post(url, { body: {} }), { status: 400 })
  t.match(
    await post(ORDERS, { body: { billNumber: earlier.number, waterAccountNumber: '3100020001' } }),
    { status: 400 },
    'a request names no account',
  )

  const made = await post(url, { body: { billNumber: later.number } })
  const order = made.data as unknown as { billNumber: string; statusUrl: string }
  misread = order.billNumber
  t.match(await post(`${order.statusUrl}/pay`, { body: { channel: 'alipay', way: 'h5' } }), { status: 409, code: 'HUB_ORDER_BILL' })
  t.match((await read(order.statusUrl)).data, { state: 'closed', orderStatus: { code: 'closed' } }, 'nobody pays what was')
})

t.test('the states that the declaration names are the hub’s', async (t) => {
  t.same(Object.keys(orderStatuses.values).sort(), [...allOrderStates].sort())
})

async function until(url: string, state: string) {
  for (const end = Date.now() + 15_000; ; await sleep(25)) {
    const { data } = await read(url)
    if (data.state === state || Date.now() > end) return data
  }
}
