import type { AlipayMerchant } from '../../../config/payments.ts'
import { beijing } from '../../../core/base/time.ts'
import { prefixOf } from '../../../core/upstream/address.ts'
import type { SourceRow } from '../../../core/upstream/envelope.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import type { Ask } from '../ask.ts'
import { allOf } from '../bill-file.ts'
import type { Channel, ChannelPayment, ChannelRefund, Invocation, Payable } from '../channel.ts'
import { fenOf, yuanOf } from '../fen.ts'
import { readPrivateKey, readPublicKey, signRsa } from '../rsa.ts'
import { readTradeBill } from './bill.ts'
import { readNotice } from './notice.ts'
import { pairsText } from './signature.ts'

const UNKNOWN_ORDER = 'ACQ.TRADE_NOT_EXIST'
/** A day without payments, and one whose bill is still being made. */
const NO_BILL: ReadonlySet<string> = new Set(['BILL_NOT_EXIST', 'isp.bill_not_exist'])
const UNCLEAR: ReadonlySet<string> = new Set(['ACQ.SYSTEM_ERROR', 'SYSTEM_ERROR', 'aop.ACQ.SYSTEM_ERROR'])

const states: Readonly<Record<string, ChannelPayment['state']>> = {
  WAIT_BUYER_PAY: 'unpaid',
  TRADE_SUCCESS: 'paid',
  TRADE_FINISHED: 'paid',
  TRADE_CLOSED: 'closed',
}

/** Alipay for one application. `download`: fetches a bill from the address that Alipay gives. */
export function createAlipayChannel(merchant: AlipayMerchant, ask: Ask, download: (url: string) => AsyncIterable<Uint8Array>): Channel {
  const { applicationId, sellerId, baseUrl } = merchant
  const own = readPrivateKey(merchant.privateKey)
  const theirs = readPublicKey(merchant.publicKey)
  const post = (sid: string, path: string, params: Record<string, unknown>) =>
    ask({ sid, method: 'POST', path: `/v3/alipay/${path}`, params })

  /** Alipay's own page takes the order itself, so nothing is asked beforehand; what it takes is signed. */
  async function prepay(order: Payable): Promise<Invocation> {
    const isApp = order.way === 'app'
    const content = {
      out_trade_no: order.number,
      total_amount: yuanOf(order.amountFen),
      subject: order.description,
      product_code: isApp ? 'QUICK_MSECURITY_PAY' : 'QUICK_WAP_WAY',
      time_expire: clock(order.expiresAt),
      ...(isApp ? {} : { quit_url: order.returnUrl }),
    }
    const pairs = {
      app_id: applicationId,
      method: isApp ? 'alipay.trade.app.pay' : 'alipay.trade.wap.pay',
      format: 'JSON',
      charset: 'utf-8',
      sign_type: 'RSA2',
      timestamp: clock(Date.now()),
      version: '1.0',
      notify_url: order.noticeUrl,
      ...(isApp ? {} : { return_url: order.returnUrl }),
      biz_content: JSON.stringify(content),
    }
    const query = new URLSearchParams({ ...pairs, sign: await signRsa(own, pairsText(pairs)) }).toString()
    if (isApp) return { kind: 'invoke', parameters: { orderString: query } }
    return { kind: 'redirect', url: `${new URL(baseUrl).origin}${prefixOf(baseUrl)}/gateway.do?${query}` }
  }

  async function query(number: string): Promise<ChannelPayment> {
    const { status, row } = await post('query', 'trade/query', { out_trade_no: number })
    if (row['code'] === UNKNOWN_ORDER) return absent
    assertDone(status, row)
    const state = states[String(row['trade_status'])]
    if (!state || row['out_trade_no'] !== number) throw unreadable(status)
    const paidAt = Date.parse(`${String(row['send_pay_date']).replace(' ', 'T')}+08:00`)
    const wasPaid = !Number.isNaN(paidAt)
    return {
      // A trade that was paid and is closed was given back whole.
      state: state === 'closed' && wasPaid ? 'refunded' : state,
      transactionId: typeof row['trade_no'] === 'string' ? row['trade_no'] : null,
      amountFen: fenOf(row['total_amount']),
      currency: typeof row['trans_currency'] === 'string' ? row['trans_currency'] : 'CNY',
      // It names neither: an application sees none but its own merchant's orders.
      merchant: null,
      application: null,
      paidAt: wasPaid ? paidAt : null,
    }
  }

  async function queryRefund({ number, orderNumber }: { number: string; orderNumber: string }): Promise<ChannelRefund> {
    const { status, row } = await post('refund-query', 'trade/fastpay/refund/query', { out_trade_no: orderNumber, out_request_no: number })
    if (row['code'] === UNKNOWN_ORDER) return { state: 'absent', amountFen: null }
    assertDone(status, row)
    // An answer without a state is about a refund that was never made.
    if (row['refund_status'] !== 'REFUND_SUCCESS') return { state: 'absent', amountFen: null }
    if (row['out_trade_no'] !== orderNumber || row['out_request_no'] !== number) throw unreadable(status)
    return { state: 'done', amountFen: fenOf(row['refund_amount']) }
  }

  return {
    id: 'alipay',
    name: '支付宝',
    ways: ['h5', 'app'],
    merchant: sellerId,
    application: applicationId,
    prepay,
    query,
    queryRefund,
    async close(number) {
      const { status, row } = await post('close', 'trade/close', { out_trade_no: number })
      if (row['code'] !== UNKNOWN_ORDER) assertDone(status, row)
    },
    async refund({ number, orderNumber, amountFen, reason }) {
      const { status, row } = await post('refund', 'trade/refund', {
        out_trade_no: orderNumber,
        out_request_no: number,
        refund_amount: yuanOf(amountFen),
        refund_reason: reason,
      })
      assertDone(status, row)
      if (row['out_trade_no'] !== orderNumber) throw unreadable(status)
      // `N`: this request moved nothing, since an earlier one of the number did, or since it is still under way.
      return row['fund_change'] === 'Y' ? { state: 'done', amountFen } : { state: 'processing', amountFen: null }
    },
    async bill(day) {
      const path = '/v3/alipay/data/dataservice/bill/downloadurl/query'
      const { status, row } = await ask({ sid: 'bill', method: 'GET', path, params: { bill_type: 'trade', bill_date: day } })
      if (NO_BILL.has(String(row['code']))) return null
      assertDone(status, row)
      return allOf(readTradeBill(download(String(row['bill_download_url']))))
    },
    readNotice: (_headers, body) => readNotice(theirs, applicationId, body),
    answerNotice: (taken) => ({ status: taken ? 200 : 401, contentType: 'text/plain', body: taken ? 'success' : 'failure' }),
  }
}

const absent: ChannelPayment = {
  state: 'absent',
  transactionId: null,
  amountFen: null,
  currency: 'CNY',
  merchant: null,
  application: null,
  paidAt: null,
}

/** `2026-11-26 20:30:00`, Beijing time. */
function clock(at: number): string {
  return beijing(at).slice(0, 19).replace('T', ' ')
}

/** Refusals come with HTTP 400 or 404 and a code of the business; one of them says that nobody knows what was done. */
function assertDone(status: number, row: SourceRow): void {
  if (status < 300) return
  if (UNCLEAR.has(String(row['code']))) throw unreadable(status)
  throw new UpstreamError('HUB_UPSTREAM_REFUSED', { delivery: 'refused', status })
}

function unreadable(status: number): UpstreamError {
  return new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status })
}
