import type { Fields } from '../../../core/contract/fields.ts'
import { canMove, type SubmissionState, submissionStates } from '../../../core/contract/states.ts'
import type { SubmissionPolicy } from '../../../core/contract/types.ts'

type Policy = Pick<SubmissionPolicy<Fields>, 'progress'>

/** What an agency walks through with a filing, in order. */
const walk: readonly SubmissionState[] = ['submitted', 'reviewing', 'approved', 'arrived', 'closed']

/** What an agency can say of a filing; the states before it are the hub's own business. */
const sayable = new Set<SubmissionState>([...walk, 'rejected', 'refused'])

/** The state that a mapped row stands for: the first rule of which all named fields match, or null. */
export function stateOf({ progress }: Policy, row: Readonly<Record<string, unknown>>): SubmissionState | null {
  const rule = progress.find(({ when }) =>
    Object.entries(when).every(([field, values]) => values !== undefined && says(row[field], values)),
  )
  return rule && sayable.has(rule.state) ? rule.state : null
}

/** A coded value is named by its code or by its name. */
function says(value: unknown, values: readonly string[]): boolean {
  if (value === null || value === undefined) return false
  if (typeof value !== 'object') return values.includes(String(value))
  const { code, name } = value as { code?: unknown; name?: unknown }
  return values.includes(String(code)) || values.includes(String(name))
}

/**
 * Whether nothing can follow: the table says so, or this service's rules name nothing that lies
 * further along. (An account that stays open is done at `arrived`.) The order of the rules plays no part.
 */
export function isFinal(state: SubmissionState, { progress }: Policy): boolean {
  if (submissionStates[state].to.length === 0) return true
  const named = new Set<SubmissionState>(progress.map((rule) => rule.state))
  return state === (walk.findLast((step) => named.has(step)) ?? 'submitted')
}

/** The shortest legal way between two states (without its start), `[]` for none to go, null where there is no way. */
export function pathTo(from: SubmissionState, to: SubmissionState): SubmissionState[] | null {
  if (from === to) return []
  if (canMove(from, to)) return [to]
  const via = walk.find((step) => canMove(from, step) && canMove(step, to))
  return via ? [via, to] : null
}
