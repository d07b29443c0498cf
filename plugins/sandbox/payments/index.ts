import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Merchants } from '../../../config/payments.ts'
import { suffer } from '../delivery.ts'
import type { Active, Faults } from '../faults.ts'
import { createNotifier, type OutgoingNotice } from '../notices.ts'
import { createAlipaySimulator } from './alipay.ts'
import { paymentKeys } from './keys.ts'
import type { Trade } from './ledger.ts'
import type { NoticeChanges, PaymentSimulator } from './simulator.ts'
import { createWechatSimulator } from './wechat.ts'

export type SimulatedChannel = 'wechat' | 'alipay'

/** Both payment channels, simulated. */
export interface Payments {
  owns(path: string): boolean
  serve(request: IncomingMessage, response: ServerResponse, body: string): Promise<void>
  /** Whom the hub is at both, as an operator would write it down. */
  merchants(): Required<Merchants>
  ledger(channel: SimulatedChannel): PaymentSimulator['ledger']
  /** Pays as a citizen would in the channel's app; the notice follows by itself. False where it can't be paid. */
  pay(channel: SimulatedChannel, number: string): boolean
  /** Sends a notice, as it should be or not. → whether the hub took it. */
  notify(channel: SimulatedChannel, number: string, changes?: NoticeChanges): Promise<boolean>
  /** A notice as the channel would send it now, or otherwise. */
  noticeOf(channel: SimulatedChannel, trade: Trade, changes?: NoticeChanges): OutgoingNotice
  /** The key with which the channel signs, PEM. */
  keyOf(channel: SimulatedChannel): string
  close(): void
}

export function createPayments(dataDir: string, faults: Faults, signal: AbortSignal, originOf: () => string): Payments {
  const notifier = createNotifier(signal)

  // Made when first needed: most hubs take no money.
  const made: { wechat?: ReturnType<typeof createWechatSimulator>; alipay?: ReturnType<typeof createAlipaySimulator> } = {}
  const wechat = () => (made.wechat ??= createWechatSimulator(dataDir))
  const alipay = () => (made.alipay ??= createAlipaySimulator(dataDir))
  const simulatorOf = (channel: SimulatedChannel): PaymentSimulator => (channel === 'wechat' ? wechat() : alipay())

  function tradeOf(channel: SimulatedChannel, number: string) {
    const trade = simulatorOf(channel).ledger.find(number)
    if (!trade) throw new RangeError(`no order ${number} at ${channel}`)
    return trade
  }

  function announce(channel: SimulatedChannel, number: string): void {
    const trade = tradeOf(channel, number)
    if (trade.noticeUrl !== '') void notifier.repeat(() => simulatorOf(channel).notice(trade))
  }

  return {
    owns: (path) => /^\/(?:wechat-pay|alipay)\//.test(path),
    async serve(request, response, body) {
      const url = request.url ?? '/'
      const { pathname, searchParams } = new URL(url, 'http://sandbox.invalid')
      const channel = pathname.startsWith('/alipay/') ? 'alipay' : 'wechat'
      const simulator = simulatorOf(channel)
      const path = pathname.slice(simulator.prefix.length)
      const active: Active = path.startsWith('/v3/') ? faults.take('call', channel) : new Map()
      if (active.size > 0 && (await suffer(request, response, active, signal))) return
      const call = { method: request.method ?? 'GET', path, query: searchParams, url, headers: request.headers, body }
      const isPaying = path === '/cashier' && call.method === 'POST'
      const number = isPaying ? (new URLSearchParams(body).get('number') ?? '') : ''
      const wasPaid = isPaying && simulator.ledger.find(number)?.state === 'paid'
      const { status, headers, body: bytes } = simulator.answer(call)
      if (isPaying && !wasPaid && simulator.ledger.find(number)?.state === 'paid') announce(channel, number)
      if (active.has('accepted-then-reset')) request.socket.resetAndDestroy()
      else response.writeHead(status, { ...headers, 'content-length': bytes.length }).end(bytes)
    },
    merchants: () => ({ wechat: wechat().merchant(originOf()), alipay: alipay().merchant(originOf()) }),
    ledger: (channel) => simulatorOf(channel).ledger,
    pay(channel, number) {
      const paid = simulatorOf(channel).ledger.pay(number)
      if (paid) announce(channel, number)
      return paid
    },
    noticeOf: (channel, trade, changes) => simulatorOf(channel).notice(trade, changes),
    keyOf: (channel) => paymentKeys(dataDir, channel === 'wechat' ? 'wechat-pay' : 'alipay').channel.privateKey,
    notify: (channel, number, changes) => notifier.send(simulatorOf(channel).notice(tradeOf(channel, number), changes)),
    close() {
      for (const simulator of Object.values(made)) simulator.ledger.end()
    },
  }
}
