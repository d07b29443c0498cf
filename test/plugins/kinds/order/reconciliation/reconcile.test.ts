import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { dayOf, shift, startOf } from '../../../../../plugins/kinds/order/reconciliation/days.ts'
import type { ReconciliationRow } from '../../../../../plugins/kinds/order/reconciliation/rows.ts'
import { billing, LEDGER, OFF } from '../../../../helper/bills.ts'
import { cli } from '../../../../helper/cli.ts'
import { call, userId } from '../../../../helper/identity.ts'
import { openOrders } from '../../../../helper/orders.ts'
import { confirm, inOffice } from '../../../../helper/second-person.ts'
import { targets } from '../../../../helper/targets.ts'
import { readXlsx, sheetsOf } from '../../../../helper/xlsx.ts'

type Channel = 'wechat' | 'alipay'

const today = dayOf(Date.now())
/** The clock of whoever reconciles stands at two in the afternoon of the day after. */
const tomorrow = () => startOf(shift(today, 1)) + 14 * 3_600_000 + (Date.now() - began)
const began = Date.now()

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const { hub, sandbox, make, hand, until, payments } = await openOrders(t, target, billing(), settings, { now: tomorrow, againMs: 50 })
    const { reconciliations } = hub.app.orders
    const orders = () => hub.app.database('orders')
    for (const person of [5, 6]) await inOffice(hub, person)
    t.afterEach(() => sandbox.faults.clear())

    let month = 1
    const fresh = () => `B1${String(month++).padStart(2, '0')}`
    async function paidOrder(channel: Channel, end: string, options: { service?: string } = {}) {
      const order = await make(fresh(), options)
      await hand(order, channel)
      payments.pay(channel, order.number)
      await until(order.statusUrl, [end])
      return order
    }
    const ask = (method: 'GET' | 'POST', path: string, person = 5, body?: object) =>
      call(hub, method, `/admin/reconciliations${path}`, { person, ...(body ? { body: { purpose: '核对账目', ...body } } : {}) })
    const read = async (path: string) => (await ask('GET', path)).json().data
    const dayId = async (channel: Channel) => (await read(`?channel=${channel}`))[0].id as string
    /** Waits until the day has been looked at, and nothing is under way any more. */
    async function looked(channel: Channel, states: readonly string[], runs = 1) {
      const id = await dayId(channel)
      for (const end = Date.now() + 30_000; ; await sleep(25)) {
        const found = await reconciliations.rows.read(id)
        if (found && states.includes(found.state) && found.runs >= runs) return read(`/${id}`)
        if (Date.now() > end) throw new Error(JSON.stringify(found))
      }
    }
    async function again(channel: Channel, states: readonly string[]) {
      const { runs } = await read(`/${await dayId(channel)}`)
      t.equal((await ask('POST', `/${await dayId(channel)}/run`, 5, {})).statusCode, 200)
      return looked(channel, states, runs + 1)
    }
    const kindsOf = (found: { differences: { kind: string; state: string }[] }) =>
      found.differences.filter(({ state }) => state === 'open' || state === 'acted').map(({ kind }) => kind)

    t.test('a day on which three ledgers agree, to the fen', async (t) => {
      const kept = await paidOrder('wechat', 'written-off')
      const other = await paidOrder('alipay', 'written-off')
      sandbox.faults.set({ kind: 'refuse-submission', sid: OFF, times: 1 })
      const returned = await paidOrder('wechat', 'refunded')
      // The first time the company is asked it does not answer: it is asked again.
      sandbox.faults.set({ kind: 'http-500', sid: LEDGER, times: 1 })
      t.equal(await reconciliations.plan(), 2, 'a row for each channel')
      t.equal(await reconciliations.plan(), 0, 'and no second one')
      const [wechat, alipay] = [await looked('wechat', ['matched']), await looked('alipay', ['matched'])]
      t.match(wechat, { day: today, connector: 'waterworks', channelName: '微信支付', stateName: '已对平', settled: 1, differing: 0 })
      const fen = async (id: string) => Number((await orders().where({ id }).first()).amount_fen)
      const [a, b, c] = [await fen(kept.id), await fen(other.id), await fen(returned.id)]
      t.match(wechat.sums, { channelFen: a + c, hubFen: a + c, companyFen: a, returnedFen: c, channelRefundFen: c, hubRefundFen: c })
      t.match(alipay.sums, { channelCount: 1, channelFen: b, hubFen: b, companyFen: b, returnedFen: 0 })
      t.match(await until(kept.statusUrl, ['settled']), { state: 'settled', final: true })
      await until(other.statusUrl, ['settled'])
      t.match(await until(returned.statusUrl, ['refunded']), { state: 'refunded' })

      const second = await again('wechat', ['matched'])
      t.match(second, { settled: 1, sums: wechat.sums, differences: [] }, 'looked at again, nothing is another')
      const events = await hub.app.database('order_events').where({ order_id: kept.id, to_state: 'settled' })
      t.equal(events.length, 1, 'settled once')
      t.same(await read('?state=differing'), [])
      t.equal((await ask('GET', '', 4)).statusCode, 403, 'for administrators alone')
    })

    t.test('what only the channel has: the hub asks for it, and the day is looked at again by itself', async (t) => {
      const order = await make(fresh())
      await hand(order, 'wechat')
      // Nobody looks any more, and the notice is lost.
      while (
        (await orders()
          .where({ id: order.id, lease_owner: null })
          .update({ due_at: tomorrow() * 2 })) === 0
      )
        await sleep(5)
      payments.ledger('wechat').pay(order.number)
      await again('wechat', ['matched', 'differing'])
      const end = await looked('wechat', ['matched'])
      await until(order.statusUrl, ['settled'])
      t.match(end.differences[0], { kind: 'channel-only', orderNumber: order.number, state: 'gone' })
      t.equal(end.sums.channelFen, end.sums.companyFen + end.sums.returnedFen)
    })

    t.test('what nobody knows, what the company lacks, what went back past the hub: each waits for a person', async (t) => {
      const { ledger } = payments
      const unknown = {
        number: 'X20261127000001',
        amountFen: 777,
        description: '水费',
        noticeUrl: '',
        returnUrl: '',
        expiresAt: Date.now() * 2,
      }
      ledger('wechat').make({ ...unknown, transactionId: 'T1' })
      ledger('wechat').pay(unknown.number)
      const strange = { sid: 'waterworks.orders', serial: 'Y1', bill: 'Z1', amount: '1.23', at: Date.now(), params: { qd: 'wechat' } }
      appendFileSync(join(settings.DATA_DIR, 'sandbox-write-offs.jsonl'), `${JSON.stringify(strange)}\n`)
      const gone = await paidOrder('wechat', 'written-off')
      ledger('wechat').refund(gone.number, 'R-BY-HAND', 100)
      sandbox.faults.set({ kind: 'refuse-submission', sid: OFF })
      const missing = await paidOrder('wechat', 'exception', { service: 'staff-orders' })
      const resolving = { purpose: '公司口头答复', outcome: 'written-off' }
      const asked = await call(hub, 'POST', `/admin/orders/${missing.id}/resolve`, { person: 5, body: resolving })
      t.equal((await confirm(hub, asked, 6)).statusCode, 200)

      const found = await again('wechat', ['differing'])
      t.same(kindsOf(found).sort(), ['company-missing', 'company-only', 'refund-unknown', 'unknown-payment'])
      const of = (kind: string) => found.differences.find((one: { kind: string }) => one.kind === kind)
      t.match(of('unknown-payment'), { reference: unknown.number, channelFen: 777, hubFen: null, companyFen: null, state: 'open' })
      t.match(of('company-only'), { reference: 'Y1', channelFen: null, companyFen: 123, orderId: null })
      t.match(of('refund-unknown'), { reference: 'R-BY-HAND', channelFen: 100, hubFen: null, orderNumber: gone.number })
      t.match(of('company-missing'), { orderNumber: missing.number, orderId: missing.id, companyFen: null })
      t.match(hub.logged(), /三方账目有差异/, 'the log raises the alarm')
      t.match(await read('?state=differing'), [{ differing: 4 }])
      const told = async (person: number) =>
        (await hub.app.database('messages').where({ topic: 'operations', user_id: userId(person) })).length
      for (const end = Date.now() + 15_000; (await told(5)) + (await told(6)) < 2 && Date.now() < end; ) await sleep(25)
      t.same([await told(5), await told(6), await told(4)], [1, 1, 0], 'those who may do something about it are told, once')

      const file = await ask('GET', `/${found.id}?format=xlsx`)
      t.match(file.headers['content-disposition'], /reconciliation/)
      t.same(sheetsOf(file.rawPayload), ['汇总', '差异'])
      const cells = readXlsx(file.rawPayload, 2)
      t.ok(cells.some((row) => row.includes('渠道已收款，中枢没有这个订单') && row.includes(777)))

      const resolve = (kind: string, outcome: string, person = 5, day = found.id) =>
        ask('POST', `/${day}/differences/${of(kind).id}/resolve`, person, { outcome })
      t.equal((await resolve('company-missing', 'explained', 1)).statusCode, 403, 'not by whoever paid it')
      t.equal((await resolve('unknown-payment', 'refund')).json().code, 'HUB_ORDER_STATE', 'the hub has nothing to give back')
      t.equal((await resolve('unknown-payment', 'explained', 5, await dayId('alipay'))).statusCode, 404, 'of another day')
      t.match((await resolve('unknown-payment', 'explained')).json().data, { state: 'resolved', reason: '核对账目' })
      t.equal((await resolve('unknown-payment', 'explained')).json().code, 'HUB_RECONCILIATION_STATE', 'once')
      await resolve('company-only', 'explained')
      const refunding = await resolve('company-missing', 'refund')
      t.equal(refunding.statusCode, 202)
      t.equal((await confirm(hub, refunding, 5)).statusCode, 403, 'nobody confirms what he asked for')
      t.equal((await confirm(hub, refunding, 6)).statusCode, 200)
      await until(missing.statusUrl, ['refunded'])
      t.equal(payments.ledger('wechat').find(missing.number)?.refunds.size, 1)
      t.match(await read(`/${found.id}`), { state: 'differing', differing: 1 })
      t.equal((await resolve('refund-unknown', 'explained')).statusCode, 200)
      t.match(await read(`/${found.id}`), { state: 'matched', differing: 0 })

      const later = await again('wechat', ['matched'])
      t.same(kindsOf(later), [], 'what a person has settled stays settled')
      appendFileSync(join(settings.DATA_DIR, 'sandbox-write-offs.jsonl'), `${JSON.stringify({ ...strange, serial: 'Y2', bill: 'Z2' })}\n`)
      t.same(kindsOf(await again('wechat', ['differing'])), ['company-only'], 'and what is new is not')
    })

    t.test('an operator has a day looked at anew', async (t) => {
      const run = cli(settings)
      t.match(await run('orders', 'reconcile', today), { code: 2, err: /早于今天/ }, 'a day that is over')
      const before = shift(today, -5)
      const { code, out } = await run('orders', 'reconcile', before, '--json', '--reason', '渠道补发了账单')
      t.equal(code, 0)
      t.match(JSON.parse(out), [
        { channel: 'alipay', day: before },
        { channel: 'wechat', day: before },
      ])
      const row = async () => (await reconciliations.rows.list({ from: before, to: before, page: 1, pageSize: 2 })).rows
      for (const end = Date.now() + 30_000; (await row()).some(({ state }) => state !== 'matched') && Date.now() < end; ) await sleep(25)
      t.same(
        (await row()).map(({ state }) => state),
        ['matched', 'matched'],
        'by the hub that runs',
      )
    })

    t.test('a bill that is not there yet is waited for; one of an empty day is no trouble', async (t) => {
      const day = shift(today, -3)
      const { rows } = reconciliations
      await rows.plan([{ connector: 'waterworks', channel: 'alipay', day }])
      const of = async (date: string) => (await read(`?channel=alipay&from=${date}&to=${date}`))[0]
      const until = async (date: string, isSo: (row: ReconciliationRow) => boolean) => {
        const { id } = await of(date)
        for (const end = Date.now() + 30_000; ; await sleep(25)) {
          const row = await rows.read(id)
          if (row && isSo(row)) return
          if (Date.now() > end) throw new Error(JSON.stringify(row))
        }
      }
      await until(day, ({ state }) => state === 'matched')
      t.match(await of(day), { state: 'matched', sums: { channelCount: 0, hubCount: 0 } })

      const before = shift(today, -1)
      const order = await orders().where({ channel: 'alipay' }).first()
      await orders()
        .where({ id: order.id })
        .update({ paid_at: startOf(before) })
      await rows.plan([{ connector: 'waterworks', channel: 'alipay', day: before }])
      await until(before, ({ last_error }) => last_error !== null)
      t.match(await of(before), { state: 'due', lastError: 'NO_BILL', runs: 0 })
      await orders().where({ id: order.id }).update({ paid_at: order.paid_at })

      t.equal(
        await reconciliations.plan(),
        6,
        'days that were asked for by themselves, two of one channel and one of the other, hide none between them',
      )
      t.match(await of(shift(today, -2)), { channel: 'alipay' })
    })
  })
}
