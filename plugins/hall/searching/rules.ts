/** By what services are found, and which of them. */
export interface Rules {
  /** How much each counts: the name, what the service is about, its sound. 0: not searched. */
  name: number
  place: number
  sound: number
  /** Connectors whose services nobody finds. */
  excluded: readonly string[]
  /** Services that count for more, or less, than their words do. */
  boosts: readonly { service: string; factor: number }[]
}

export const FIRST_RULES: Rules = { name: 3, place: 1, sound: 2, excluded: [], boosts: [] }

export interface HotWord {
  id: string
  word: string
  weight: number
}

/** What administrators have said, at one moment. */
export interface Searching {
  rules: Rules
  /** 0 where nobody said anything yet. */
  revision: number
  /** The heavier first. */
  hotWords: readonly HotWord[]
}
