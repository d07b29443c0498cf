import type { CompiledService } from '../core/call/service.ts'
import type { Answered } from './bench.ts'

/** One thing that the contract asks of a service. */
export interface Demand {
  service: CompiledService
  /** Word for word. */
  words: string
  /** The service's answer, where it is one that is asked and somebody got one. */
  answered: Answered | null
}

/** What is missing, as the end of a sentence; null where nothing is. */
export type Lack = string | null
