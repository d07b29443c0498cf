import type { BillEntry } from '../../../payments/channel.ts'
import type { RefundState } from '../refunds.ts'
import type { OrderState } from '../states.ts'
import type { DifferenceKind } from './kinds-of-difference.ts'

/** A line of the company's ledger; the amount is null where it cannot be read. */
export interface CompanyEntry {
  day: string
  /** The hub's number, under which it was written off. */
  number: string
  amountFen: number | null
  channel: string | null
}

/** An order as the hub's own ledger has it. */
export interface OwnEntry {
  id: string
  number: string
  state: OrderState
  amountFen: number
  transactionId: string | null
  wasPaid: boolean
  /** Whether it was paid on the day in question. */
  isOfDay: boolean
  /** Whether it was handed to the channel in question, or to none yet. */
  isOfChannel: boolean
  /** Whether the company's ledger speaks of its service. */
  hasLedger: boolean
}

export interface OwnRefund {
  number: string
  orderNumber: string
  amountFen: number
  state: RefundState
  /** Whether it was done on the day in question, by the hub's clock. */
  isOfDay: boolean
}

export interface Ledgers {
  day: string
  bill: readonly BillEntry[]
  /** Numbers of refunds in the bills of the days before and after: the channel's midnight is not the hub's. */
  refundsNearby: ReadonlySet<string>
  orders: ReadonlyMap<string, OwnEntry>
  refunds: ReadonlyMap<string, OwnRefund>
  company: readonly CompanyEntry[]
  /** Whether this channel's day answers for what the company has under a number that nobody here knows. */
  answersFor(entry: CompanyEntry): boolean
}

/** One thing in which the ledgers do not agree, with what each of them says; null where it says nothing. */
export interface Difference {
  kind: DifferenceKind
  /** Number of the order or of the refund: with the kind, which difference of the day it is. */
  reference: string
  orderNumber: string | null
  orderId: string | null
  transactionId: string | null
  channelFen: number | null
  hubFen: number | null
  companyFen: number | null
  hubState: OrderState | null
}

/** Counts and sums in fen. Where the ledgers agree, `channel` = `hub` = `company` + `returned`. */
export interface Sums {
  channelCount: number
  channelFen: number
  hubCount: number
  hubFen: number
  companyCount: number
  companyFen: number
  /** Of the day's payments, those that went back or are going. */
  returnedCount: number
  returnedFen: number
  /** Refunds of the day, whenever their orders were paid. */
  channelRefundCount: number
  channelRefundFen: number
  hubRefundCount: number
  hubRefundFen: number
}

export interface Comparison {
  differences: Difference[]
  /** Orders on which all three ledgers agree, by number. */
  agreed: OwnEntry[]
  sums: Sums
}

const KEPT: ReadonlySet<OrderState> = new Set(['written-off', 'settled'])
const RETURNED: ReadonlySet<OrderState> = new Set(['refunding', 'refunded'])
/** Work on it is under way, or waits for a person. */
const MOVING: ReadonlySet<OrderState> = new Set(['paid', 'refunding', 'exception'])

/** Compares the three ledgers of one channel and day, number by number. */
export function compare(ledgers: Ledgers): Comparison {
  const { day, bill, orders, company, answersFor } = ledgers
  const paid = byNumber(bill.filter(({ kind }) => kind === 'payment').map((entry) => [entry.orderNumber, entry]))
  const written = byNumber(company.map((entry) => [entry.number, entry]))
  const ofDay = [...orders.values()].filter(({ isOfDay }) => isOfDay)
  const numbers = new Set([...paid.keys(), ...ofDay.map(({ number }) => number)])
  const differences: Difference[] = []
  const agreed: OwnEntry[] = []
  const refunds = compareRefunds(ledgers)
  const wentBack = new Set(refunds.map(({ orderNumber }) => orderNumber))
  for (const number of numbers) {
    const found = compareOne(number, paid.get(number) ?? [], orders.get(number), written.get(number) ?? [])
    differences.push(...found)
    const order = orders.get(number)
    if (order?.hasLedger && KEPT.has(order.state) && found.length === 0 && !wentBack.has(number)) agreed.push(order)
  }
  // What was paid on another day is that day's, and what another channel was handed that channel's.
  const others = [...written].filter(([number]) => !numbers.has(number) && orders.get(number)?.wasPaid !== true)
  const strange = others.filter(([number, entries]) => orders.get(number)?.isOfChannel || entries.some(isMine))
  for (const [number, entries] of strange)
    differences.push(difference('company-only', { reference: number, order: orders.get(number), companyFen: sumOf(entries) }))
  differences.push(...refunds)
  return {
    differences,
    agreed,
    sums: sumsOf(
      ledgers,
      numbers,
      strange.flatMap(([, entries]) => entries),
    ),
  }

  /** Of two days that are asked for, the day's own; the next one's stand in the next reconciliation. */
  function isMine(entry: CompanyEntry): boolean {
    const order = orders.get(entry.number)
    return entry.day === day && (order === undefined || order.isOfChannel) && answersFor(entry)
  }
}

function compareOne(
  number: string,
  payments: readonly BillEntry[],
  order: OwnEntry | undefined,
  written: readonly CompanyEntry[],
): Difference[] {
  const channelFen = payments.length === 0 ? null : sumOf(payments)
  const companyFen = written.length === 0 ? null : sumOf(written)
  const transactionId = payments[0]?.transactionId ?? order?.transactionId ?? null
  const found = (kind: DifferenceKind) => difference(kind, { reference: number, order, transactionId, channelFen, companyFen })
  // Whoever paid by another way than the hub knows of has paid twice, or somebody else's.
  if (!order?.isOfChannel) return [found('unknown-payment')]
  if (!order.wasPaid) return [found('channel-only')]
  const kinds: (DifferenceKind | false)[] = [
    channelFen === null && 'here-only',
    payments.length > 1 && 'twice',
    payments.length === 1 && channelFen !== order.amountFen && 'amount',
    payments.some((payment) => order.transactionId !== null && payment.transactionId !== order.transactionId) && 'transaction',
    ...(order.hasLedger ? companyKinds(order, written) : []),
    MOVING.has(order.state) && 'unfinished',
  ]
  return [...new Set(kinds)].flatMap((kind) => (kind === false ? [] : [found(kind)]))
}

function companyKinds({ state, amountFen }: OwnEntry, written: readonly CompanyEntry[]): (DifferenceKind | false)[] {
  if (!KEPT.has(state)) return [written.length > 0 && 'company-only']
  return [
    written.length === 0 && 'company-missing',
    written.length > 1 && 'company-twice',
    written.length === 1 && written[0]?.amountFen !== amountFen && 'amount',
  ]
}

function compareRefunds({ bill, refunds, refundsNearby, orders }: Ledgers): Difference[] {
  const gone = new Map(bill.flatMap((entry) => (entry.kind === 'refund' ? [[entry.refundNumber ?? '', entry] as const] : [])))
  const differences: Difference[] = []
  const add = (kind: DifferenceKind, reference: string, entry: BillEntry | undefined, own: OwnRefund | undefined) =>
    differences.push({
      ...difference(kind, {
        reference,
        order: orders.get(own?.orderNumber ?? entry?.orderNumber ?? ''),
        channelFen: entry?.amountFen ?? null,
      }),
      orderNumber: own?.orderNumber ?? entry?.orderNumber ?? null,
      transactionId: entry?.transactionId ?? null,
      hubFen: own?.amountFen ?? null,
    })
  for (const [number, entry] of gone) {
    const own = refunds.get(number)
    if (!own || own.orderNumber !== entry.orderNumber || own.state === 'failed') add('refund-unknown', number, entry, own)
    else if (own.amountFen !== entry.amountFen) add('refund-amount', number, entry, own)
  }
  for (const own of refunds.values())
    if (own.isOfDay && own.state === 'done' && !gone.has(own.number) && !refundsNearby.has(own.number))
      add('refund-here-only', own.number, undefined, own)
  return differences
}

function sumsOf(
  { bill, orders, refunds, refundsNearby, company }: Ledgers,
  numbers: ReadonlySet<string>,
  strange: readonly CompanyEntry[],
): Sums {
  const payments = bill.filter(({ kind }) => kind === 'payment')
  const refunded = bill.filter(({ kind }) => kind === 'refund')
  const own = [...orders.values()].filter(({ number, wasPaid }) => wasPaid && numbers.has(number))
  const returned = own.filter(({ state }) => RETURNED.has(state))
  const written = [...company.filter(({ number }) => numbers.has(number)), ...strange]
  const inBill = new Set(refunded.map(({ refundNumber }) => refundNumber))
  const back = [...refunds.values()].filter(
    ({ number, state, isOfDay }) => state === 'done' && (inBill.has(number) || (isOfDay && !refundsNearby.has(number))),
  )
  return {
    channelCount: payments.length,
    channelFen: sumOf(payments),
    hubCount: own.length,
    hubFen: sumOf(own),
    companyCount: written.length,
    companyFen: sumOf(written),
    returnedCount: returned.length,
    returnedFen: sumOf(returned),
    channelRefundCount: refunded.length,
    channelRefundFen: sumOf(refunded),
    hubRefundCount: back.length,
    hubRefundFen: sumOf(back),
  }
}

function difference(
  kind: DifferenceKind,
  given: {
    reference: string
    order: OwnEntry | undefined
    transactionId?: string | null
    channelFen?: number | null
    companyFen?: number | null
  },
): Difference {
  const { reference, order, transactionId = null, channelFen = null, companyFen = null } = given
  return {
    kind,
    reference,
    orderNumber: order?.number ?? reference,
    orderId: order?.id ?? null,
    transactionId,
    channelFen,
    hubFen: order?.amountFen ?? null,
    companyFen,
    hubState: order?.state ?? null,
  }
}

function byNumber<E>(pairs: readonly (readonly [string, E])[]): Map<string, E[]> {
  const found = new Map<string, E[]>()
  for (const [number, entry] of pairs) found.set(number, [...(found.get(number) ?? []), entry])
  return found
}

/** Whole fen: an amount that cannot be read adds nothing, and is a difference of its own. */
function sumOf(entries: readonly { amountFen: number | null }[]): number {
  return entries.reduce((sum, { amountFen }) => sum + (amountFen ?? 0), 0)
}
