import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin'
import { beijing } from '../../../core/base/time.ts'
import { isOwnNotice, pairsText } from '../../../plugins/payments/alipay/signature.ts'
import type { Channel, Payable } from '../../../plugins/payments/channel.ts'
import { fenOf, yuanOf } from '../../../plugins/payments/fen.ts'
import { openAlipay, openWechat } from '../../../plugins/payments/open.ts'
import { readPublicKey, signRsa } from '../../../plugins/payments/rsa.ts'
import { openResource } from '../../../plugins/payments/wechat/notice.ts'
import { requestText } from '../../../plugins/payments/wechat/signature.ts'
import { startSandbox } from '../../../plugins/sandbox/server.ts'
import { askAlipaySdk } from '../../helper/alipay-sdk.ts'

const log = { warn: () => undefined }
const dataDir = mkdtempSync(join(tmpdir(), 'hub-payments-'))
const sandbox = await startSandbox({ connectors: [], dataDir, headerPrefix: 'x' })
const merchants = sandbox.payments.merchants()
const opened = [openWechat(merchants.wechat, log), openAlipay(merchants.alipay, log)]
t.teardown(async () => {
  await Promise.all(opened.map(({ upstream }) => upstream.close()))
  await sandbox.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const newNumber = () => `T${randomUUID().replaceAll('-', '').slice(0, 20)}`
const payable = (number: string, changes: Partial<Payable> = {}): Payable => ({
  number,
  description: '水费 2026年10月',
  amountFen: 4310,
  expiresAt: Date.now() + 600_000,
  noticeUrl: '',
  returnUrl: 'https://app.example/back',
  way: 'h5',
  clientIp: '127.0.0.1',
  ...changes,
})
/** Alipay learns of an order when a browser brings it. */
async function hand(channel: Channel, order: Payable): Promise<void> {
  const invocation = await channel.prepay(order)
  if (channel.id === 'alipay' && invocation.kind === 'redirect') await fetch(invocation.url)
}

for (const { channel } of opened) {
  t.test(channel.name, async (t) => {
    const { id, merchant, application } = channel

    t.test('an order is made, paid, and found as it is', async (t) => {
      const number = newNumber()
      t.match(await channel.query(number), { state: 'absent', transactionId: null })
      await hand(channel, payable(number))
      t.match(await channel.query(number), { state: 'unpaid', amountFen: 4310, paidAt: null })
      t.ok(sandbox.payments.pay(id, number))
      const paid = await channel.query(number)
      t.match(paid, { state: 'paid', amountFen: 4310, currency: 'CNY', transactionId: /^\d{20,}/ })
      t.ok(Math.abs(Number(paid.paidAt) - Date.now()) < 5000)
      if (id === 'wechat') t.match(paid, { merchant, application })
      t.notOk(sandbox.payments.pay(id, number), 'once')
      await t.rejects(channel.close(number), { code: 'HUB_UPSTREAM_REFUSED' }, 'what is paid cannot be closed')
    })

    t.test('a closed order is not paid; one that the channel never saw is as good as closed', async (t) => {
      const number = newNumber()
      await hand(channel, payable(number))
      await channel.close(number)
      t.equal((await channel.query(number)).state, 'closed')
      t.notOk(sandbox.payments.pay(id, number))
      await channel.close(newNumber())
    })

    t.test('money goes back once for one number, and no more than came', async (t) => {
      const orderNumber = newNumber()
      await hand(channel, payable(orderNumber))
      sandbox.payments.pay(id, orderNumber)
      const refund = { number: newNumber(), orderNumber, amountFen: 1000, totalFen: 4310, reason: '多缴', noticeUrl: '' }
      t.match(await channel.queryRefund(refund), { state: 'absent' })
      await channel.refund(refund)
      await channel.refund(refund)
      t.match(await channel.queryRefund(refund), { state: 'done', amountFen: 1000 })
      await t.rejects(channel.refund({ ...refund, number: newNumber(), amountFen: 3311 }), { code: 'HUB_UPSTREAM_REFUSED' })
      await channel.refund({ ...refund, number: newNumber(), amountFen: 3310 })
      t.equal((await channel.query(orderNumber)).state, 'refunded')
    })

    t.test('the bill of the day has both', async (t) => {
      const orderNumber = newNumber()
      await hand(channel, payable(orderNumber, { amountFen: 5 }))
      sandbox.payments.pay(id, orderNumber)
      const refundNumber = newNumber()
      await channel.refund({ number: refundNumber, orderNumber, amountFen: 5, totalFen: 5, reason: '退', noticeUrl: '' })
      const bill = await channel.bill(beijing(Date.now()).slice(0, 10))
      const own = bill?.filter((entry) => entry.orderNumber === orderNumber)
      t.match(own, [
        { kind: 'payment', refundNumber: null, amountFen: 5 },
        { kind: 'refund', refundNumber, amountFen: 5 },
      ])
      t.equal(await channel.bill('2020-01-01'), null, 'a day without any has no bill')
    })

    t.test('a notice is believed only where it is the channel’s own, and then only as a hint', async (t) => {
      const number = newNumber()
      await hand(channel, payable(number))
      const simulator = (changes?: object) => {
        const trade = sandbox.payments.ledger(id).find(number)
        if (!trade) throw new Error('no trade')
        return sandbox.payments.noticeOf(id, trade, changes)
      }
      const read = (changes?: object) => {
        const { headers, body } = simulator(changes)
        return () => channel.readNotice(headers, Buffer.from(body))
      }
      t.match(read()(), { orderNumber: number, id: /^\w{32}$/ })
      t.equal(read({ amountFen: 1 })().orderNumber, number, 'what it says of the amount is not even read')
      for (const changes of [{ forged: true }, { unsigned: true }, { unknownKey: true }, { reserialised: true }, { probe: true }])
        t.throws(read(changes), { code: 'HUB_NOTICE_INVALID' }, JSON.stringify(changes))
      if (id === 'wechat') t.throws(read({ at: Date.now() - 301_000 }), { code: 'HUB_NOTICE_INVALID' }, 'an old one')
      for (const body of ['', '{}', 'sign=x', '[]'])
        t.throws(() => channel.readNotice(simulator().headers, Buffer.from(body)), { code: 'HUB_NOTICE_INVALID' })
      t.match(channel.answerNotice(false), { status: 401 })
      t.match(channel.answerNotice(true), id === 'alipay' ? { status: 200, body: 'success' } : { status: 204 })
    })
  })
}

t.test('an answer that somebody else signed is no answer', async (t) => {
  const { publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const strangers = [openWechat({ ...merchants.wechat, publicKey }, log), openAlipay({ ...merchants.alipay, publicKey }, log)]
  t.teardown(() => Promise.all(strangers.map(({ upstream }) => upstream.close())))
  for (const { channel } of strangers) await t.rejects(channel.query(newNumber()), { code: 'HUB_UPSTREAM_INVALID' }, channel.name)
})

t.test('WeChat Pay: the published vector, and the other implementation agrees', async (t) => {
  const vector = ['a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb', 'ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=', 'uluk4a9R25RW', 'associatedData'] as const
  t.equal(openResource(...vector), 'message')
  const sealed = Aes.AesGcm.encrypt('机密', vector[0], vector[2], '')
  t.equal(openResource(vector[0], sealed, vector[2], ''), '机密')
  const text = requestText('POST', '/v3/pay/transactions/h5?a=b', '1700000000', 'NONCE', '{"a":1}')
  t.equal(text, Formatter.request('POST', '/v3/pay/transactions/h5?a=b', '1700000000', 'NONCE', '{"a":1}'))
  const { privateKey } = merchants.wechat
  t.equal(await signRsa(createPrivateKey(privateKey), text), Rsa.sign(text, Rsa.from(privateKey, Rsa.KEY_TYPE_PRIVATE)))
})

t.test('Alipay: the official SDK signs and verifies the same', async (t) => {
  const { applicationId, privateKey, publicKey } = merchants.alipay
  const number = newNumber()
  await hand(opened[1]?.channel as Channel, payable(number))
  const trade = sandbox.payments.ledger('alipay').find(number)
  const notice = Object.fromEntries(new URLSearchParams(sandbox.payments.noticeOf('alipay', trade as NonNullable<typeof trade>).body))
  // SHA-1 would be believed by whoever takes the kind of signature from the notice.
  const { sign: _, sign_type: __, ...rest } = notice
  const weak = sign('sha1', Buffer.from(pairsText(rest)), createPrivateKey(sandbox.payments.keyOf('alipay'))).toString('base64')
  const forged = { ...rest, sign: weak, sign_type: 'RSA' }
  const order = { out_trade_no: 'T1', subject: '水费 & 燃气费' }
  const { signed, believed } = await askAlipaySdk({ applicationId, privateKey, publicKey, order, notices: [notice, forged] })
  const { sign: signature, ...pairs } = Object.fromEntries(new URLSearchParams(signed))
  t.equal(await signRsa(createPrivateKey(privateKey), pairsText(pairs)), signature)
  t.strictSame(believed, [true, true], 'the SDK takes both')
  t.ok(isOwnNotice(readPublicKey(publicKey), notice))
  t.notOk(isOwnNotice(readPublicKey(publicKey), forged), 'the hub does not take the weak one')
})

t.test('amounts go by their digits', async (t) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e13 }), (fen) => fenOf(yuanOf(fen)) === fen))
  for (const odd of ['', '1.234', '-1', '1e3', '.5', '1.', ' 1', null, 'NaN', '１']) t.equal(fenOf(odd), null, String(odd))
  t.equal(fenOf('8.5'), 850)
  for (const odd of [0.5, -1, Number.NaN, 1e300]) t.throws(() => yuanOf(odd), String(odd))
})
