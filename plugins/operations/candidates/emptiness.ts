import type { Row } from '../../../core/answer/reading.ts'

/** Different callers of one service whom a version answered, and those of them who got anything at all. */
export interface Received {
  callers: number
  found: number
}

/** From how many callers of each version on it is judged, and how likely, at most, chance alone makes the difference. */
interface Least {
  leastAnswered: number
  chance: number
}

/** By how much more of its callers may go away with nothing than of the running version's. */
const MARGIN = 0.1

/** Whether an answer has nothing in it, be it no row or rows without a value. */
export function isEmpty(rows: readonly Row[]): boolean {
  return rows.every((row) => Object.values(row).every((value) => value === null || (Array.isArray(value) && value.length === 0)))
}

/**
 * Whether more of the candidate's callers get nothing than of the running version's, by more than chance puts there: who is whose follows
 * from nothing that has to do with his records. It is callers that count, so that one who asks a thousand times is one.
 */
export function isEmptier(running: Received, candidate: Received, { leastAnswered, chance }: Least): boolean {
  if (Math.min(running.callers, candidate.callers) < leastAnswered) return false
  if (nothingOf(candidate) - nothingOf(running) <= MARGIN) return false
  return chanceOf(running, candidate) < chance
}

/** The share of callers who got nothing. */
export const nothingOf = ({ callers, found }: Received): number => (callers === 0 ? 0 : without({ callers, found }) / callers)

/** Estimates of more and of less may cross. */
const without = ({ callers, found }: Received) => Math.max(0, callers - found)

/** How likely so many of those who got nothing, or more, are the candidate's if it makes no difference (Fisher's exact test). */
function chanceOf(running: Received, candidate: Received): number {
  const [ours, theirs] = [running.callers, candidate.callers]
  const nothing = without(running) + without(candidate)
  const most = Math.min(theirs, nothing)
  let drawn = without(candidate)
  let likely = Math.exp(lnChoose(theirs, drawn) + lnChoose(ours, nothing - drawn) - lnChoose(ours + theirs, nothing))
  let sum = likely
  for (; drawn < most; drawn++) {
    likely *= ((theirs - drawn) * (nothing - drawn)) / ((drawn + 1) * (ours - nothing + drawn + 1))
    sum += likely
  }
  return sum
}

/** ln of how many ways there are to choose so many of n. */
function lnChoose(n: number, chosen: number): number {
  let sum = 0
  for (let each = 1; each <= chosen; each++) sum += Math.log((n - chosen + each) / each)
  return sum
}
