import type { Row } from '../../../core/answer/reading.ts'
import type { Fields } from '../../../core/contract/fields.ts'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import type { SubmissionPolicy } from '../../../core/contract/types.ts'
import { type Parts, stateOfParts } from './joint.ts'
import { statesOf } from './states.ts'

type Policy = Pick<SubmissionPolicy<Fields>, 'progress' | 'states' | 'joint'>

/** The state that a mapped row stands for: the first rule of which all named fields match, or null. */
export function stateOf(policy: Policy, row: Readonly<Record<string, unknown>>): SubmissionState | null {
  const rule = policy.progress.find(({ when }) =>
    Object.entries(when).every(([field, values]) => values !== undefined && says(row[field], values)),
  )
  return rule && statesOf(policy).isSayable(rule.state) ? rule.state : null
}

/** Of a joint case its parts say how far it is; how it was ended or halted as a whole the agency says by rule. */
export function stateOfCase(policy: Policy, row: Row, parts: Parts | null): SubmissionState | null {
  const byRule = stateOf(policy, row)
  const byParts = policy.joint && parts ? stateOfParts(policy.joint, parts) : null
  return byParts !== null && (byRule === null || statesOf(policy).walk.includes(byRule)) ? byParts : byRule
}

/** The states that an agency's answer can stand for. */
export function toldStates({ progress, joint }: Policy): ReadonlySet<SubmissionState> {
  const ofCase = joint ? ['reviewing', ...(joint.payable === undefined ? [] : [joint.payable]), 'approved', 'rejected'] : []
  return new Set([...progress.map(({ state }) => state), ...ofCase])
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
 * further along. (An account that stays open is done when the money has arrived.) The order of the rules plays no part.
 */
export function isFinal(state: SubmissionState, policy: Policy): boolean {
  const { isEnd, walk } = statesOf(policy)
  if (isEnd(state)) return true
  const named = toldStates(policy)
  return state === (walk.findLast((step) => named.has(step)) ?? 'submitted')
}
