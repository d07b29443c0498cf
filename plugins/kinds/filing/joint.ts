import type { Row } from '../../../core/answer/reading.ts'
import { textOf } from '../../../core/call/execute.ts'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import { agencyWords } from './agency-words.ts'
import { canMovePart, type PartState, partStates } from './part-states.ts'
import type { JointPart, JointPolicy } from './policy.ts'

/**
 * 一窗受理、并联审批: what the agency says of a case's parts, read against what each needs of the others. Pure: the same
 * answer after the same states, the same states.
 */

export type Parts = ReadonlyMap<string, PartState>

/** A part as whoever filed reads it. */
export interface PartView {
  part: string
  title: string
  state: PartState
  stateName: string
  /** Since when, RFC 3339 in +08:00; null for one that has not begun. */
  since: string | null
  /** Yuan that are or were due. */
  amountDue: number | null
  /** The agency's words. */
  reason: string | null
  /** With what is to be paid: where, and whether one can there by now. */
  payment?: { service: string; notice: string | null }
}

/**
 * The state of every part. Forward only, and none begins before what it needs is done, whatever the agency says; that it
 * refused a part stands at once.
 */
export function partsOf(policy: JointPolicy, progress: Row, before: Parts): Parts {
  const parts = new Map<string, PartState>()
  for (const [name, part] of Object.entries(policy.parts)) {
    const was = before.get(name) ?? 'waiting'
    const isReady = (part.after ?? []).every((needed) => parts.get(needed) === 'done')
    const next = nextOf(policy, part, progress, isReady)
    parts.set(name, next !== null && canMovePart(was, next) ? next : was)
  }
  return parts
}

function nextOf(policy: JointPolicy, part: JointPart, progress: Row, isReady: boolean): PartState | null {
  const told = toldOf(policy, rowOf(policy, progress, part))
  if (told === 'refused') return told
  if (!isReady || told === null) return null
  if (told === 'done' || !part.payment) return told
  // Nothing can be paid before an amount is known.
  return (amountOf(policy, progress, part) ?? 0) > 0 ? 'payable' : told
}

/** What the parts make of the case as a whole; null where the agency tells of none. */
export function stateOfParts(policy: JointPolicy, parts: Parts): SubmissionState | null {
  const states = [...parts.values()]
  if (states.every((state) => state === 'waiting')) return null
  if (states.includes('refused')) return 'rejected'
  if (states.every((state) => state === 'done')) return 'approved'
  return (states.includes('payable') && policy.payable) || 'reviewing'
}

/** Of a case that is over: what has not been done will not be. */
export function endParts(parts: Parts): Parts {
  return new Map([...parts].map(([name, state]) => [name, canMovePart(state, 'ended') ? 'ended' : state]))
}

/** Whether somebody has paid for it: then it is not taken back online. */
export function isPaid({ parts }: JointPolicy, states: Parts): boolean {
  return Object.entries(parts).some(([name, { payment }]) => payment !== undefined && states.get(name) === 'done')
}

/** What is to be paid now, in yuan; null where nothing is. */
export function dueOf(policy: JointPolicy, progress: Row | null): number | null {
  const paying = Object.values(policy.parts).filter(({ payment }) => payment)
  const amounts = paying.flatMap((part) => (progress && amountOf(policy, progress, part)) ?? [])
  return amounts.length === 0 ? null : amounts.reduce((sum, amount) => sum + Math.round(amount * 100), 0) / 100
}

export function viewParts(
  policy: JointPolicy,
  parts: Parts,
  sinceOf: (part: string) => string | null,
  progress: Row | null,
): Omit<PartView, 'payment'>[] {
  const { reason } = policy.columns
  return Object.entries(policy.parts).map(([name, part]) => {
    const state = parts.get(name) ?? 'waiting'
    const row = progress && rowOf(policy, progress, part)
    return {
      part: name,
      title: part.title,
      state,
      stateName: partStates[state].title,
      since: sinceOf(name),
      amountDue: progress && part.payment ? amountOf(policy, progress, part) : null,
      reason: row && reason !== undefined ? agencyWords(row[reason]) : null,
    }
  })
}

function rowOf({ list, columns }: JointPolicy, progress: Row, { code }: Pick<JointPart, 'code'>): Row | null {
  const rows = progress[list]
  return Array.isArray(rows) ? ((rows as Row[]).find((row) => textOf(row[columns.part]) === code) ?? null) : null
}

function toldOf({ columns, states }: JointPolicy, row: Row | null): Exclude<PartState, 'payable' | 'ended'> | null {
  const code = row && textOf(row[columns.state])
  const found = (['waiting', 'open', 'done', 'refused'] as const).find((state) => code !== null && states[state]?.includes(code))
  return found ?? null
}

/** Of the part that finds it, where the payment's own row names none. */
function amountOf(policy: JointPolicy, progress: Row, part: JointPart): number | null {
  const { amount } = policy.columns
  const found = part.payment && policy.parts[part.payment.of]
  for (const each of found ? [part, found] : [part]) {
    const value = amount === undefined ? null : rowOf(policy, progress, each)?.[amount]
    if (value !== null && value !== undefined) return Number(value)
  }
  return null
}
