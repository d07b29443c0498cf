import type { ChoiceSource, Inputs } from './inputs.ts'

/** An input whose choices the agency knows. */
export interface OfferedChoice {
  readonly input: string
  readonly source: ChoiceSource
}

export function choicesOf(inputs: Inputs): OfferedChoice[] {
  return Object.entries(inputs).flatMap(([input, { notes }]) => {
    const source = notes.from ?? notes.item?.from
    return source ? [{ input, source }] : []
  })
}
