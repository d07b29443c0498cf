import type { IncomingHttpHeaders } from 'node:http'
import type { OutgoingNotice } from '../notices.ts'
import type { Ledger, Trade } from './ledger.ts'

export interface PaymentCall {
  method: string
  /** Path behind the simulator's own prefix. */
  path: string
  query: URLSearchParams
  /** Path and query as they were sent. */
  url: string
  headers: IncomingHttpHeaders
  body: string
}

export interface PaymentAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** A simulated payment channel: its interface, speaking the real protocol with keys of its own. */
export interface PaymentSimulator<M = unknown> {
  readonly prefix: string
  readonly ledger: Ledger
  answer(call: PaymentCall): PaymentAnswer
  /** A notice of a payment, as the channel would send it now; `changes` makes it another one. */
  notice(trade: Trade, changes?: NoticeChanges): OutgoingNotice
  /** Whom the hub is at the channel: address, merchant and keys, as an operator would write them down. */
  merchant(origin: string): M
}

/** How a notice differs from a good one; for tests of what the hub must refuse. */
export interface NoticeChanges {
  amountFen?: number
  /** Epoch milliseconds at which it says it was signed. */
  at?: number
  /** Signed by somebody else under the channel's name. */
  forged?: true
  /** Sent without a signature. */
  unsigned?: true
  /** Names a key that nobody has. */
  unknownKey?: true
  /** The same members in other bytes than were signed. */
  reserialised?: true
  /** WeChat's own probe of whether signatures are checked. */
  probe?: true
}

export function jsonAnswer(status: number, value: object, headers: Record<string, string> = {}): PaymentAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: Buffer.from(JSON.stringify(value)) }
}
