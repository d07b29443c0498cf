import { generateKeyPairSync, randomBytes, randomUUID, sign, verify } from 'node:crypto'
import { zipSync } from 'fflate'
import iconv from 'iconv-lite'
import type { AlipayMerchant } from '../../../config/payments.ts'
import { beijing } from '../../../core/base/time.ts'
import { fenOf, yuanOf } from '../../payments/fen.ts'
import { readObject } from '../platform.ts'
import { cashier } from './cashier.ts'
import { paymentKeys } from './keys.ts'
import { createLedger, hasEntries, refundedOf, type Trade } from './ledger.ts'
import { jsonAnswer, type PaymentAnswer, type PaymentCall, type PaymentSimulator } from './simulator.ts'

const PREFIX = '/alipay'
const MERCHANT = { applicationId: '2021000000000001', sellerId: '2088000000000001' }
const clock = (at: number) => beijing(at).slice(0, 19).replace('T', ' ')

/** Alipay as one application sees it (standards §5.2): its page, its v3 interface, its notices and bills. */
export function createAlipaySimulator(dataDir: string): PaymentSimulator<AlipayMerchant> {
  const ledger = createLedger(dataDir, 'alipay')
  const keys = () => paymentKeys(dataDir, 'alipay')
  const signText = (text: string | Buffer, key: Parameters<typeof sign>[2] = keys().channel.privateKey) =>
    sign('sha256', Buffer.from(text), key).toString('base64')

  function answer(call: PaymentCall): PaymentAnswer {
    const page = cashier('支付宝', ledger, `${PREFIX}/cashier`, call)
    if (page) return page
    if (call.path === '/gateway.do') return openPage(call)
    if (call.path === '/bill')
      return { status: 200, headers: { 'content-type': 'application/zip' }, body: bill(call.query.get('day') ?? '') }
    const given = isOwnRequest(call, keys().merchant.publicKey) ? dispatch(call) : refuse(401, 'invalid-signature')
    const [timestamp, nonce] = [String(Date.now()), randomUUID()]
    const text = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), given.body, Buffer.from('\n')])
    const headers = { 'alipay-timestamp': timestamp, 'alipay-nonce': nonce, 'alipay-signature': signText(text) }
    return { ...given, headers: { ...given.headers, ...headers } }
  }

  /** The signed order that the browser brings: Alipay learns of it here. */
  function openPage({ query }: PaymentCall): PaymentAnswer {
    const { sign: signature = '', ...pairs } = Object.fromEntries(query)
    if (!verify('sha256', Buffer.from(textOf(pairs)), keys().merchant.publicKey, Buffer.from(signature, 'base64')))
      return refuse(400, 'invalid-signature')
    const order = JSON.parse(pairs['biz_content'] ?? '{}') as Record<string, string>
    const number = order['out_trade_no'] ?? ''
    const amountFen = fenOf(order['total_amount'])
    if (pairs['app_id'] !== MERCHANT.applicationId || amountFen === null || amountFen < 1) return refuse(400, 'ACQ.INVALID_PARAMETER')
    const known = ledger.find(number)
    if (known && known.amountFen !== amountFen) return refuse(400, 'ACQ.CONTEXT_INCONSISTENT')
    ledger.make({
      number,
      amountFen,
      description: order['subject'] ?? '',
      noticeUrl: pairs['notify_url'] ?? '',
      returnUrl: pairs['return_url'] ?? '',
      expiresAt: Date.parse(`${order['time_expire']?.replace(' ', 'T')}+08:00`),
      transactionId: `${beijing(Date.now()).slice(0, 10).replaceAll('-', '')}22001${String(Date.now()).slice(-13)}00`,
    })
    const back = encodeURIComponent(pairs['return_url'] ?? '')
    return { status: 302, headers: { location: `${PREFIX}/cashier?number=${number}&back=${back}` }, body: Buffer.alloc(0) }
  }

  function dispatch(call: PaymentCall): PaymentAnswer {
    const order = readObject(call.body) as Record<string, string>
    const trade = ledger.find(order['out_trade_no'] ?? '')
    const path = `${call.method} ${call.path.replace('/v3/alipay/', '')}`
    if (path === 'GET data/dataservice/bill/downloadurl/query') {
      const day = call.query.get('bill_date') ?? ''
      if (!hasEntries(ledger.all(), day)) return refuse(400, 'BILL_NOT_EXIST')
      return jsonAnswer(200, { bill_download_url: `http://${call.headers.host}${PREFIX}/bill?day=${day}` })
    }
    if (!path.startsWith('POST trade/')) return refuse(404, 'route-not-found')
    if (!trade) return refuse(404, 'ACQ.TRADE_NOT_EXIST')
    if (path === 'POST trade/query') return jsonAnswer(200, describe(trade))
    if (path === 'POST trade/close')
      return ledger.close(trade.number) ? jsonAnswer(200, named(trade)) : refuse(400, 'ACQ.TRADE_STATUS_ERROR')
    if (path === 'POST trade/refund') return refund(trade, order)
    const found = trade.refunds.get(order['out_request_no'] ?? '')
    // As at the real one: a refund that was never made is answered without a state.
    return jsonAnswer(
      200,
      found
        ? {
            ...named(trade),
            out_request_no: order['out_request_no'],
            refund_amount: yuanOf(found.amountFen),
            refund_status: 'REFUND_SUCCESS',
          }
        : {},
    )
  }

  function refund(trade: Trade, order: Record<string, string>): PaymentAnswer {
    const amountFen = fenOf(order['refund_amount'])
    const number = order['out_request_no'] ?? ''
    const isKnown = trade.refunds.has(number)
    if (trade.state !== 'paid' || amountFen === null) return refuse(400, 'ACQ.TRADE_STATUS_ERROR')
    if (!ledger.refund(trade.number, number, amountFen)) return refuse(400, 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL')
    return jsonAnswer(200, { ...named(trade), fund_change: isKnown ? 'N' : 'Y', refund_fee: yuanOf(refundedOf(trade)) })
  }

  function bill(day: string): Buffer {
    return Buffer.from(zipSync({ [`${MERCHANT.sellerId}_业务明细.csv`]: iconv.encode(billText(ledger.all(), day), 'gbk') }))
  }

  return {
    prefix: PREFIX,
    ledger,
    answer,
    notice(trade, { amountFen = trade.amountFen, at = Date.now(), forged, unsigned, unknownKey, reserialised, probe } = {}) {
      const pairs: Record<string, string> = {
        notify_time: clock(at),
        notify_type: 'trade_status_sync',
        notify_id: randomBytes(16).toString('hex'),
        charset: 'utf-8',
        version: '1.0',
        app_id: unknownKey ? '2021000000000009' : MERCHANT.applicationId,
        seller_id: MERCHANT.sellerId,
        trade_no: trade.transactionId,
        out_trade_no: trade.number,
        trade_status: 'TRADE_SUCCESS',
        total_amount: yuanOf(amountFen),
        subject: trade.description,
      }
      const key = forged || probe ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : undefined
      const signature = signText(textOf(pairs), key)
      if (reserialised) pairs['subject'] = `${pairs['subject']} `
      const body = new URLSearchParams(unsigned ? pairs : { ...pairs, sign: signature, sign_type: 'RSA2' }).toString()
      return { url: trade.noticeUrl, headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }, body }
    },
    merchant(origin) {
      const { merchant, channel } = keys()
      return { ...MERCHANT, baseUrl: `${origin}${PREFIX}`, privateKey: merchant.privateKey, publicKey: channel.publicKey }
    },
  }
}

function textOf(pairs: Readonly<Record<string, string>>): string {
  return Object.keys(pairs)
    .sort()
    .map((name) => `${name}=${pairs[name]}`)
    .join('&')
}

function isOwnRequest({ method, url, headers, body }: PaymentCall, publicKey: string): boolean {
  const { authorization = '' } = headers
  const at = authorization.lastIndexOf(',sign=')
  const [members, signature] = [authorization.slice('ALIPAY-SHA256withRSA '.length, at), authorization.slice(at + ',sign='.length)]
  if (!members.includes(`app_id=${MERCHANT.applicationId},`)) return false
  return verify('sha256', Buffer.from(`${members}\n${method}\n${url}\n${body}\n`), publicKey, Buffer.from(signature, 'base64'))
}

function named({ transactionId, number }: Trade) {
  return { trade_no: transactionId, out_trade_no: number }
}

function describe(trade: Trade): object {
  const isBack = trade.state === 'paid' && refundedOf(trade) === trade.amountFen
  const trade_status = isBack ? 'TRADE_CLOSED' : { unpaid: 'WAIT_BUYER_PAY', paid: 'TRADE_SUCCESS', closed: 'TRADE_CLOSED' }[trade.state]
  return {
    ...named(trade),
    trade_status,
    total_amount: yuanOf(trade.amountFen),
    ...(trade.paidAt === null ? {} : { send_pay_date: clock(trade.paidAt) }),
  }
}

function billText(trades: readonly Trade[], day: string): string {
  const isOn = (at: number | null) => at !== null && beijing(at).startsWith(day)
  const titles =
    '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）,备注'
  const line = (trade: Trade, kind: string, at: number, amount: string, refundNumber = '') =>
    [
      trade.transactionId,
      trade.number,
      kind,
      trade.description,
      clock(at),
      clock(at),
      '',
      '',
      '',
      '',
      '***',
      amount,
      amount,
      refundNumber,
      '0.00',
      '',
    ]
      .map((cell) => `${cell}\t`)
      .join(',')
  const lines = trades.flatMap((trade) => [
    ...(isOn(trade.paidAt) ? [line(trade, '交易', trade.paidAt as number, yuanOf(trade.amountFen))] : []),
    ...[...trade.refunds]
      .filter(([, { at }]) => isOn(at))
      .map(([number, refund]) => line(trade, '退款', refund.at, `-${yuanOf(refund.amountFen)}`, number)),
  ])
  const rule = '-'.repeat(40)
  return [
    '#支付宝业务明细查询',
    `#账号：[${MERCHANT.sellerId}0156]`,
    `#起始日期：[${day} 00:00:00]   终止日期：[${day} 24:00:00]`,
    `#${rule}业务明细列表${rule}`,
    titles,
    ...lines,
    `#${rule}业务明细列表结束${rule}`,
    `#交易合计：${lines.length}笔`,
    '',
  ].join('\r\n')
}

function refuse(status: number, code: string): PaymentAnswer {
  return jsonAnswer(status, { code, message: code })
}
