import type { AlipayMerchant, WechatMerchant } from '../../config/payments.ts'
import type { Log } from '../../core/base/log.ts'
import type { Signer } from '../../core/upstream/dialect.ts'
import { createUpstream, type Upstream } from '../../core/upstream/upstream.ts'
import { createAlipayChannel } from './alipay/channel.ts'
import { createAlipaySigner } from './alipay/signer.ts'
import { askThrough, pathsUnder } from './ask.ts'
import { fetchBill } from './bill-file.ts'
import type { Channel } from './channel.ts'
import { createWechatChannel } from './wechat/channel.ts'
import { createWechatSigner } from './wechat/signer.ts'

const MAX_CONCURRENT = 32

/** A merchant's channel, and the way out that it goes: with a breaker and statistics of its own, as agencies have. */
export interface OpenChannel {
  channel: Channel
  upstream: Upstream
}

export function openWechat(merchant: WechatMerchant, log: Pick<Log, 'warn'>): OpenChannel {
  const signer = createWechatSigner(merchant)
  const upstream = openUpstream('微信支付', merchant.baseUrl, signer, log)
  const ask = askThrough(upstream, merchant.baseUrl)
  return { upstream, channel: createWechatChannel(merchant, ask, wechatBill(merchant.baseUrl, signer)) }
}

export function openAlipay(merchant: AlipayMerchant, log: Pick<Log, 'warn'>): OpenChannel {
  const upstream = openUpstream('支付宝', merchant.baseUrl, createAlipaySigner(merchant), log)
  return { upstream, channel: createAlipayChannel(merchant, askThrough(upstream, merchant.baseUrl), alipayBill(merchant.baseUrl)) }
}

function openUpstream(agency: string, baseUrl: string, signer: Signer, log: Pick<Log, 'warn'>): Upstream {
  return createUpstream({
    agency,
    baseUrl,
    maxConcurrent: MAX_CONCURRENT,
    anonymous: MAX_CONCURRENT,
    limits: new Map(),
    createSigner: () => signer,
    log,
  })
}

/** From Alipay's own hosts alone, or from where the interface itself is: the address comes in an answer. */
function alipayBill(baseUrl: string): (url: string) => AsyncIterable<Uint8Array> {
  const { origin } = new URL(baseUrl)
  return (text) => {
    const url = new URL(text)
    if (url.origin !== origin && !(url.protocol === 'https:' && url.hostname.endsWith('.alipay.com')))
      throw new Error('the bill is at an address that is not Alipay’s')
    return fetchBill(url)
  }
}

/** From where the interface is, whatever host the address names, signed as every request. */
function wechatBill(baseUrl: string, signer: Signer): (path: string) => AsyncIterable<Uint8Array> {
  const whole = pathsUnder(baseUrl)
  return async function* (given) {
    const path = whole(given)
    const { headers } = await signer.sign({ sid: 'bill-file', method: 'GET', path, params: {} })
    yield* fetchBill(new URL(path, baseUrl), headers)
  }
}
