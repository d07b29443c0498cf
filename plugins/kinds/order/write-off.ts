import { beijing } from '../../../core/base/time.ts'
import type { Outgoing } from '../../../core/upstream/dialect.ts'
import type { SourceRow } from '../../../core/upstream/envelope.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import type { Upstream } from '../../../core/upstream/upstream.ts'
import { fenOf, yuanOf } from '../../payments/fen.ts'
import type { OrderPolicy } from './policy.ts'
import { type OrderRow, orderContext } from './rows.ts'
import { codeOf, type OrderContext, postpone, type Task, told, toPerson } from './task.ts'

/**
 * Tells the company that a bill was paid, once. What may have arrived is never sent again before the company has said that it has
 * nothing of the number; money that surely was not written off in time goes back or to a person, and what nobody knows to a person.
 */
export async function writeOff(context: OrderContext, task: Task): Promise<number | null> {
  const { rows, pace } = context
  const { row, policy, service } = task
  const wait = context.closedFor(service)
  if (wait > 0) return waitFor(context, row, wait)
  // Whose time ran out while the company was closed is tried once more.
  const over = row.last_error !== CLOSED && rows.now() > Number(row.taken_at ?? row.paid_at) + policy.withinSeconds * 1000
  if (row.sent_at === null) return over ? giveUp(context, task, 'too-late') : send(context, task)

  const found = await ask(context, task).catch((error: unknown) => error as Error)
  if (found instanceof Error)
    return over ? toPerson(context, row, 'unclear', { sent_at: row.sent_at }) : postpone(context, row, { last_error: codeOf(found) })
  if (found !== null) return done(context, task, found)
  // The call may still be under way, in a worker whose lease has run out, and then the company may still be working on it.
  if (rows.now() < row.sent_at + service.contract.timeoutMs + pace.settleMs) return postpone(context, row)
  return (await rows.note(row, { sent_at: null, due_at: rows.now() }))?.due_at ?? null
}

const CLOSED = 'HUB_AGENCY_CLOSED'

/** A closing that was planned is no trouble; it is looked at again before its end, since an administrator may let the company open earlier. */
async function waitFor({ rows, pace }: OrderContext, row: OrderRow, wait: number): Promise<number | null> {
  const due_at = rows.now() + Math.min(wait, pace.maxMs)
  return (await rows.note(row, { last_error: CLOSED, due_at }))?.due_at ?? null
}

async function send(context: OrderContext, task: Task): Promise<number | null> {
  const { rows, pace } = context
  const { row, service } = task
  const sent_at = rows.now()
  // The worst is on the disk before the first byte leaves.
  const held = await rows.note(row, { sent_at }, sent_at + service.contract.timeoutMs + pace.leaseMs)
  if (!held) return null
  try {
    const { rows: answer } = await told(context, held, 'write-off', () => call(context, task, outgoingOf(context, task)))
    return done(context, { ...task, row: held }, answer[0] ?? {})
  } catch (error) {
    const delivery = error instanceof UpstreamError ? error.delivery : 'unknown'
    if (delivery === 'refused') return refused(context, { ...task, row: held })
    const last_error = codeOf(error)
    context.log.warn({ order: row.id, service: service.key, code: last_error }, '销账没有结果，稍后再问')
    return postpone(context, held, { last_error, ...(delivery === 'not-processed' ? { sent_at: null } : {}) })
  }
}

/** A refusal may mean "I have that one already": the company says so when it is asked. */
async function refused(context: OrderContext, task: Task): Promise<number | null> {
  const found = await ask(context, task).catch((error: unknown) => error as Error)
  if (found instanceof Error) return postpone(context, task.row, { last_error: codeOf(found) })
  return found ? done(context, task, found) : giveUp(context, task, 'refused')
}

/** → what the company has of it. An answer about another number or amount is none: the outcome stays unclear. */
export async function ask(context: OrderContext, task: Task): Promise<SourceRow | null> {
  const { writeOff: rule } = task.policy
  const outgoing = { ...outgoingOf(context, task), sid: rule.statusSid, method: 'GET' as const, params: { [rule.serial]: task.row.number } }
  const { own } = await told(context, task.row, 'write-off-status', async () => {
    const { rows, status } = await call(context, task, outgoing)
    const own = rows.find((found) => isOf(task, found)) ?? null
    if (rows.length > 0 && own === null) throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status })
    return { own, status }
  })
  return own
}

/** What a company leaves out it does not contradict; it was asked for this number. */
function isOf({ row, policy: { writeOff: rule } }: Task, found: SourceRow): boolean {
  const serial = found[rule.serial] ?? row.number
  const amount = found[rule.amount]
  if (String(serial) !== row.number) return false
  return amount === undefined || amount === null || (rule.unit === 'fen' ? Number(amount) : fenOf(amount)) === row.amount_fen
}

function call({ upstreams }: OrderContext, { service }: Task, outgoing: Outgoing) {
  const upstream = upstreams.get(service.system) as Upstream
  const asks = outgoing.method === 'GET'
  return upstream.call(outgoing, service.open, {
    deadline: performance.now() + service.contract.timeoutMs,
    retries: asks ? 1 : 0,
    cacheSeconds: 0,
    asks,
  })
}

function outgoingOf({ vault }: OrderContext, { row, policy }: Task): Outgoing {
  const { writeOff: rule } = policy
  const amount = rule.unit === 'fen' ? row.amount_fen : yuanOf(row.amount_fen)
  const optional = (name: string | undefined, value: string | null) => (name === undefined || value === null ? {} : { [name]: value })
  return {
    sid: rule.sid,
    path: rule.path,
    method: 'POST',
    params: {
      ...rule.constants,
      [rule.serial]: row.number,
      [rule.bill]: billNumber(row, policy, vault),
      [rule.amount]: amount,
      ...optional(rule.paidAt, beijing(Number(row.paid_at)).slice(0, 19).replace('T', ' ')),
      ...optional(rule.channel, row.channel),
      ...optional(rule.transaction, row.transaction_id),
    },
    userId: row.user_id,
  }
}

function billNumber({ id, bill_sealed }: OrderRow, { bill }: OrderPolicy, vault: OrderContext['vault']): string {
  const row = JSON.parse(vault.open(bill_sealed, orderContext.bill(id))) as Record<string, unknown>
  return String(row[bill.input])
}

async function done({ rows, vault }: OrderContext, { row, policy }: Task, answer: SourceRow): Promise<number | null> {
  const receipt = receiptIn(policy, answer)
  const receipt_sealed = receipt === null ? null : vault.seal(receipt, orderContext.receipt(row.id))
  const moved = await rows.move(row, 'written-off', 'company', { written_off_at: rows.now(), receipt_sealed, due_at: null })
  return moved?.due_at ?? null
}

/** Longer than any number of a receipt. */
const MAX_RECEIPT = 64

function receiptIn({ writeOff: { receipt } }: OrderPolicy, answer: SourceRow): string | null {
  const value = receipt === undefined ? undefined : answer[receipt]
  const words = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
  return words === '' || words.length > MAX_RECEIPT ? null : words
}

/** It surely was not written off. */
async function giveUp(context: OrderContext, { row, policy }: Task, cause: string): Promise<number | null> {
  if (policy.otherwise === 'staff') return toPerson(context, row, cause)
  const { rows, refunds } = context
  return (await rows.move(row, 'refunding', cause, { due_at: rows.now() }, refunds.want(row, cause)))?.due_at ?? null
}
