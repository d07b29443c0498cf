import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { build } from '../../../test/helper/hub.ts'
import { uncached } from '../../../test/helper/uncached.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import gas from '../index.ts'

interface Slot {
  appointmentDate: string
  appointmentSlot: string
  bookable: boolean
  left: number
}

t.test('the company’s books follow what is booked and what is done', async (t) => {
  const hub = await build(t, {
    declarations: [uncached(unhurried(gas, 0.1))],
    jobs: { sweepMs: 50, pace: { baseMs: 20, maxMs: 100, settleMs: 200 } },
    sandboxTiming: { progressStepMs: 600_000 },
  })
  const { sandbox } = hub.app
  if (!sandbox) throw new Error('no sandbox')
  const send = async (method: 'POST' | 'PATCH', url: string, payload: object, person: number) => {
    const headers = { authorization: `Bearer ${await hub.token({ person })}`, 'idempotency-key': randomUUID() }
    const response = await hub.app.inject({ method, url, headers, payload })
    return { status: response.statusCode, ...response.json() }
  }
  const file = (service: string, body: object, person: number) => send('POST', `/v1/gas/${service}`, body, person)
  const read = async (url: string, person = 1) => (await hub.get(url, { person })).json()
  const until = async (url: string, reached: (data: { state: string; act?: { state: string } | null }) => boolean, person: number) => {
    for (const end = Date.now() + 15_000; ; await sleep(25)) {
      const { data } = await read(url, person)
      if (reached(data) || Date.now() > end) return data
    }
  }
  const at = ({ appointmentDate, appointmentSlot }: Slot) => ({ appointmentDate, appointmentSlot })
  const slots = async () => (await read('/v1/gas/appointment-slots?pageSize=100')).data as Slot[]
  const slotNow = async (wanted: Slot) => (await slots()).find((slot) => JSON.stringify(at(slot)) === JSON.stringify(at(wanted)))
  const last = (await slots()).find(({ left }) => left === 1)
  const wide = (await slots()).find(({ left }) => left === 28)
  if (!last || !wide) throw new Error('some windows are nearly full, and some are empty')
  // Both live in the flat; he has a shop besides.
  for (const person of [1, 2]) t.match(await send('POST', '/v1/me/accounts/gas', { accountNumber: '5100011703' }, person), { status: 201 })
  const repair = { contactPhone: '13800000001', faultKind: '1', description: '灶具打不着火' }

  await t.test('a window that somebody has taken is no other’s; who moves or gives up frees it', async (t) => {
    const filed = await file('repair-request', { ...repair, ...at(last) }, 1)
    t.match(filed, { status: 202 })
    const url = `/v1/gas/repair-request/${filed.data.id}`
    await until(url, ({ state }) => state === 'reviewing', 1)
    t.match(await slotNow(last), { bookable: false, left: 0 })
    const refused = await file('repair-request', { ...repair, ...at(last) }, 2)
    t.match(refused, { status: 400, errors: [{ pointer: '/body/appointmentSlot', detail: /现在不能选/ }] })

    t.match(await send('PATCH', url, at(wide), 1), { status: 202 })
    await until(url, ({ act }) => act?.state === 'done', 1)
    t.match(await slotNow(last), { bookable: true, left: 1 }, 'free again')
    t.match(await slotNow(wide), { bookable: true, left: 27 })
    t.match(await send('POST', `${url}/cancel`, { cancelReason: '已自行修好' }, 1), { status: 202 })
    await until(url, ({ state }) => state === 'withdrawn', 1)
    t.match(await slotNow(wide), { left: 28 })
  })

  await t.test('what is stopped is stopped for the whole household, and only that is restored', async (t) => {
    const supply = async (person: number) => {
      const { data } = await read('/v1/gas/account-lookup?gasAccountNumber=5100011703', person)
      return data[0].supplyStatus.name
    }
    const visit = { contactPhone: '13800000001', ...at(wide) }
    const check = async (workOrderType: string, person: number) =>
      (await read(`/v1/gas/work-order-check?workOrderType=${workOrderType}`, person)).data.allowed.code
    t.equal(await supply(1), '正常用气')
    t.match(await file('supply-restoration', visit, 1), { status: 409, code: 'HUB_FILING_UNFIT' })
    const open = await file('supply-shutdown', { ...visit, shutdownReason: '1' }, 1)
    t.match(open, { status: 409, code: 'HUB_FILING_UNFIT', detail: /账单未缴/ }, 'a bill is open')
    const [bill] = (await read('/v1/gas/bill-query')).data.filter((each: { billStatus: { code: string } }) => each.billStatus.code === '0')
    await pay(bill.billNumber, bill.amountDue)

    const asked = await file('supply-shutdown', { ...visit, shutdownReason: '1' }, 1)
    t.match(asked, { status: 202 })
    const url = `/v1/gas/supply-shutdown/${asked.data.id}`
    await until(url, ({ state }) => state === 'reviewing', 1)
    t.equal(await supply(1), '正常用气', 'nobody has been there yet')
    sandbox.timing.progressStepMs = 0
    await until(url, ({ state }) => state === 'done', 1)
    t.same([await supply(1), await supply(2)], ['已报停', '已报停'], 'for who lives there too')
    t.match(await file('repair-request', { ...repair, ...at(wide) }, 2), { status: 409, code: 'HUB_FILING_UNFIT', detail: /已报停/ })
    t.same([await check('08', 2), await check('09', 2)], ['0', '1'])
    t.match((await read(url, 1)).data, { state: 'done' }, 'the order itself is there as before')

    const restored = await file('supply-restoration', visit, 2)
    await until(`/v1/gas/supply-restoration/${restored.data.id}`, ({ state }) => state === 'done', 2)
    t.same([await supply(1), await supply(2)], ['正常用气', '正常用气'])
  })

  /** Pays what is due. */
  async function pay(billNumber: string, amount: number): Promise<void> {
    const order = await file('order-create', { billNumber }, 1)
    t.match(order, { status: 201, data: { orderAmount: amount } })
    await send('POST', `${order.data.statusUrl}/pay`, { channel: 'wechat', way: 'h5' }, 1)
    t.ok(sandbox?.payments.pay('wechat', order.data.number))
    await until(order.data.statusUrl, ({ state }) => state === 'written-off', 1)
  }
})
