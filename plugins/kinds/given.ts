import { isIdNumber } from '../../core/base/checksums.ts'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import type { Inputs } from '../../core/contract/inputs.ts'
import { type Agencies, assertChoices } from './choices.ts'

const DAY_MS = 86_400_000

/**
 * Whether what was given for something to be done can be had now: days that are still to come, papers with a number that can be, and
 * what the agency offers.
 * A repeated request is not asked this again. Throws HUB_VALIDATION.
 */
export async function assertGiven(
  service: CompiledService,
  input: Readonly<Record<string, unknown>>,
  asker: Asker,
  agencies: Agencies,
): Promise<void> {
  assertDays(service.contract.inputs, input)
  assertPapers(service.contract.inputs, input)
  await assertChoices(service, input, asker, agencies, 'body')
}

function assertDays(inputs: Inputs, input: Readonly<Record<string, unknown>>): void {
  const now = Date.now()
  const dayAfter = (days: number) => beijing(now + days * DAY_MS).slice(0, 10)
  const errors = Object.entries(inputs).flatMap(([name, { notes }]) => {
    const { ahead } = notes
    const day = input[name]
    if (!ahead || typeof day !== 'string') return []
    const [first, last] = [dayAfter(ahead.from), dayAfter(ahead.to)]
    return day >= first && day <= last ? [] : [{ pointer: `/body/${name}`, detail: `须在 ${first} 至 ${last} 之间` }]
  })
  if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
}

/** The number of somebody's id card is looked at as closely as the asker's own. */
function assertPapers(inputs: Inputs, input: Readonly<Record<string, unknown>>): void {
  const errors = Object.entries(inputs).flatMap(([name, { notes }]) => {
    const { paper } = notes
    const number = input[name]
    if (!paper || typeof number !== 'string' || !paper.cards.includes(String(input[paper.kind])) || isIdNumber(number)) return []
    return [{ pointer: `/body/${name}`, detail: '身份证号有误，请核对' }]
  })
  if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
}
