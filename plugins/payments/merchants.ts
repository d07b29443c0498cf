import type { AlipayMerchant, Merchants, WechatMerchant } from '../../config/payments.ts'
import { HubError } from '../../core/base/errors.ts'
import type { Log } from '../../core/base/log.ts'
import type { Channel, ChannelId } from './channel.ts'
import { type OpenChannel, openAlipay, openWechat } from './open.ts'

export const channelNames: Readonly<Record<ChannelId, string>> = { wechat: '微信支付', alipay: '支付宝' }

/** The channels of all connectors' merchants, each opened when it is first needed. */
export interface ChannelBook {
  /** Throws HUB_PAYMENT_CHANNEL where the connector has no such merchant. */
  channelOf(connector: string, channel: ChannelId): Channel
  has(connector: string, channel: ChannelId): boolean
  close(): Promise<void>
}

interface BookOptions {
  merchantsOf(connector: string): Merchants
  /** Told of each channel that opens, for health. */
  opened(key: string, name: string, channel: OpenChannel): void
  log: Pick<Log, 'warn'>
}

export function createChannelBook({ merchantsOf, opened, log }: BookOptions): ChannelBook {
  const open = new Map<string, OpenChannel>()

  function make(channel: ChannelId, merchant: WechatMerchant | AlipayMerchant): OpenChannel {
    return channel === 'wechat' ? openWechat(merchant as WechatMerchant, log) : openAlipay(merchant as AlipayMerchant, log)
  }

  return {
    has: (connector, channel) => merchantsOf(connector)[channel] !== undefined,
    channelOf(connector, channel) {
      const key = `${connector}/${channel}`
      const known = open.get(key)
      if (known) return known.channel
      const merchant = merchantsOf(connector)[channel]
      if (!merchant) throw new HubError('HUB_PAYMENT_CHANNEL')
      const made = make(channel, merchant)
      open.set(key, made)
      opened(key, channelNames[channel], made)
      return made.channel
    },
    async close() {
      await Promise.all([...open.values()].map(({ upstream }) => upstream.close()))
    },
  }
}
