import { createHash } from 'node:crypto'
import type { CompiledService } from '../../../core/call/service.ts'
import type { VerifiedFact } from '../../../core/contract/inputs.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import { factsOf } from './facts.ts'

/** What one jump tells whom. */
export interface HandOver {
  facts: readonly VerifiedFact[]
  /** Names it: with another agency, another of its systems, a fact more or fewer it is another one, and asked about anew. */
  key: string
}

export function handOverOf(service: CompiledService, asEnterprise: boolean): HandOver {
  const { connector, contract, system } = service
  const facts = factsOf(service, asEnterprise)
  const named = JSON.stringify([system, agencyOf(connector, contract), facts])
  return { facts, key: createHash('sha256').update(named).digest('base64url') }
}
