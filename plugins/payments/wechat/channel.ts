import { randomBytes } from 'node:crypto'
import type { WechatMerchant } from '../../../config/payments.ts'
import type { SourceRow } from '../../../core/upstream/envelope.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import type { Ask } from '../ask.ts'
import { allOf } from '../bill-file.ts'
import type { Channel, ChannelPayment, ChannelRefund, Invocation, Payable } from '../channel.ts'
import { readPrivateKey, signRsa } from '../rsa.ts'
import { readTradeBill } from './bill.ts'
import { platformKeys } from './keys.ts'
import { readNotice } from './notice.ts'
import { BILL } from './signer.ts'

const CURRENCY = 'CNY'

const paymentStates: Readonly<Record<string, ChannelPayment['state']>> = {
  SUCCESS: 'paid',
  REFUND: 'refunded',
  NOTPAY: 'unpaid',
  PAYERROR: 'unpaid',
  USERPAYING: 'paying',
  ACCEPT: 'paying',
  CLOSED: 'closed',
  REVOKED: 'closed',
}
const refundStates: Readonly<Record<string, ChannelRefund['state']>> = {
  SUCCESS: 'done',
  CLOSED: 'closed',
  PROCESSING: 'processing',
  ABNORMAL: 'abnormal',
}
/** A day without payments, and one whose bill is still being made: the channel does not tell them apart for sure. */
const NO_BILL: ReadonlySet<string> = new Set(['NO_STATEMENT_EXIST', 'STATEMENT_CREATING'])
const prepayPaths = { jsapi: 'jsapi', 'mini-program': 'jsapi', h5: 'h5', app: 'app' } as const

/** WeChat Pay for one merchant and application. `download`: the bytes behind a path that WeChat gave. */
export function createWechatChannel(merchant: WechatMerchant, ask: Ask, download: (path: string) => AsyncIterable<Uint8Array>): Channel {
  const { merchantId, applicationId, apiV3Key } = merchant
  const key = readPrivateKey(merchant.privateKey)
  const keys = platformKeys(merchant)
  const get = (sid: string, path: string, params: Record<string, unknown> = {}) => ask({ sid, method: 'GET', path, params })
  const post = (sid: string, path: string, params: Record<string, unknown>) => ask({ sid, method: 'POST', path, params })
  const byNumber = (number: string) => `/v3/pay/transactions/out-trade-no/${encodeURIComponent(number)}`

  async function prepay(order: Payable): Promise<Invocation> {
    const { row } = await post('prepay', `/v3/pay/transactions/${prepayPaths[order.way]}`, {
      appid: applicationId,
      mchid: merchantId,
      description: order.description,
      out_trade_no: order.number,
      time_expire: new Date(order.expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
      notify_url: order.noticeUrl,
      amount: { total: order.amountFen, currency: CURRENCY },
      ...(order.way === 'h5' ? { scene_info: { payer_client_ip: order.clientIp, h5_info: { type: 'Wap' } } } : {}),
      ...(prepayPaths[order.way] === 'jsapi' ? { payer: { openid: order.payerId ?? '' } } : {}),
    })
    if (order.way === 'h5') {
      const url = new URL(text(row, 'h5_url'))
      url.searchParams.set('redirect_url', order.returnUrl)
      return { kind: 'redirect', url: url.href }
    }
    return { kind: 'invoke', parameters: await invocation(order.way, text(row, 'prepay_id')) }
  }

  /** What the app hands to WeChat, signed so that nothing of it is changed on the way (paySign). */
  async function invocation(way: Payable['way'], prepayId: string): Promise<Record<string, string>> {
    const timeStamp = String(Math.floor(Date.now() / 1000))
    const nonceStr = randomBytes(16).toString('hex')
    const signed = (last: string) => signRsa(key, `${applicationId}\n${timeStamp}\n${nonceStr}\n${last}\n`)
    if (way === 'app')
      return {
        appid: applicationId,
        partnerid: merchantId,
        prepayid: prepayId,
        package: 'Sign=WXPay',
        noncestr: nonceStr,
        timestamp: timeStamp,
        sign: await signed(prepayId),
      }
    const wrapped = `prepay_id=${prepayId}`
    return { appId: applicationId, timeStamp, nonceStr, package: wrapped, signType: 'RSA', paySign: await signed(wrapped) }
  }

  async function bill(day: string) {
    const { status, row } = await get('bill', BILL, { bill_date: day, bill_type: 'ALL' })
    if (status === 400) {
      if (NO_BILL.has(String(row['code']))) return null
      throw new UpstreamError('HUB_UPSTREAM_REFUSED', { delivery: 'refused', status })
    }
    const address = new URL(text(row, 'download_url'))
    const expected = { type: text(row, 'hash_type'), value: text(row, 'hash_value') }
    return allOf(readTradeBill(download(`${address.pathname}${address.search}`), expected))
  }

  function refundOf(number: string, { status, row }: { status: number; row: SourceRow }): ChannelRefund {
    if (status === 404) return { state: 'absent', amountFen: null }
    const state = refundStates[String(row['status'])]
    // Signed as it may be, an answer about another refund is none.
    if (!state || row['out_refund_no'] !== number) throw unreadable(status)
    return { state, amountFen: whole((row['amount'] as SourceRow | undefined)?.['refund']) }
  }

  return {
    id: 'wechat',
    name: '微信支付',
    ways: ['jsapi', 'mini-program', 'h5', 'app'],
    merchant: merchantId,
    application: applicationId,
    prepay,
    bill,
    async query(number) {
      const { status, row } = await get('query', byNumber(number), { mchid: merchantId })
      if (status === 404) return absent
      const state = paymentStates[String(row['trade_state'])]
      if (!state || row['out_trade_no'] !== number) throw unreadable(status)
      const amount = row['amount'] as SourceRow | undefined
      const paidAt = Date.parse(String(row['success_time']))
      return {
        state,
        transactionId: typeof row['transaction_id'] === 'string' ? row['transaction_id'] : null,
        amountFen: whole(amount?.['total']),
        currency: String(amount?.['currency'] ?? CURRENCY),
        merchant: String(row['mchid']),
        application: String(row['appid']),
        paidAt: Number.isNaN(paidAt) ? null : paidAt,
      }
    },
    async close(number) {
      await post('close', `${byNumber(number)}/close`, { mchid: merchantId })
    },
    async refund({ number, orderNumber, amountFen, totalFen, reason, noticeUrl }) {
      return refundOf(
        number,
        await post('refund', '/v3/refund/domestic/refunds', {
          out_trade_no: orderNumber,
          out_refund_no: number,
          reason,
          notify_url: noticeUrl,
          amount: { refund: amountFen, total: totalFen, currency: CURRENCY },
        }),
      )
    },
    queryRefund: async ({ number }) =>
      refundOf(number, await get('refund-query', `/v3/refund/domestic/refunds/${encodeURIComponent(number)}`)),
    readNotice: (headers, body) => readNotice({ keys, apiV3Key }, headers, body),
    answerNotice: (taken) =>
      taken
        ? { status: 204, contentType: 'application/json', body: '' }
        : { status: 401, contentType: 'application/json', body: JSON.stringify({ code: 'FAIL', message: '签名错误' }) },
  }
}

const absent: ChannelPayment = {
  state: 'absent',
  transactionId: null,
  amountFen: null,
  currency: CURRENCY,
  merchant: null,
  application: null,
  paidAt: null,
}

function text(row: SourceRow, name: string): string {
  const value = row[name]
  if (typeof value !== 'string' || value === '') throw unreadable(200)
  return value
}

function whole(value: unknown): number | null {
  const fen = Number(value)
  return Number.isSafeInteger(fen) ? fen : null
}

function unreadable(status: number): UpstreamError {
  return new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status })
}
