import type { Row } from '../../../core/answer/reading.ts'
import { beijing } from '../../../core/base/time.ts'
import type { Fields } from '../../../core/contract/fields.ts'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import type { SubmissionPolicy } from '../../../core/contract/types.ts'
import { agencyWords } from './agency-words.ts'
import { dueOf } from './joint.ts'

/** What an agency says of a filing beside its state: what is missing, why its term stands still, why it refused. */
export type LifePolicy = Pick<SubmissionPolicy<Fields>, 'supplement' | 'suspension' | 'refusal' | 'joint'>

type Progress = Row | null

/** What comes next, while the agency waits for the applicant or its term stands still. */
export interface NextStep {
  kind: 'supplement' | 'suspension' | 'payment'
  /** RFC 3339 in +08:00; null where the agency says none. */
  until: string | null
  items: { name: string; reason: string | null }[]
  reason: string | null
}

const MOST_ITEMS = 50

/** Whether a service's filings may wait for their applicant, or stand still. */
export function hasSteps({ supplement, suspension, joint }: LifePolicy): boolean {
  return supplement !== undefined || suspension !== undefined || joint !== undefined
}

export function nextStepOf({ supplement, suspension, joint }: LifePolicy, state: SubmissionState, progress: Progress): NextStep | null {
  if (supplement?.when.includes(state)) {
    const items = itemsOf(progress?.[supplement.items])
    return { kind: 'supplement', until: endOf(progress?.[supplement.until]), items, reason: null }
  }
  if (joint?.payable === state) {
    const due = dueOf(joint, progress)
    return { kind: 'payment', until: null, items: [], reason: due === null ? null : `请缴纳税费 ${due.toFixed(2)} 元` }
  }
  if (suspension?.state !== state) return null
  const until = suspension.until === undefined ? null : endOf(progress?.[suspension.until])
  return { kind: 'suspension', until, items: [], reason: agencyWords(progress?.[suspension.reason]) }
}

/** Why the agency refused: what it said when it refused to take it in, or what its row says of one that it turned down. */
export function refusalOf({ refusal }: LifePolicy, state: SubmissionState, progress: Progress, said: string | null): string | null {
  if (state !== 'rejected' && state !== 'refused') return null
  return said ?? (refusal === undefined ? null : agencyWords(progress?.[refusal]))
}

/** Whether a term that an agency set is over. */
export function isOver(until: string | null, now: number): boolean {
  return until !== null && now > Date.parse(until)
}

function itemsOf(value: unknown): NextStep['items'] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MOST_ITEMS).flatMap((item: Readonly<Record<string, unknown>> | null) => {
    const name = agencyWords(item?.['name'])
    return name === null ? [] : [{ name, reason: agencyWords(item?.['reason']) }]
  })
}

/** A day lasts to its end, in Beijing. */
function endOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  if (value.includes('T')) return value
  return beijing(Date.parse(`${value}T23:59:59+08:00`))
}
