import { setTimeout as sleep } from 'node:timers/promises'
import { HubError } from '../../../core/base/errors.ts'
import type { ChannelId, Invocation, Way } from '../../payments/channel.ts'
import type { Bill } from './bill.ts'
import type { OrderChanges, OrderRow, OrderRows } from './rows.ts'
import type { OrderState } from './states.ts'
import type { OrderContext } from './task.ts'

/** Tries, and milliseconds between them, for an order that a step holds. */
const PATIENCE = 40
const PAUSE_MS = 50

/** How the citizen wants to pay. */
export interface Choice {
  channel: ChannelId
  way: Way
  payerId?: string | undefined
  clientIp: string
}

/** What people do with orders; what then happens by itself is the step's. */
export interface Orders {
  rows: OrderRows
  /**
   * Hands an order to a channel. `bill` asks for it once more: what has changed since is not paid. Throws HUB_ORDER_STATE,
   * HUB_ORDER_BILL, HUB_PAYMENT_CHANNEL.
   */
  pay(row: OrderRow, choice: Choice, bill: () => Promise<Bill>, description: string): Promise<Invocation>
  /** Gives an order up that nobody has paid. Throws HUB_ORDER_STATE. */
  close(row: OrderRow): Promise<OrderRow>
}

export interface OrdersOptions {
  context: OrderContext
  wake(id: string, dueAt: number): void
  returnUrl(row: OrderRow): string
}

export function createOrders({ context, wake, returnUrl }: OrdersOptions): Orders {
  const { rows, pace } = context

  /** Moves an order that a step may be looking at just now: that lets it go within a moment, or has moved it itself. */
  async function move(row: OrderRow, to: OrderState, cause: string, changes: OrderChanges): Promise<OrderRow> {
    for (let seen = row, left = PATIENCE; ; left--) {
      const moved = await rows.move(seen, to, cause, changes)
      if (moved) {
        if (moved.due_at !== null) wake(moved.id, moved.due_at)
        return moved
      }
      const now = left > 0 ? await rows.byNumber(row.number) : null
      if (now?.state !== row.state) throw new HubError('HUB_ORDER_STATE')
      seen = now
      await sleep(PAUSE_MS)
    }
  }

  return {
    rows,
    async pay(row, { channel: id, way, payerId, clientIp }, askBill, description) {
      if (row.state !== 'created' && row.state !== 'paying') throw new HubError('HUB_ORDER_STATE')
      if (rows.now() >= row.expires_at) throw new HubError('HUB_ORDER_STATE', { detail: '订单已超过支付时间，请重新下单。' })
      // With two channels at once a bill could be paid twice.
      if (row.channel !== null && row.channel !== id)
        throw new HubError('HUB_ORDER_STATE', { detail: '这个订单已选了另一种支付方式，请先关闭它。' })
      const channel = context.channelOf(row.connector, id)
      if (!channel.ways.includes(way)) throw new HubError('HUB_PAYMENT_CHANNEL')
      if (id === 'wechat' && (way === 'jsapi' || way === 'mini-program') && !payerId)
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/payerId', detail: '微信内支付须给出支付者的编号' }] })
      const bill = await askBill().catch((error: unknown) => error as Error)
      const isSame = !(bill instanceof Error) && bill.version === row.bill_version && bill.amountFen === row.amount_fen
      if (bill instanceof Error && !(bill instanceof HubError && ['HUB_ORDER_BILL', 'HUB_NO_RECORD'].includes(bill.code))) throw bill
      if (!isSame) {
        await giveUp(row, 'bill-changed')
        throw new HubError('HUB_ORDER_BILL')
      }
      const dueAt = rows.now() + pace.baseMs
      // Before the channel knows of it: from its first moment on somebody looks whether it was paid.
      const held = row.state === 'created' ? await move(row, 'paying', 'citizen', { channel: id, due_at: dueAt }) : row
      return channel.prepay({
        number: held.number,
        description,
        amountFen: held.amount_fen,
        expiresAt: held.expires_at,
        noticeUrl: context.noticeUrl(held.connector, id),
        returnUrl: returnUrl(held),
        way,
        payerId,
        clientIp,
      })
    },
    close: (row) => giveUp(row, 'citizen'),
  }

  async function giveUp(row: OrderRow, cause: string): Promise<OrderRow> {
    if (row.state === 'created') return move(row, 'closed', cause, { due_at: null })
    if (row.state !== 'paying' || row.channel === null) throw new HubError('HUB_ORDER_STATE')
    // What has just been paid cannot be closed: the channel says no, and the step finds the payment.
    try {
      await context.channelOf(row.connector, row.channel).close(row.number)
    } catch (error) {
      wake(row.id, rows.now())
      throw error instanceof HubError && error.code === 'HUB_UPSTREAM_REFUSED' ? new HubError('HUB_ORDER_STATE', {}, error) : error
    }
    return move(row, 'closed', cause, { due_at: row.expires_at + pace.closeMs })
  }
}
