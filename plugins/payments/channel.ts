import type { IncomingHttpHeaders } from 'node:http'

/** A way to pay. */
export type ChannelId = 'wechat' | 'alipay'

/** How the citizen's device is brought to pay: in the channel's own app, out of a browser, out of the city's app. */
export type Way = 'jsapi' | 'mini-program' | 'h5' | 'app'

/** What a channel has to know of an order to take money for it. */
export interface Payable {
  /** The hub's own number: the channel's key for it. 6 to 32 letters and digits. */
  number: string
  /** What is paid for, as the citizen reads it on the channel's page. */
  description: string
  amountFen: number
  /** Epoch milliseconds after which the channel takes no more money for it. */
  expiresAt: number
  /** Address to which the channel sends its notices. */
  noticeUrl: string
  /** Address to which the citizen comes back, with `h5`. */
  returnUrl: string
  way: Way
  /** The citizen's id at the channel, with `jsapi` and `mini-program`. */
  payerId?: string | undefined
  /** The citizen's address, with `h5`. */
  clientIp: string
}

/** What the app or page needs to open the channel: an address, or the members of the channel's own call. */
export type Invocation = { kind: 'redirect'; url: string } | { kind: 'invoke'; parameters: Readonly<Record<string, string>> }

/** What the channel says of an order. `absent`: it knows none of this number. */
export interface ChannelPayment {
  state: 'absent' | 'unpaid' | 'paying' | 'paid' | 'closed' | 'refunded'
  /** What the channel calls the payment; null before there is one. */
  transactionId: string | null
  /** What the order was made for at the channel, in fen; null where it does not say. */
  amountFen: number | null
  currency: string
  /** Whom the money went to, and for which application, as the channel names both. */
  merchant: string | null
  application: string | null
  /** Epoch milliseconds; null before it is paid. */
  paidAt: number | null
}

export interface Refund {
  /** The hub's own number of the refund: the channel does one number once. */
  number: string
  orderNumber: string
  amountFen: number
  totalFen: number
  reason: string
  noticeUrl: string
}

export interface ChannelRefund {
  /** `abnormal`: the money could not be given back by this way; a person has to look. */
  state: 'absent' | 'processing' | 'done' | 'closed' | 'abnormal'
  amountFen: number | null
}

/** One line of a channel's bill of a day. */
export interface BillEntry {
  kind: 'payment' | 'refund'
  orderNumber: string
  /** With a refund. */
  refundNumber: string | null
  transactionId: string
  amountFen: number
}

/** A notice whose signature is the channel's own. It is a hint to ask, and says of which order; nothing else of it is believed. */
export interface Notice {
  /** The channel's number of the notice. */
  id: string
  orderNumber: string
}

/** A payment channel as one merchant uses it. */
export interface Channel {
  readonly id: ChannelId
  /** Chinese name. */
  readonly name: string
  readonly ways: readonly Way[]
  /** As the channel names them in its answers. */
  readonly merchant: string
  readonly application: string
  /** Makes the order known to the channel, where it has to be, and says how to open it. Safe to repeat for one number. */
  prepay(order: Payable): Promise<Invocation>
  query(orderNumber: string): Promise<ChannelPayment>
  /** Afterwards nobody can pay the order. Resolves too where the channel knows none; rejects where it has been paid. */
  close(orderNumber: string): Promise<void>
  /** Asks for a refund; the answer may be `processing`. Safe to repeat for one refund number. */
  refund(refund: Refund): Promise<ChannelRefund>
  queryRefund(refund: Pick<Refund, 'number' | 'orderNumber'>): Promise<ChannelRefund>
  /**
   * All payments and refunds of a day (`2026-11-25`, Beijing); checked against the channel's hash. Null where the channel has no bill
   * of the day: it is not ready yet, or there was nothing.
   */
  bill(day: string): Promise<BillEntry[] | null>
  /** Verifies a notice on the bytes that came. Throws HUB_NOTICE_INVALID. */
  readNotice(headers: IncomingHttpHeaders, body: Buffer): Notice
  /** What the channel wants to read when a notice was taken, or was not. */
  answerNotice(taken: boolean): { status: number; contentType: string; body: string }
}
