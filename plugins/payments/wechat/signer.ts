import { randomBytes } from 'node:crypto'
import type { WechatMerchant } from '../../../config/payments.ts'
import type { Outgoing, RawReply, SignedRequest, Signer } from '../../../core/upstream/dialect.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { assertAnswered } from '../../../core/upstream/upstream.ts'
import { readPrivateKey, signRsa } from '../rsa.ts'
import { platformKeys } from './keys.ts'
import { mistrust, requestText } from './signature.ts'

/** Where a bill is asked for: a refusal there says why, and one reason is that there is none. */
export const BILL = '/v3/bill/tradebill'

/** WeChat Pay API v3 (standards §5.1): requests signed by the merchant, answers by the platform. */
export function createWechatSigner(merchant: WechatMerchant): Signer {
  const { merchantId, serial, publicKeyId } = merchant
  const key = readPrivateKey(merchant.privateKey)
  const platform = platformKeys(merchant)

  async function sign({ method, path = '', params }: Outgoing): Promise<SignedRequest> {
    const isGet = method === 'GET'
    const query = isGet ? new URLSearchParams(params as Record<string, string>).toString() : ''
    const url = query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
    const body = isGet ? '' : JSON.stringify(params)
    const timestamp = String(Math.floor(Date.now() / 1000))
    const nonce = randomBytes(16).toString('hex').toUpperCase()
    const signature = await signRsa(key, requestText(method, url, timestamp, nonce, body))
    const members = { mchid: merchantId, nonce_str: nonce, timestamp, serial_no: serial, signature }
    const authorization = Object.entries(members)
      .map(([name, value]) => `${name}="${value}"`)
      .join(',')
    return {
      method,
      path: url,
      headers: {
        authorization: `WECHATPAY2-SHA256-RSA2048 ${authorization}`,
        accept: 'application/json',
        'user-agent': 'xuchang-hub',
        ...(publicKeyId ? { 'wechatpay-serial': publicKeyId } : {}),
        ...(isGet ? {} : { 'content-type': 'application/json' }),
      },
      body: isGet ? null : body,
    }
  }

  return {
    sign,
    refused: ({ status }) => status === 401,
    renewals: 0,
    async renew() {},
    opensAll: true,
    /** A refusal is believed as it is: whoever makes one up wins nothing, and a gateway's own is not signed. */
    open(reply: RawReply, { path }: SignedRequest): RawReply {
      const isAnswer = reply.status < 300 || reply.status === 404
      if (reply.status === 400 && path.includes(BILL)) return reply
      if (!isAnswer) assertAnswered(reply)
      if (mistrust(platform, reply.headers ?? {}, reply.body, Date.now()) === null) return reply
      throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: reply.status })
    },
    async probe() {},
  }
}
