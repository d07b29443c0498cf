import { beijing } from '../../../core/base/time.ts'
import type { Fields } from '../../../core/contract/fields.ts'
import type { SubmissionState } from '../../../core/contract/states.ts'
import type { SubmissionPolicy } from '../../../core/contract/types.ts'

/** What an agency says of a filing beside its state: what is missing, why its term stands still, why it refused. */
export type LifePolicy = Pick<SubmissionPolicy<Fields>, 'supplement' | 'suspension' | 'refusal'>

type Progress = Readonly<Record<string, unknown>> | null

/** What comes next, while the agency waits for the applicant or its term stands still. */
export interface NextStep {
  kind: 'supplement' | 'suspension'
  /** RFC 3339 in +08:00; null where the agency says none. */
  until: string | null
  items: { name: string; reason: string | null }[]
  reason: string | null
}

/** Characters of an agency's words that are handed on. */
const LONGEST = 500
const MOST_ITEMS = 50

/**
 * An agency's own words for the applicant: bounded, without control characters, and with numbers of seven digits and
 * more (identity numbers, telephones, accounts) masked, for they go into lists and messages too. Null for none.
 */
export function agencyWords(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value.replace(/\p{Cc}+/gu, ' ').trim()
  if (text === '') return null
  const shown = [...text].slice(0, LONGEST).join('')
  return shown.replace(/\d{7,}[Xx]?/g, (digits) => `${digits.slice(0, 3)}${'*'.repeat(digits.length - 5)}${digits.slice(-2)}`)
}

export function nextStepOf({ supplement, suspension }: LifePolicy, state: SubmissionState, progress: Progress): NextStep | null {
  if (supplement?.when.includes(state)) {
    const items = itemsOf(progress?.[supplement.items])
    return { kind: 'supplement', until: endOf(progress?.[supplement.until]), items, reason: null }
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
