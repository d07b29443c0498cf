import type { Database } from '../../../../core/base/database.ts'
import { HubError } from '../../../../core/base/errors.ts'
import type { BillEntry, Channel, ChannelId } from '../../../payments/channel.ts'
import type { OrderRow, OrderRows } from '../rows.ts'
import { codeOf, type OrderContext } from '../task.ts'
import { readCompany } from './company.ts'
import { type CompanyEntry, compare, type Difference } from './compare.ts'
import { dayOf, shift, startOf } from './days.ts'
import { countPaid, type OwnLedger, readOwn } from './own.ts'
import type { DayKey, ReconciliationRow, ReconciliationRows } from './rows.ts'

const HOUR_MS = 3_600_000
const LEASE_MS = 10 * 60_000
/** Channels make yesterday's bill in the morning: one that is missing at noon, of a day without a payment here, is of an empty day. */
const BILL_HOUR = 12
/** Days for which a bill is waited for, and failures in a row after which a person has to look. */
const PATIENCE_DAYS = 3
const PATIENCE = 12
const FIRST_WAIT_MS = 60_000
const BILL_WAIT_MS = 30 * 60_000
/** Looks at a day in which the hub itself still works on a difference. */
const LOOKS = 10
/** How far back a day is caught up with; channels keep their bills for three months. */
const OLDEST_DAYS = 80
/** Days on which the company is asked besides the day and the next one, for what was written off late. */
const MOST_LATE_DAYS = 31

/** Differences that the hub may mend by itself: it asks the channel or the company, and goes on from there. */
const HURRIED: ReadonlySet<Difference['kind']> = new Set(['channel-only', 'company-only', 'unfinished'])

export interface ReconcilerOptions {
  database: Database
  rows: ReconciliationRows
  context: Pick<OrderContext, 'services' | 'upstreams' | 'channelOf' | 'log'>
  orders: Pick<OrderRows, 'move'>
  has(connector: string, channel: ChannelId): boolean
  /** Has an order looked at now. → whether there was anything to look at. */
  hurry(number: string): Promise<boolean>
  /** Told how a look ended: the audit, and whoever is to be woken. */
  ended(row: ReconciliationRow, error: string | null): Promise<void>
  /** First wait before a day is looked at again because the hub works on a difference. */
  againMs: number
  now(): number
}

export interface Reconciler {
  /** Looks at one day. → when it is looked at again, or null. */
  work(id: string): Promise<number | null>
  /** Writes down every day that is over and has none yet, of every channel through which money is taken. → how many were new. */
  plan(): Promise<number>
}

/** Compares a channel's day with the hub's own ledger and the company's, and settles what agrees (docs/payments.md). */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { database, rows, context, orders, has, hurry, ended, againMs, now } = options
  const { services, log } = context

  async function work(id: string): Promise<number | null> {
    const row = await rows.claim(id, LEASE_MS)
    if (!row) return null
    try {
      const bill = await billOf(row)
      return bill === 'later' ? await wait(row) : await look(row, bill)
    } catch (error) {
      if (!(error instanceof HubError)) log.error({ reconciliation: id, error: (error as Error).message }, '对账中断，稍后继续')
      return fail(row, codeOf(error))
    }
  }

  async function billOf(row: ReconciliationRow): Promise<BillEntry[] | 'later'> {
    const bill = await channelOf(row).bill(row.day)
    if (bill) return bill
    const isLate = now() >= startOf(shift(row.day, 1)) + BILL_HOUR * HOUR_MS
    return isLate && (await countPaid(database, row)) === 0 ? [] : 'later'
  }

  function channelOf({ connector, channel }: DayKey): Channel {
    return context.channelOf(connector, channel)
  }

  async function wait(row: ReconciliationRow): Promise<number | null> {
    if (now() >= startOf(shift(row.day, 1 + PATIENCE_DAYS))) return fail({ ...row, failures: PATIENCE }, 'NO_BILL')
    return rows.postpone(row, 'due', row.failures, 'NO_BILL', now() + BILL_WAIT_MS)
  }

  async function fail(row: ReconciliationRow, error: string): Promise<number | null> {
    const failures = row.failures + 1
    const isOver = failures > PATIENCE
    const dueAt = isOver ? null : now() + Math.min(HOUR_MS, FIRST_WAIT_MS * 2 ** (failures - 1))
    await rows.postpone(row, isOver ? 'failed' : 'due', failures, error, dueAt)
    await ended({ ...row, state: isOver ? 'failed' : 'due' }, error)
    return dueAt
  }

  async function look(row: ReconciliationRow, bill: BillEntry[]): Promise<number | null> {
    // In the order in which an order goes on: what is read later may be ahead, and is looked at again, but it does not lack anything.
    const before = await readOwn(database, services, row, namesIn(bill, []))
    const company = await askCompany(row)
    const own = await withNamed(before, row, company)
    const { differences, agreed, sums } = compare({
      day: row.day,
      bill,
      company,
      orders: own.orders,
      refunds: own.refunds,
      refundsNearby: await refundsNearby(row, bill, own),
      answersFor: (entry) => answersFor(row, entry),
    })
    let settled = 0
    for (const { number } of agreed) if (await settle(own.rows.get(number))) settled++
    const found = []
    for (const difference of differences) found.push({ ...difference, acted: await act(difference) })
    const isActed = found.some(({ acted }) => acted) && row.runs + 1 < LOOKS
    const again = isActed ? now() + Math.min(6 * HOUR_MS, againMs * 2 ** row.runs) : null
    const concluded = await rows.conclude(row, { sums, settled, differences: found }, again)
    if (concluded) await ended(concluded, null)
    return concluded?.due_at ?? null
  }

  /** With the orders that nobody but the company names. */
  async function withNamed(own: OwnLedger, row: ReconciliationRow, company: readonly CompanyEntry[]): Promise<OwnLedger> {
    const { orders, refunds } = namesIn(
      [],
      company.filter(({ number }) => !own.orders.has(number)),
    )
    if (orders.size === 0) return own
    const named = await readOwn(database, services, row, { orders, refunds })
    const isMissing = ([number]: [string, unknown]) => orders.has(number)
    return {
      ...own,
      orders: new Map([...own.orders, ...[...named.orders].filter(isMissing)]),
      rows: new Map([...own.rows, ...[...named.rows].filter(isMissing)]),
    }
  }

  /** The company writes off on the day, or soon after midnight; what staff had written off later stands on a later day. */
  async function askCompany(row: ReconciliationRow): Promise<CompanyEntry[]> {
    const days = new Set([row.day, shift(row.day, 1)])
    const late = await database('orders')
      .where({ connector: row.connector, channel: row.channel })
      .where('paid_at', '>=', startOf(row.day))
      .where('paid_at', '<', startOf(shift(row.day, 1)))
      .where('written_off_at', '>=', startOf(shift(row.day, 2)))
      .pluck('written_off_at')
    for (const at of late.slice(0, 10_000)) if (days.size < MOST_LATE_DAYS) days.add(dayOf(Number(at)))
    return readCompany(
      context,
      row.connector,
      [...days].filter((day) => startOf(day) <= now()),
    )
  }

  /** The hub learns of a refund after the channel has made it, which may be the other side of midnight. */
  async function refundsNearby(row: ReconciliationRow, bill: readonly BillEntry[], { refunds }: OwnLedger): Promise<Set<string>> {
    const known = new Set(bill.map(({ refundNumber }) => refundNumber))
    const missing = [...refunds.values()].some(({ number, isOfDay, state }) => isOfDay && state === 'done' && !known.has(number))
    const before = missing ? await channelOf(row).bill(shift(row.day, -1)) : null
    return new Set((before ?? []).flatMap(({ refundNumber }) => (refundNumber === null ? [] : [refundNumber])))
  }

  /** Of what nobody here knows, the channel that the company names answers, or else the first that the connector has. */
  function answersFor({ connector, channel }: DayKey, entry: CompanyEntry): boolean {
    const own = channelsOf(connector)
    return channel === (own.find((id) => id === entry.channel) ?? own[0])
  }

  function channelsOf(connector: string): ChannelId[] {
    return (['alipay', 'wechat'] as const).filter((channel) => has(connector, channel))
  }

  async function settle(order: OrderRow | undefined): Promise<boolean> {
    if (!order) return false
    if (order.state === 'settled') return true
    // Staff may be giving it back at this very moment.
    return (await orders.move(order, 'settled', 'reconciled', { due_at: null })) !== null
  }

  async function act({ kind, orderNumber, orderId }: Difference): Promise<boolean> {
    return HURRIED.has(kind) && orderId !== null && orderNumber !== null && (await hurry(orderNumber))
  }

  async function plan(): Promise<number> {
    const yesterday = shift(dayOf(now()), -1)
    const connectors = new Set([...services.values()].flatMap(({ connector, contract }) => (contract.order ? [connector.id] : [])))
    const days: DayKey[] = []
    for (const connector of connectors)
      for (const channel of channelsOf(connector)) {
        const oldest = shift(yesterday, -OLDEST_DAYS)
        const known = await rows.days({ connector, channel }, oldest)
        // A day that somebody asked for by itself hides none before it.
        let day = [await firstDay({ connector, channel }), known[0] ?? yesterday].sort()[0] as string
        if (day < oldest) day = oldest
        for (; day <= yesterday; day = shift(day, 1)) if (!known.includes(day)) days.push({ connector, channel, day })
      }
    return rows.plan(days)
  }

  /** The day of the first payment, where it is over; else yesterday: somebody may have paid what nobody here knows of. */
  async function firstDay(key: Omit<DayKey, 'day'>): Promise<string> {
    const yesterday = shift(dayOf(now()), -1)
    const row = await database('orders').where(key).whereNotNull('paid_at').min({ at: 'paid_at' }).first()
    const at = (row as { at?: unknown } | undefined)?.at
    return at === null || at === undefined || dayOf(Number(at)) > yesterday ? yesterday : dayOf(Number(at))
  }

  return { work, plan }
}

function namesIn(bill: readonly BillEntry[], company: readonly CompanyEntry[]): { orders: Set<string>; refunds: Set<string> } {
  return {
    orders: new Set([...bill, ...company].map((entry) => ('orderNumber' in entry ? entry.orderNumber : entry.number))),
    refunds: new Set(bill.flatMap(({ refundNumber }) => (refundNumber === null ? [] : [refundNumber]))),
  }
}
