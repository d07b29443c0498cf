import { HubError } from '../../../core/base/errors.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import type { Channel, ChannelPayment } from '../../payments/channel.ts'
import type { OrderRow } from './rows.ts'
import { codeOf, type Found, type OrderContext, postpone, type Task, told, toPerson } from './task.ts'
import { ask, writeOff } from './write-off.ts'

const CURRENCY = 'CNY'
/** Times that a company is asked for a write-off of which nobody knows, before the money that two people gave back goes without it. */
const ASKS = 6

/**
 * One step in the life of an order: claims it, does what its state asks for, lets it go. A step may die anywhere; whoever claims the
 * order next finds in the row what to do (docs/payments.md). → when the order is due again (epoch milliseconds), or null.
 */
export function createStep(context: OrderContext): (id: string) => Promise<number | null> {
  const { rows, services, pace, log } = context
  return async function step(id) {
    const row = await rows.claim(id, pace.leaseMs)
    if (!row) return null
    const service = services.get(`${row.connector}.${row.service}`)
    const policy = service?.contract.order
    const task: Found = service && policy ? { row, service, policy } : { row }
    try {
      if (row.state === 'created') return moved(await rows.move(row, 'closed', 'expired', { due_at: null }))
      if (row.state === 'paying') return await followPayment(context, task)
      if (row.state === 'paid')
        return await (isWhole(task) ? writeOff(context, task) : toPerson(context, row, 'service-gone', { sent_at: row.sent_at }))
      if (row.state === 'closed' && row.channel !== null) return await lookAgain(context, task)
      if (row.state === 'refunding') return await giveBack(context, task)
      return moved(await rows.note(row, { due_at: null }))
    } catch (error) {
      if (!(error instanceof HubError)) log.error({ order: row.id, error: (error as Error).name }, '订单处理中断，稍后继续')
      return postpone(context, row, { last_error: codeOf(error) })
    }
  }
}

function moved(row: { due_at: number | null } | null): number | null {
  return row?.due_at ?? null
}

function isWhole(task: Found): task is Task {
  return task.service !== undefined && task.policy !== undefined
}

function channelOf(context: OrderContext, { row }: Found): Channel {
  if (row.channel === null) throw new Error('an order under way has a channel')
  return context.channelOf(row.connector, row.channel)
}

/** Asks the channel. Only its answer moves the order: a notice made this happen sooner, and nothing else. */
async function followPayment(context: OrderContext, task: Found): Promise<number | null> {
  const { rows, pace } = context
  const { row } = task
  const channel = channelOf(context, task)
  const payment = await told(context, row, 'payment', () => channel.query(row.number))
  if (payment.state === 'paid' || payment.state === 'refunded') return takePayment(context, task, channel, payment)
  if (payment.state !== 'closed' && rows.now() < row.expires_at + pace.closeMs) return postpone(context, row)
  // Who pays at this very moment makes the closing fail, and is found by the next look.
  if (payment.state !== 'closed') await channel.close(row.number)
  return moved(await rows.move(row, 'closed', 'expired', { due_at: null }))
}

/** A channel that had not heard of an order when it was closed may hear of it as long as it can be paid. */
async function lookAgain(context: OrderContext, task: Found): Promise<number | null> {
  const { rows, refunds, pace } = context
  const { row } = task
  const channel = channelOf(context, task)
  const payment = await told(context, row, 'payment', () => channel.query(row.number))
  if (payment.state === 'paid') {
    const found = { transaction_id: payment.transactionId, paid_at: payment.paidAt ?? rows.now(), due_at: rows.now() }
    const differences = differencesOf(row, channel, payment)
    if (differences.length > 0) return toPerson(context, row, `differs: ${differences.join(', ')}`, found)
    return moved(await rows.move(row, 'refunding', 'paid-when-closed', found, refunds.want(row, 'paid-when-closed')))
  }
  const last = row.expires_at + pace.closeMs
  if (rows.now() < last) return moved(await rows.note(row, { due_at: last }))
  await channel.close(row.number)
  return moved(await rows.note(row, { due_at: null }))
}

/** What came is compared with what was asked for, all of it, before it counts. */
async function takePayment(context: OrderContext, { row }: Found, channel: Channel, payment: ChannelPayment): Promise<number | null> {
  const { rows } = context
  const found = { transaction_id: payment.transactionId, paid_at: payment.paidAt ?? rows.now() }
  const differences = differencesOf(row, channel, payment)
  if (differences.length > 0) return toPerson(context, row, `differs: ${differences.join(', ')}`, found)
  return moved(await rows.move(row, 'paid', channel.id, { ...found, due_at: rows.now() }))
}

function differencesOf(row: OrderRow, channel: Channel, payment: ChannelPayment): string[] {
  return [
    payment.state === 'refunded' && 'refunded',
    payment.amountFen !== row.amount_fen && 'amount',
    payment.currency !== CURRENCY && 'currency',
    payment.merchant !== null && payment.merchant !== channel.merchant && 'merchant',
    payment.application !== null && payment.application !== channel.application && 'application',
  ].filter((difference) => difference !== false)
}

/** Gives all of it back, under one number: however often it is asked for, it goes back once. */
async function giveBack(context: OrderContext, task: Found): Promise<number | null> {
  const { rows, refunds } = context
  const { row } = task
  const channel = channelOf(context, task)
  const refund = await refunds.of(row)
  if (!refund) throw new Error('an order that goes back has a refund')
  // Two people gave back what may have been written off: the company has the last word, where it can be asked.
  if (row.sent_at !== null && refund.state === 'wanted' && isWhole(task)) {
    const found = await ask(context, task).catch((error: unknown) => error as Error)
    if (found !== null && !(found instanceof Error))
      return toPerson(context, row, 'written-off-after-all', {}, refunds.marking(refund, 'failed'))
    if (found instanceof Error && row.failures < ASKS) return postpone(context, row, { last_error: codeOf(found) })
  }
  const { number, amount_fen: amountFen, state } = refund
  const known =
    state === 'asked' ? await told(context, row, 'refund', () => channel.queryRefund({ number, orderNumber: row.number })) : null
  if (!known || known.state === 'absent') {
    // On the disk before it leaves: who comes next asks first.
    await refunds.mark(refund, 'asked')
    const noticeUrl = context.noticeUrl(row.connector, channel.id)
    const asked = { number, orderNumber: row.number, amountFen, totalFen: row.amount_fen, reason: '未能销账，原路退回', noticeUrl }
    try {
      return await conclude(await told(context, row, 'refund', () => channel.refund(asked)))
    } catch (error) {
      if (error instanceof UpstreamError && error.delivery === 'refused') return fail()
      throw error
    }
  }
  return conclude(known)

  async function conclude({ state: outcome, amountFen: gone }: { state: string; amountFen: number | null }): Promise<number | null> {
    if (outcome === 'done' && (gone === null || gone === amountFen))
      return moved(
        await rows.move(row, 'refunded', channel.id, { due_at: null }, refunds.marking(refund as NonNullable<typeof refund>, 'done')),
      )
    if (outcome === 'processing') return postpone(context, row)
    return fail()
  }

  async function fail(): Promise<number | null> {
    return toPerson(context, row, 'refund-failed', {}, refunds.marking(refund as NonNullable<typeof refund>, 'failed'))
  }
}
