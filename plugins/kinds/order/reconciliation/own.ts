import type { Database } from '../../../../core/base/database.ts'
import type { CompiledService } from '../../../../core/call/service.ts'
import type { RefundRow } from '../refunds.ts'
import { type OrderRow, readRow } from '../rows.ts'
import type { OwnEntry, OwnRefund } from './compare.ts'
import { shift, startOf } from './days.ts'
import type { DayKey } from './rows.ts'

/** Numbers in one question to the database. */
const A_TIME = 500

/** The hub's own ledger of one channel and day. */
export interface OwnLedger {
  orders: Map<string, OwnEntry>
  rows: Map<string, OrderRow>
  refunds: Map<string, OwnRefund>
}

/** How many orders were paid through the channel on the day. */
export async function countPaid(database: Database, key: DayKey): Promise<number> {
  const row = await paidOn(database, key).count({ n: '*' }).first()
  return Number((row as { n?: unknown } | undefined)?.n ?? 0)
}

/** The day's own orders and refunds, and those that another ledger names. */
export async function readOwn(
  database: Database,
  services: ReadonlyMap<string, CompiledService>,
  key: DayKey,
  named: { orders: ReadonlySet<string>; refunds: ReadonlySet<string> },
): Promise<OwnLedger> {
  const ofDay = ((await paidOn(database, key)) as OrderRow[]).map(readRow)
  const isOfDay = new Set(ofDay.map(({ number }) => number))
  const further = [...named.orders].filter((number) => !isOfDay.has(number))
  const others = await inParts(further, (numbers) => database('orders').where({ connector: key.connector }).whereIn('number', numbers))
  const rows = new Map([...ofDay, ...(others as OrderRow[]).map(readRow)].map((row) => [row.number, row]))
  const orders = new Map(
    [...rows].map(([number, row]) => [
      number,
      entryOf(services, row, { isOfDay: isOfDay.has(number), isOfChannel: (row.channel ?? key.channel) === key.channel }),
    ]),
  )
  return { rows, orders, refunds: await readRefunds(database, key, named.refunds) }
}

async function readRefunds(database: Database, key: DayKey, named: ReadonlySet<string>): Promise<Map<string, OwnRefund>> {
  type Joined = RefundRow & { order_number: string }
  const joined = () =>
    ofChannel(database, key)
      .join('order_refunds', 'order_refunds.order_id', 'orders.id')
      .select('order_refunds.*', 'orders.number as order_number')
  const [from, to] = [startOf(key.day), startOf(shift(key.day, 1))]
  const ofDay = (await joined()
    .where('order_refunds.state', 'done')
    .where('order_refunds.updated_at', '>=', from)
    .where('order_refunds.updated_at', '<', to)) as Joined[]
  const isOfDay = new Set(ofDay.map(({ number }) => number))
  const further = [...named].filter((number) => !isOfDay.has(number))
  const others = (await inParts(further, (numbers) => joined().whereIn('order_refunds.number', numbers))) as Joined[]
  return new Map(
    [...ofDay, ...others].map(({ number, order_number, amount_fen, state }) => [
      number,
      { number, orderNumber: order_number, amountFen: Number(amount_fen), state, isOfDay: isOfDay.has(number) },
    ]),
  )
}

function ofChannel(database: Database, { connector, channel }: DayKey) {
  return database('orders').where({ 'orders.connector': connector, 'orders.channel': channel })
}

function paidOn(database: Database, key: DayKey) {
  return ofChannel(database, key)
    .where('paid_at', '>=', startOf(key.day))
    .where('paid_at', '<', startOf(shift(key.day, 1)))
}

function entryOf(services: ReadonlyMap<string, CompiledService>, row: OrderRow, of: Pick<OwnEntry, 'isOfDay' | 'isOfChannel'>): OwnEntry {
  const { id, number, state, amount_fen: amountFen, transaction_id: transactionId } = row
  const hasLedger = services.get(`${row.connector}.${row.service}`)?.contract.order?.ledger !== undefined
  return { id, number, state, amountFen, transactionId, wasPaid: row.paid_at !== null, hasLedger, ...of }
}

async function inParts<R>(numbers: readonly string[], ask: (numbers: readonly string[]) => PromiseLike<R[]>): Promise<R[]> {
  const found: R[] = []
  for (let at = 0; at < numbers.length; at += A_TIME) found.push(...(await ask(numbers.slice(at, at + A_TIME))))
  return found
}
