import type { Fields } from './fields.ts'

/**
 * What staff compare of somebody's records, event by event: what was due, what came in, what is left (管理端实收/应收对比). Only
 * services that declare it are open to them, and of those only what it names.
 */
export interface Comparison<F = Fields> {
  /** Chinese words for staff. */
  title: string
  /** Fields by which an event is known and followed up; no masked ones. */
  events: readonly (keyof F & string)[]
  /** Each amount that was due, and the field that says what of it came in. */
  pairs: readonly { due: keyof F & string; received: keyof F & string }[]
  /** What the agency says is left: compared with what the pairs make of it. */
  remaining: keyof F & string
}
