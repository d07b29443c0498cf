import type { CompiledService } from '../../core/call/service.ts'
import { type Asker, NOBODY } from '../../core/contract/asker.ts'
import { systemOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../core/contract/types.ts'
import type { Question } from '../../core/upstream/upstream.ts'
import { kindOf } from '../kinds/index.ts'

/**
 * What the hub asks a service to see whether it works: about nobody, or about the declared test subject. Null where the
 * declaration knows no such question: what the service does with it would be a filing, or a guess.
 */
export function questionOf(service: CompiledService): Question | null {
  const { connector, contract, turn, open } = service
  const { health } = connector
  const inputs = health.service === contract.id ? (health.inputs ?? {}) : {}
  const asker = askerOf(contract, health.subject)
  // Nobody's token says who it is about.
  const wantsToken = systemOf(connector, contract).dialect.name === 'oauth2-user'
  if (!asker || service.needsAccount || wantsToken || !canAsk(contract, inputs)) return null
  const outgoing = service.outgoing(inputs, asker)
  const rows = contract.upstream?.paging?.rows ?? 0
  return { outgoing: turn ? turn(outgoing, { index: 0, rows }) : outgoing, open }
}

function canAsk(contract: ServiceContract, inputs: Readonly<Record<string, unknown>>): boolean {
  const isMissing = (name: string) => inputs[name] === undefined
  const lacks =
    Object.entries(contract.inputs).some(([name, { notes }]) => notes.required && !notes.fact && isMissing(name)) ||
    contract.anyOf?.every(isMissing)
  return kindOf(contract).asks && contract.upstream?.async === undefined && !lacks
}

function askerOf({ identity, audience }: ServiceContract, subject: ConnectorDeclaration['health']['subject']): Asker | null {
  if (identity === 'none' || audience === 'public') return NOBODY
  if (!subject) return null
  const { name, number } = subject
  if (audience === 'enterprise') return { person: null, enterprise: { id: '', name, uscc: number } }
  return { person: { id: '', name, idType: '居民身份证', idNumber: number }, enterprise: null }
}
