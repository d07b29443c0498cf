/** How a connector's bills are paid: what a contract of kind `order` says beyond what every service does. */
export interface OrderPolicy {
  /** The connector's question that answers the bill, asked anew for each order; the input of it, and of this service, that names one. */
  bill: { service: string; input: string }
  /** Its field, an amount, that is due. */
  amount: string
  /** Its field and codes that say that it can be paid. */
  payable?: { field: string; codes: readonly string[] }
  /** Its fields that make it this bill and no other: where one has changed, nobody pays what was. */
  version: readonly string[]
  /** How the citizen reads on the channel's page what is paid. */
  description: string
  /** How the company is told that it has been paid. */
  writeOff: WriteOff
  /** How the company says what it has written off: its side of the daily reconciliation. Without it no order is ever `settled`. */
  ledger?: CompanyLedger
  /** Seconds in which it must have been; what then has not is for `otherwise`. */
  withinSeconds: number
  /** What happens to money that cannot be written off: it goes back by itself, or staff decide. */
  otherwise: 'refund' | 'staff'
  /** The contract's fields that say what the hub knows of an order: its number, state and time, what is to be paid, and the company's receipt. */
  words?: Readonly<Record<string, OrderWord>>
  /** Seconds for which an order can be paid. Default 900. */
  expiresSeconds?: number
}

export type OrderWord = 'number' | 'state' | 'amount' | 'time' | 'receipt'

export interface WriteOff {
  /** Service id at the agency, and that under which it says (GET with the serial) whether it was done. */
  sid: string
  statusSid: string
  path?: string
  /** Parameters: the hub's number (the agency does one number once), the bill, the amount, the time, the channel, its number. */
  serial: string
  bill: string
  amount: string
  /** Unit of the amount. Default `yuan`. */
  unit?: 'yuan' | 'fen'
  paidAt?: string
  channel?: string
  transaction?: string
  /** Key of the company's answer that numbers its receipt for what it has written off. */
  receipt?: string
  constants?: Readonly<Record<string, unknown>>
}

/** The company's own books, asked (GET) for what was written off in the hub's name on one day. */
export interface CompanyLedger {
  sid: string
  path?: string
  /** Parameters for the first and the last day; where one says both, its name twice. Written as the system writes days. */
  from: string
  to: string
  /** Keys of its rows: the number under which the hub wrote it off, and the amount, in the unit of the write-off. */
  serial: string
  amount: string
  /** Key that names the channel as the hub sent it: whose a row is that the hub knows nothing of. */
  channel?: string
  /** Where it comes in pages, the first of which is 1. */
  paging?: { page: string; size: string; rows: number }
}

declare module '../../../core/contract/types.ts' {
  interface Kinds {
    /** Takes money for a bill of the agency and writes it off there. */
    order: true
  }
  interface KindPolicies<F> {
    /** With kind `order`: which bill, and how it is written off. */
    order?: OrderPolicy
  }
}
