import { birthdayOf } from '../../../core/base/checksums.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { isRequired } from '../../../core/contract/inputs.ts'
import type { KindSubject } from '../../declarations/kind-rules.ts'
import { IDENTITY_CARD } from '../../store/identity-hash.ts'
import type { AgeRule } from './policy.ts'

/** Throws HUB_FILING_UNFIT, in the rule's words, for an applicant whom a rule that applies shuts out. */
export function assertAge(rules: readonly AgeRule[], { person }: Asker, input: Readonly<Record<string, unknown>>, now = Date.now()): void {
  // What other papers say of a birthday the agency looks at itself.
  if (person?.idType !== IDENTITY_CARD) return
  const isReached = (years: number) => now >= birthdayOf(person.idNumber, years)
  for (const { when = {}, from, below, words } of rules) {
    const applies = isRequired({ required: false, requiredWhen: when }, input)
    if (applies && ((from !== undefined && !isReached(from)) || (below !== undefined && isReached(below))))
      throw new HubError('HUB_FILING_UNFIT', { detail: words })
  }
}

const OLDEST = 150

export function checkAges({ contract: { submission, inputs, identity, audience }, report }: KindSubject): void {
  const at = '.submission.ages'
  for (const { when = {}, from = 0, below = OLDEST, words } of submission?.ages ?? []) {
    if (words === '') report('a rule needs words for whom it shuts out', at)
    if (!(Number.isInteger(from) && Number.isInteger(below) && from >= 0 && from < below && below <= OLDEST))
      report(`from and below are whole years up to ${OLDEST}, from the lower`, at)
    if (from === 0 && below === OLDEST) report('a rule shuts out nobody', at)
    for (const [name, codes] of Object.entries(when)) {
      const { values = {} } = inputs[name]?.notes.list ?? {}
      const unknown = codes.filter((code) => !Object.hasOwn(values, code))
      if (unknown.length > 0 || codes.length === 0) report(`${name} is no choice with ${unknown.join(', ')}`, at)
    }
  }
  if (submission?.ages && (audience !== 'person' || ['none', 'login'].includes(identity)))
    report('an age is that of somebody who is known by name', at)
}
