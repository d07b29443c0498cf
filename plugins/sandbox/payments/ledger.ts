import { join } from 'node:path'
import { beijing } from '../../../core/base/time.ts'
import { createJournal } from '../../kinds/journal.ts'

/** An order as a channel has it. */
export interface Trade {
  number: string
  amountFen: number
  description: string
  noticeUrl: string
  returnUrl: string
  expiresAt: number
  state: 'unpaid' | 'paid' | 'closed'
  transactionId: string
  paidAt: number | null
  refunds: Map<string, { amountFen: number; at: number }>
}

type Made = Omit<Trade, 'state' | 'paidAt' | 'refunds'>
type Entry =
  | { event: 'made'; trade: Made }
  | { event: 'paid' | 'closed'; number: string; at: number }
  | { event: 'refund'; number: string; refundNumber: string; amountFen: number; at: number }

/** A channel's own ledger, in a file that outlives the process: what was paid stays paid whatever becomes of the hub. */
export interface Ledger {
  find(number: string): Trade | undefined
  /** All trades, the oldest first. */
  all(): readonly Trade[]
  /** Makes an order known; one that is known already stays as it is. */
  make(trade: Made): Trade
  /** Takes the money; false where the order is closed, over or paid already. */
  pay(number: string): boolean
  /** False where it was paid. */
  close(number: string): boolean
  /** Gives money back, once for one number; false where more would go back than came in. */
  refund(number: string, refundNumber: string, amountFen: number): boolean
  end(): void
}

export function createLedger(dataDir: string, channel: string): Ledger {
  const trades = new Map<string, Trade>()
  const journal = createJournal<Entry>(join(dataDir, `sandbox-${channel}.jsonl`), (entry) => {
    if (entry.event === 'made') {
      if (!trades.has(entry.trade.number))
        trades.set(entry.trade.number, { ...entry.trade, state: 'unpaid', paidAt: null, refunds: new Map() })
      return
    }
    const trade = trades.get(entry.number)
    if (!trade) return
    // Every process reads the same lines in the same order, so all decide alike.
    if (entry.event === 'paid' && trade.state === 'unpaid') Object.assign(trade, { state: 'paid', paidAt: entry.at })
    if (entry.event === 'closed' && trade.state === 'unpaid') trade.state = 'closed'
    if (entry.event === 'refund' && trade.state === 'paid' && !trade.refunds.has(entry.refundNumber) && left(trade) >= entry.amountFen)
      trade.refunds.set(entry.refundNumber, { amountFen: entry.amountFen, at: entry.at })
  })
  const find = (number: string) => {
    journal.catchUp()
    return trades.get(number)
  }

  return {
    find,
    all() {
      journal.catchUp()
      return [...trades.values()]
    },
    make(trade) {
      if (!find(trade.number)) journal.append({ event: 'made', trade })
      return trades.get(trade.number) as Trade
    },
    pay(number) {
      const trade = find(number)
      if (trade?.state !== 'unpaid' || Date.now() > trade.expiresAt) return false
      journal.append({ event: 'paid', number, at: Date.now() })
      return true
    },
    close(number) {
      if (find(number)) journal.append({ event: 'closed', number, at: Date.now() })
      return trades.get(number)?.state !== 'paid'
    },
    refund(number, refundNumber, amountFen) {
      journal.append({ event: 'refund', number, refundNumber, amountFen, at: Date.now() })
      return trades.get(number)?.refunds.get(refundNumber)?.amountFen === amountFen
    },
    end: () => journal.close(),
  }
}

/** What of a trade has not gone back. */
function left({ amountFen, refunds }: Trade): number {
  return [...refunds.values()].reduce((sum, refund) => sum - refund.amountFen, amountFen)
}

/** What went back, in fen. */
export function refundedOf(trade: Trade): number {
  return trade.amountFen - left(trade)
}

/** Whether anything was paid or given back on a day (`2026-11-26`, Beijing): of another a channel has no bill. */
export function hasEntries(trades: readonly Trade[], day: string): boolean {
  const isOn = (at: number | null) => at !== null && beijing(at).startsWith(day)
  return trades.some(({ paidAt, refunds }) => isOn(paidAt) || [...refunds.values()].some(({ at }) => isOn(at)))
}
