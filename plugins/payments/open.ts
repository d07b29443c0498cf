import { request } from 'undici'
import type { AlipayMerchant, WechatMerchant } from '../../config/payments.ts'
import type { Log } from '../../core/base/log.ts'
import type { Signer } from '../../core/upstream/dialect.ts'
import { createUpstream, type Upstream } from '../../core/upstream/upstream.ts'
import { createAlipayChannel } from './alipay/channel.ts'
import { createAlipaySigner } from './alipay/signer.ts'
import { askThrough } from './ask.ts'
import type { Channel } from './channel.ts'
import { createWechatChannel } from './wechat/channel.ts'
import { createWechatSigner } from './wechat/signer.ts'

const MAX_CONCURRENT = 32
const BILL_MS = 30_000
const MOST_BILL_BYTES = 64 * 1024 * 1024

/** A merchant's channel, and the way out that it goes: with a breaker and statistics of its own, as agencies have. */
export interface OpenChannel {
  channel: Channel
  upstream: Upstream
}

export function openWechat(merchant: WechatMerchant, log: Pick<Log, 'warn'>): OpenChannel {
  const upstream = openUpstream('微信支付', merchant.baseUrl, createWechatSigner(merchant), log)
  return { upstream, channel: createWechatChannel(merchant, askThrough(upstream, merchant.baseUrl)) }
}

export function openAlipay(merchant: AlipayMerchant, log: Pick<Log, 'warn'>): OpenChannel {
  const upstream = openUpstream('支付宝', merchant.baseUrl, createAlipaySigner(merchant), log)
  return { upstream, channel: createAlipayChannel(merchant, askThrough(upstream, merchant.baseUrl), billFrom(merchant.baseUrl)) }
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

/** Fetches a bill from Alipay's own hosts alone, or from where the interface itself is: the address comes in an answer. */
function billFrom(baseUrl: string): (url: string) => Promise<Uint8Array> {
  const { origin } = new URL(baseUrl)
  return async (text) => {
    const url = new URL(text)
    if (url.origin !== origin && !(url.protocol === 'https:' && url.hostname.endsWith('.alipay.com')))
      throw new Error('the bill is at an address that is not Alipay’s')
    const { statusCode, headers, body } = await request(url, { signal: AbortSignal.timeout(BILL_MS) })
    if (statusCode !== 200 || Number(headers['content-length'] ?? 0) > MOST_BILL_BYTES)
      throw new Error(`the bill is answered with ${statusCode}`)
    const parts: Buffer[] = []
    let size = 0
    for await (const part of body) {
      size += part.length
      if (size > MOST_BILL_BYTES) throw new Error('the bill is too large')
      parts.push(part as Buffer)
    }
    return Buffer.concat(parts)
  }
}
