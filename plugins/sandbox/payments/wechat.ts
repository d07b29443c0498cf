import { createCipheriv, createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import type { WechatMerchant } from '../../../config/payments.ts'
import { beijing } from '../../../core/base/time.ts'
import { readObject } from '../platform.ts'
import { cashier } from './cashier.ts'
import { paymentKeys } from './keys.ts'
import { createLedger, hasEntries, type Ledger, refundedOf, type Trade } from './ledger.ts'
import { jsonAnswer, type NoticeChanges, type PaymentAnswer, type PaymentCall, type PaymentSimulator } from './simulator.ts'
import { wechatBill } from './wechat-bill.ts'

const PREFIX = '/wechat-pay'
const MERCHANT = { merchantId: '1900000001', applicationId: 'wx0000000000000001', serial: '5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A' }
const API_V3_KEY = 'sandboxapiv3key00000000000000000'
const PUBLIC_KEY_ID = 'PUB_KEY_ID_0119000000012026000000000000000000'
const SKEW_S = 300

/** WeChat Pay API v3 as one merchant sees it (standards §5.1), in the mode with a 微信支付公钥. */
export function createWechatSimulator(dataDir: string): PaymentSimulator<WechatMerchant> {
  const ledger = createLedger(dataDir, 'wechat-pay')
  const keys = () => paymentKeys(dataDir, 'wechat-pay')

  function signed(body: Buffer, { at = Date.now(), forged, unknownKey, probe }: NoticeChanges = {}): Record<string, string> {
    const timestamp = String(Math.floor(at / 1000))
    const nonce = randomBytes(16).toString('hex')
    const key = forged ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : keys().channel.privateKey
    const text = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')])
    const signature = sign('sha256', text, key).toString('base64')
    return {
      'wechatpay-timestamp': timestamp,
      'wechatpay-nonce': nonce,
      'wechatpay-serial': unknownKey ? `${PUBLIC_KEY_ID}9` : PUBLIC_KEY_ID,
      'wechatpay-signature': probe ? `WECHATPAY/SIGNTEST/${signature.slice(19)}` : signature,
      'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
    }
  }

  function answer(call: PaymentCall): PaymentAnswer {
    const page = cashier('微信支付', ledger, `${PREFIX}/cashier`, call)
    if (page) return page
    if (call.path === '/v3/billdownload/file') return download(call)
    const given = isOwnRequest(call, keys().merchant.publicKey) ? dispatch(call) : refuse(401, 'SIGN_ERROR', '签名错误')
    return { ...given, headers: { ...given.headers, ...signed(given.body) } }
  }

  function dispatch(call: PaymentCall): PaymentAnswer {
    const key = `${call.method} ${call.path}`
    const [, way] = /^POST \/v3\/pay\/transactions\/(jsapi|h5|app)$/.exec(key) ?? []
    if (way) return prepay(call, way)
    const [, number = ''] = /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(?:\/close)?$/.exec(call.path) ?? []
    const trade = ledger.find(number)
    if (key === `POST /v3/pay/transactions/out-trade-no/${number}/close`) {
      if (!trade) return refuse(404, 'ORDER_NOT_EXIST', '订单不存在')
      return ledger.close(number) ? { status: 204, headers: {}, body: Buffer.alloc(0) } : refuse(400, 'ORDERPAID', '该订单已支付')
    }
    if (key === `GET /v3/pay/transactions/out-trade-no/${number}`)
      return trade ? jsonAnswer(200, describe(trade)) : refuse(404, 'ORDER_NOT_EXIST', '订单不存在')
    if (key === 'POST /v3/refund/domestic/refunds') return refund(ledger, readObject(call.body))
    const [, refundNumber = ''] = /^GET \/v3\/refund\/domestic\/refunds\/([^/]+)$/.exec(key) ?? []
    if (refundNumber) return queryRefund(ledger, refundNumber)
    if (key === 'GET /v3/bill/tradebill') return bill(call)
    return refuse(404, 'NOT_FOUND', '接口不存在')
  }

  function prepay(call: PaymentCall, way: string): PaymentAnswer {
    const order = readObject(call.body) as { amount?: { total?: number }; scene_info?: object; payer?: { openid?: string } } & Record<
      string,
      string
    >
    if (order['mchid'] !== MERCHANT.merchantId || order['appid'] !== MERCHANT.applicationId)
      return refuse(400, 'PARAM_ERROR', '商户号与应用不符')
    const amountFen = order.amount?.total
    if (!Number.isInteger(amountFen) || Number(amountFen) < 1) return refuse(400, 'PARAM_ERROR', '金额不对')
    if (way === 'jsapi' && !order.payer?.openid) return refuse(400, 'PARAM_ERROR', '缺少 openid')
    const known = ledger.find(order['out_trade_no'] ?? '')
    if (known && known.amountFen !== amountFen) return refuse(400, 'INVALID_REQUEST', '商户订单号重复')
    if (known?.state === 'paid') return refuse(400, 'ORDERPAID', '该订单已支付')
    if (known?.state === 'closed') return refuse(400, 'ORDER_CLOSED', '订单已关闭')
    const trade = ledger.make({
      number: order['out_trade_no'] ?? '',
      amountFen: Number(amountFen),
      description: order['description'] ?? '',
      noticeUrl: order['notify_url'] ?? '',
      returnUrl: '',
      expiresAt: Date.parse(order['time_expire'] ?? ''),
      transactionId: `42000${String(Date.now()).padStart(23, '0')}`.slice(0, 28),
    })
    const address = `http://${call.headers.host}${PREFIX}/cashier?number=${trade.number}`
    return jsonAnswer(200, way === 'h5' ? { h5_url: address } : { prepay_id: `wx${trade.number}` })
  }

  function bill(call: PaymentCall): PaymentAnswer {
    const day = call.query.get('bill_date') ?? ''
    if (!hasEntries(ledger.all(), day)) return refuse(400, 'NO_STATEMENT_EXIST', '账单文件不存在')
    const bytes = wechatBill(ledger.all(), day, MERCHANT)
    const address = `http://${call.headers.host}${PREFIX}/v3/billdownload/file?token=${day}`
    return jsonAnswer(200, { hash_type: 'SHA1', hash_value: createHash('sha1').update(bytes).digest('hex'), download_url: address })
  }

  function download(call: PaymentCall): PaymentAnswer {
    return {
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: wechatBill(ledger.all(), call.query.get('token') ?? '', MERCHANT),
    }
  }

  return {
    prefix: PREFIX,
    ledger,
    answer,
    notice(trade, changes = {}) {
      const resource = JSON.stringify(describe({ ...trade, amountFen: changes.amountFen ?? trade.amountFen }))
      const sealed = {
        id: `${randomBytes(16).toString('hex')}`,
        create_time: beijing(Date.now()),
        event_type: 'TRANSACTION.SUCCESS',
        resource_type: 'encrypt-resource',
        summary: '支付成功',
        resource: { original_type: 'transaction', algorithm: 'AEAD_AES_256_GCM', ...seal(resource) },
      }
      const body = JSON.stringify(sealed)
      return {
        url: trade.noticeUrl,
        headers: { 'content-type': 'application/json', ...(changes.unsigned ? {} : signed(Buffer.from(body), changes)) },
        body: changes.reserialised ? JSON.stringify(sealed, null, 1) : body,
      }
    },
    merchant(origin) {
      const { merchant, channel } = keys()
      return {
        ...MERCHANT,
        baseUrl: `${origin}${PREFIX}`,
        privateKey: merchant.privateKey,
        apiV3Key: API_V3_KEY,
        publicKeyId: PUBLIC_KEY_ID,
        publicKey: channel.publicKey,
      }
    },
  }
}

function isOwnRequest({ method, url, headers, body }: PaymentCall, publicKey: string): boolean {
  const [, text = ''] = /^WECHATPAY2-SHA256-RSA2048 (.+)$/.exec(headers.authorization ?? '') ?? []
  const given = Object.fromEntries(
    text.split(',').map((member) => [member.slice(0, member.indexOf('=')), member.slice(member.indexOf('=') + 1).replaceAll('"', '')]),
  )
  const { mchid, serial_no, nonce_str = '', timestamp = '', signature = '' } = given
  if (mchid !== MERCHANT.merchantId || serial_no !== MERCHANT.serial) return false
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < SKEW_S)) return false
  const signedText = `${method}\n${url}\n${timestamp}\n${nonce_str}\n${body}\n`
  return verify('sha256', Buffer.from(signedText), publicKey, Buffer.from(signature, 'base64'))
}

function describe(trade: Trade): object {
  const states = { unpaid: 'NOTPAY', paid: refundedOf(trade) > 0 ? 'REFUND' : 'SUCCESS', closed: 'CLOSED' }
  const known = { out_trade_no: trade.number, mchid: MERCHANT.merchantId, appid: MERCHANT.applicationId, trade_state: states[trade.state] }
  const amount = { total: trade.amountFen, payer_total: trade.amountFen, currency: 'CNY', payer_currency: 'CNY' }
  if (trade.paidAt === null) return { ...known, amount }
  return { ...known, transaction_id: trade.transactionId, trade_type: 'MWEB', success_time: beijing(trade.paidAt), amount }
}

function refund(ledger: Ledger, order: Record<string, unknown>): PaymentAnswer {
  const { out_trade_no, out_refund_no, amount } = order as { out_trade_no?: string; out_refund_no?: string; amount?: { refund?: number } }
  const trade = ledger.find(out_trade_no ?? '')
  if (trade?.state !== 'paid') return refuse(404, 'RESOURCE_NOT_EXISTS', '订单不存在')
  if (!ledger.refund(trade.number, out_refund_no ?? '', Number(amount?.refund))) return refuse(400, 'INVALID_REQUEST', '退款金额不对')
  return queryRefund(ledger, out_refund_no ?? '')
}

function queryRefund(ledger: Ledger, number: string): PaymentAnswer {
  const trade = ledger.all().find(({ refunds }) => refunds.has(number))
  const found = trade?.refunds.get(number)
  if (!trade || !found) return refuse(404, 'RESOURCE_NOT_EXISTS', '退款单不存在')
  return jsonAnswer(200, {
    refund_id: `50000${number}`,
    out_refund_no: number,
    out_trade_no: trade.number,
    transaction_id: trade.transactionId,
    channel: 'ORIGINAL',
    user_received_account: '支付用户零钱',
    status: 'SUCCESS',
    success_time: beijing(found.at),
    create_time: beijing(found.at),
    amount: { total: trade.amountFen, refund: found.amountFen, currency: 'CNY' },
  })
}

function seal(text: string) {
  const nonce = randomBytes(6).toString('hex')
  const associated_data = 'transaction'
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(API_V3_KEY), Buffer.from(nonce)).setAAD(Buffer.from(associated_data))
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
  return { ciphertext, nonce, associated_data }
}

function refuse(status: number, code: string, message: string): PaymentAnswer {
  return jsonAnswer(status, { code, message })
}
