import type { Bench } from './bench.ts'
import type { Paper } from './paper.ts'

export const tiers = ['bronze', 'silver', 'gold'] as const
export type Tier = (typeof tiers)[number]

/** What a check found: the reasons for failing (none: passed), or why it doesn't apply. */
export type Finding = readonly string[] | { skip: string }

/** One promise of a connector, tried through a running hub. */
export interface Check {
  id: string
  title: string
  tier: Tier
  run(bench: Bench): Finding | Promise<Finding>
}

/** One that the declaration and its documents answer by themselves, even where the hub refuses to start. */
export interface PaperCheck {
  id: string
  title: string
  tier: Tier
  read(subject: Paper): Finding
}
