import { foldKey as fold } from '../../core/base/keys.ts'
import type { FieldNotes, Fields } from '../../core/contract/fields.ts'
import type { VerifiedFact } from '../../core/contract/inputs.ts'
import { rowsOf, systemOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../core/contract/types.ts'
import { kindOf } from '../kinds/index.ts'
import type { SandboxService } from '../kinds/simulation.ts'

/** sid → the services it stands for: one, or several that share a status query. */
export type ServiceIndex = ReadonlyMap<string, readonly SandboxService[]>

/** A service's configured id at the agency, where there is one. */
export type SidOf = (connectorId: string, serviceId: string) => string | undefined

export function indexServices(connectors: readonly ConnectorDeclaration[], sidOf: SidOf = () => undefined): ServiceIndex {
  const index = new Map<string, SandboxService[]>()
  const add = (sid: string, service: SandboxService) => {
    const others = index.get(sid)
    if (!others) index.set(sid, [service])
    else if (!others.includes(service)) others.push(service)
  }
  for (const connector of connectors) {
    for (const { contract } of connector.services) {
      const service = describe(connector, contract, sidOf(connector.id, contract.id))
      add(service.sid, service)
      for (const sid of [...(kindOf(contract).sids?.(contract) ?? []), ...(contract.files ? [contract.files.sid] : [])]) add(sid, service)
    }
  }
  return index
}

function describe(connector: ConnectorDeclaration, contract: ServiceContract, sid: string | undefined): SandboxService {
  const upstream = systemOf(connector, contract)
  const audiences = contract.agents ? (['person', 'enterprise'] as const) : contract.audience === 'public' ? [] : [contract.audience]
  const subject = new Map<string, readonly [parameter: string, fact: VerifiedFact]>()
  // One parameter may name the person in one call and the enterprise in another.
  const note = (parameter: string, fact: VerifiedFact) =>
    subject.set(contract.agents ? `${parameter} ${fact.split('.', 1)[0]}` : parameter, [parameter, fact])
  for (const audience of audiences) for (const [parameter, fact] of Object.entries(upstream.subject[audience] ?? {})) note(parameter, fact)
  for (const [name, { notes }] of Object.entries(contract.inputs)) if (notes.fact) note(notes.codes[0] ?? name, notes.fact)
  for (const value of Object.values(contract.upstream?.headers ?? {})) {
    if (typeof value === 'object' && 'fact' in value) note(value.fact, value.fact)
  }
  return {
    sid: sid ?? contract.upstream?.sid ?? `${connector.id}.${contract.id}`,
    connector,
    contract,
    envelope: { ...upstream.envelope, ...contract.upstream?.envelope },
    subject: [...subject.values()],
    one: rowsOf(contract) === 'one',
  }
}

/** What a row holds for a declared field, under any of its keys, in any case. */
export function valueIn(row: Readonly<Record<string, unknown>>, name: string, { codes }: FieldNotes): unknown {
  for (const key of [...codes, name]) if (row[key] !== undefined) return row[key]
  const folded = new Set([...codes, name].map(fold))
  return Object.entries(row).find(([key]) => folded.has(fold(key)))?.[1]
}

/** The declared field that an upstream key belongs to. */
export function fieldOf(fields: Fields, key: string): { name: string; notes: FieldNotes } | undefined {
  const folded = fold(key)
  for (const [name, { notes }] of Object.entries(fields)) {
    if ([...notes.codes, name].some((candidate) => fold(candidate) === folded)) return { name, notes }
  }
  return undefined
}
